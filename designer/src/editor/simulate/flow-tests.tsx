import { routes } from '@callwright/api-contract';
import { type KeptTest, Script, type UncoveredReason, wayOf } from '@callwright/engine/testing';
import { ActionIcon, Alert, Badge, Button, Group, Progress, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { IconCheck, IconPlayerPlay, IconTrash, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import type { Autosave } from '../autosave.ts';
import { useWording } from '../canvas/words.ts';
import { NO_PAINT, type Paint, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { type Draft, nodeOf, wireKey } from '../model/draft.ts';
import { useClosure, useWorld } from './closure.ts';
import type { ExploreResult } from './explore.worker.ts';
import { PastCalls } from './past-calls.tsx';
import { useExploration } from './use-exploration.ts';

/** Tests of the flow: those kept from simulations, and every path the engine finds by itself. */
export function FlowTests({ autosave }: { readonly autosave: () => Autosave | null }) {
  return (
    <Stack p="md" gap="xl">
      <KeptTests />
      <EveryPath />
      <PastCalls autosave={autosave} />
    </Stack>
  );
}

interface Verdict {
  readonly passed: boolean;
  readonly path: readonly string[];
}

const NO_TESTS: readonly KeptTest[] = [];

const testsKey = (flowId: string) => ['flow-tests', flowId];

/** The tests kept of the open flow. */
function useTests() {
  const flowId = useEditor((state) => state.flowId);
  return useQuery({
    queryKey: testsKey(flowId),
    queryFn: () => call(routes.listFlowTests, { params: { id: flowId } }),
  });
}

function KeptTests() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const client = useQueryClient();
  const flowId = useEditor((state) => state.flowId);
  const { document } = useDraft();
  const closure = useClosure(document);
  const world = useWorld();
  const tests = useTests();
  const remove = useMutation({
    mutationFn: (name: string) => call(routes.deleteFlowTest, { params: { id: flowId, name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: testsKey(flowId) }),
  });
  const { language } = document;
  const verdicts = useMemo(() => {
    if (!closure) return new Map<string, Verdict>();
    return new Map(
      (tests.data?.items ?? []).map((test): [string, Verdict] => {
        const path = wayOf(closure, test, { ...world, language });
        return [test.name, { passed: path?.join() === test.path.join(), path: path ?? [] }];
      }),
    );
  }, [closure, tests.data, world, language]);
  const items = tests.data?.items ?? [];
  const failed = items.filter(({ name }) => verdicts.get(name)?.passed === false).length;
  return (
    <section aria-label={t('tests.kept')}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t('tests.kept')}
        </Title>
        {items.length > 0 ? (
          <Badge color={failed > 0 ? 'red.8' : 'teal.9'} tt="none">
            {t('tests.summary', { passed: items.length - failed, failed })}
          </Badge>
        ) : null}
      </Group>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('tests.none')}
        </Text>
      ) : null}
      {items.map(({ name, script, path }) => {
        const verdict = verdicts.get(name);
        return (
          <Group key={name} gap="xs" py={4} wrap="nowrap">
            {verdict?.passed ? (
              <IconCheck size={18} color="var(--mantine-color-teal-7)" aria-label={t('tests.passed')} />
            ) : (
              <IconX size={18} color="var(--mantine-color-red-7)" aria-label={t('tests.failed')} />
            )}
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" truncate>
                {name}
              </Text>
              {verdict && !verdict.passed ? (
                <Text size="xs" c="dimmed">
                  {firstDifference(path, verdict.path)}
                </Text>
              ) : null}
            </div>
            <ActionIcon
              variant="subtle"
              aria-label={t('tests.replay', { name })}
              onClick={() => {
                const parsed = Script.safeParse(script);
                if (parsed.success) store.getState().set({ script: parsed.data, tab: 'simulate' });
              }}
            >
              <IconPlayerPlay size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t('tests.remove', { name })}
              onClick={() => remove.mutate(name)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        );
      })}
    </section>
  );
}

/** `expected … got …` at the first place where the ways part. */
function firstDifference(expected: readonly string[], got: readonly string[]): string {
  const at = expected.findIndex((step, index) => got[index] !== step);
  const place = at < 0 ? expected.length : at;
  return `${expected[place] ?? '∅'} ≠ ${got[place] ?? '∅'}`;
}

/** Covered unless it is missing: what only a kept test takes has no path of its own. */
function paintCoverage(result: ExploreResult, draft: Draft, reason: (of: UncoveredReason) => string): Paint {
  const edges: Record<string, 'covered' | 'missing'> = {};
  const why: Record<string, string> = {};
  for (const edge of draft.document.edges) edges[wireKey(edge)] = 'covered';
  for (const { key, reason: of } of result.missing) {
    edges[key] = 'missing';
    why[key] = reason(of);
  }
  return { nodes: {}, edges, why };
}

/** Generated tests: one shortest call per arrow, and the arrows that no call takes. */
function EveryPath() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const draft = useDraft();
  const wording = useWording();
  const closure = useClosure(draft.document);
  const [shown, setShown] = useState(false);
  const tests = useTests().data?.items ?? NO_TESTS;
  const company = useWorld();
  const { language } = draft.document;
  const world = useMemo(() => ({ ...company, language }), [company, language]);
  const { result, running } = useExploration(shown ? closure : null, tests, world);
  useEffect(() => {
    const paint = result && shown ? paintCoverage(result, draft, (of) => t(`tests.reasons.${of}`)) : NO_PAINT;
    store.getState().set({ paint });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [result, shown, store, draft, t]);
  const nameOf = (key: string) => {
    const [id = '', outcome = ''] = key.split('\n');
    const node = nodeOf(draft, id);
    return `${node ? wording.node(node) : id} → ${wording.outcome(outcome)}`;
  };
  const percent = result && result.transitions > 0 ? Math.floor((result.covered * 1000) / result.transitions) / 10 : 0;
  return (
    <section aria-label={t('tests.generated')}>
      <Title order={2} size="h5" mb={4}>
        {t('tests.generated')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('tests.generatedHint')}
      </Text>
      <Button size="xs" loading={running} onClick={() => setShown(!shown)} variant={shown ? 'default' : 'filled'}>
        {t(shown ? 'tests.hide' : 'tests.generate')}
      </Button>
      {result && shown ? (
        <Stack gap="xs" mt="md">
          {result.error === null ? null : <Alert color="red">{t('simulateBroken')}</Alert>}
          <Group gap="xs">
            <Progress
              flex={1}
              value={percent}
              color={result.missing.length > 0 ? 'red' : 'teal'}
              aria-label={t('tests.coverage')}
            />
            <Text size="sm" fw={600} role="status">
              {t('tests.covered', { percent, count: result.covered })}
            </Text>
          </Group>
          {result.missing.map(({ key, reason }) => (
            <UnstyledButton key={key} onClick={() => store.getState().show(key.split('\n')[0]!.split('/')[0]!)}>
              <Text size="sm" c="var(--mantine-color-error)">
                {nameOf(key)}
              </Text>
              <Text size="xs" c="dimmed">
                {t(`tests.reasons.${reason}`)}
              </Text>
            </UnstyledButton>
          ))}
          {result.paths.map(({ key, labels }) => (
            <UnstyledButton key={key} onClick={() => store.getState().show(key.split('\n')[0]!.split('/')[0]!)}>
              <Text size="sm">{nameOf(key)}</Text>
              <Text size="xs" c="dimmed" lineClamp={2}>
                {labels.join(' · ')}
              </Text>
            </UnstyledButton>
          ))}
        </Stack>
      ) : null}
    </section>
  );
}
