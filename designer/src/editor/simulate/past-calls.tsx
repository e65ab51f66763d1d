import { type ReplayedCall, routes } from '@callwright/api-contract';
import { Alert, Anchor, Badge, Button, Group, Select, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { ApiFailure, call } from '../../api/client.ts';
import type { Autosave } from '../autosave.ts';
import { useWording } from '../canvas/words.ts';
import { NO_PAINT, type Paint, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { nodeOf, wireKey } from '../model/draft.ts';

type Replayed = z.infer<typeof ReplayedCall>;
type Step = NonNullable<Replayed['before']>['path'][number];

const DAY_MS = 86_400_000;
const PERIODS = [1, 7, 30];
/** Calls of one request: an answer comes within a second or two. */
const AT_ONCE = 50;
/** Calls looked at by one click. */
const MOST = 1000;

interface Progress {
  readonly calls: readonly Replayed[];
  readonly more: boolean;
}

/** Takes calls that are over through the draft and lists the callers who would go elsewhere now. */
export function PastCalls({ autosave }: { readonly autosave: () => Autosave | null }) {
  const { t } = useTranslation('editor');
  const flowId = useEditor((state) => state.flowId);
  const [days, setDays] = useState(1);
  const [progress, setProgress] = useState<Progress | null>(null);
  const replay = useMutation({
    mutationFn: async () => {
      setProgress(null);
      // what is replayed is the stored draft
      const version = await autosave()?.flush();
      if (version === null || version === undefined) throw new ApiFailure('offline', null);
      const [to, from] = [new Date(), new Date(Date.now() - days * DAY_MS)].map((at) => at.toISOString());
      const calls: Replayed[] = [];
      let cursor: string | undefined;
      do {
        const body = {
          against: 'draft' as const,
          from,
          to,
          limit: AT_ONCE,
          ...(cursor === undefined ? {} : { cursor }),
        };
        const page = await call(routes.replayFlow, { params: { id: flowId }, body });
        calls.push(...page.items);
        cursor = page.next ?? undefined;
        setProgress({ calls: [...calls], more: cursor !== undefined });
      } while (cursor !== undefined && calls.length < MOST);
    },
  });
  return (
    <section aria-label={t('past.title')}>
      <Title order={2} size="h5" mb={4}>
        {t('past.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('past.hint')}
      </Text>
      <Group align="end" gap="xs">
        <Select
          label={t('past.period')}
          allowDeselect={false}
          w={150}
          data={PERIODS.map((count) => ({ value: String(count), label: t('past.days', { count }) }))}
          value={String(days)}
          onChange={(value) => setDays(Number(value ?? 1))}
        />
        <Button size="xs" loading={replay.isPending} onClick={() => replay.mutate()}>
          {t('past.replay')}
        </Button>
      </Group>
      {replay.isError ? (
        <Alert mt="xs" color="red" role="alert">
          {replay.error instanceof ApiFailure
            ? t(`failures.${replay.error.code}`, { defaultValue: replay.error.message })
            : t('failures.offline')}
        </Alert>
      ) : null}
      {progress ? <Outcome {...progress} pending={replay.isPending} /> : null}
    </section>
  );
}

function Outcome({ calls, more, pending }: Progress & { readonly pending: boolean }) {
  const { t } = useTranslation('editor');
  const [open, setOpen] = useState<string | null>(null);
  const count = (...verdicts: Replayed['verdict'][]) => calls.filter((one) => verdicts.includes(one.verdict)).length;
  const shown = calls.filter(({ verdict }) => verdict === 'elsewhere' || verdict === 'other-way');
  usePaintOf(calls.find((one) => one.call.id === open) ?? null);
  return (
    <Stack gap="xs" mt="md">
      <Text size="sm" role="status">
        {t('past.summary', {
          count: calls.length,
          elsewhere: count('elsewhere'),
          otherWay: count('other-way'),
          unknown: count('unknown', 'unreadable'),
        })}
        {more && !pending ? ` ${t('past.more')}` : ''}
      </Text>
      {shown.map((one) => (
        <PastCall
          key={one.call.id}
          replayed={one}
          open={open === one.call.id}
          onOpen={() => setOpen(open === one.call.id ? null : one.call.id)}
        />
      ))}
    </Stack>
  );
}

interface PastCallProps {
  readonly replayed: Replayed;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function PastCall({ replayed, open, onOpen }: PastCallProps) {
  const { t, i18n } = useTranslation('editor');
  const draft = useDraft();
  const wording = useWording();
  const { call: past, verdict, divergence } = replayed;
  const stepText = (step: Step | null) => {
    if (!step) return t('past.end');
    const node = nodeOf(draft, step.node.split('/')[0]!);
    return `${node ? wording.node(node) : step.node} → ${wording.outcome(step.outcome)}`;
  };
  const when = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'short', timeStyle: 'short' });
  return (
    <div>
      <UnstyledButton onClick={onOpen} aria-expanded={open} w="100%">
        <Group gap={6} wrap="nowrap">
          <Badge color={verdict === 'elsewhere' ? 'red.8' : 'yellow.5'} autoContrast tt="none">
            {t(`past.verdicts.${verdict}`)}
          </Badge>
          <Text size="sm" truncate>
            {past.calling.name || past.calling.number || t('past.withheld')}
          </Text>
          <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
            {when.format(new Date(past.createdAt))}
          </Text>
        </Group>
      </UnstyledButton>
      {open && divergence ? (
        <Stack gap={2} pl="md" py={4}>
          <Text size="xs">{t('past.was', { step: stepText(divergence.before) })}</Text>
          <Text size="xs">{t('past.is', { step: stepText(divergence.after) })}</Text>
          <Anchor size="xs" component={Link} to={`/calls/${past.id}`} underline="always">
            {t('past.open')}
          </Anchor>
        </Stack>
      ) : null}
    </div>
  );
}

/** The way of a call through the draft, on the canvas. */
function usePaintOf(replayed: Replayed | null): void {
  const store = useEditorStore();
  useEffect(() => {
    if (!replayed?.after) return;
    const nodes: Record<string, 'visited' | 'changed'> = {};
    const edges: Record<string, 'taken' | 'changed'> = {};
    for (const [index, { node, outcome }] of replayed.after.path.entries()) {
      const parted = replayed.divergence !== null && index >= replayed.divergence.index;
      nodes[node.split('/')[0]!] = parted ? 'changed' : 'visited';
      if (!node.includes('/')) edges[wireKey({ from: node, outcome })] = parted ? 'changed' : 'taken';
    }
    const paint: Paint = { nodes, edges };
    store.getState().set({ paint });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [replayed, store]);
}
