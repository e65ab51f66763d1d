import { routes } from '@callwright/api-contract';
import { diffFlows, type FlowDocument, type RevisionClosure } from '@callwright/engine';
import { ActionIcon, Badge, Button, Group, Loader, Stack, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencil } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { NO_PAINT, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { type Draft, readDraft } from '../model/draft.ts';
import { placed } from '../model/tidy.ts';
import { Changes } from './changes.tsx';
import { paintDiff } from './paint-diff.ts';

/** A published revision as a draft: its own document, where its nodes stood. */
async function readRevision(flowId: string, number: number): Promise<Draft> {
  const { closure, layout } = await call(routes.getRevision, { params: { id: flowId, number: String(number) } });
  const { root, documents } = closure as RevisionClosure;
  return placed(readDraft({ document: documents[root]!.document, layout: layout ?? undefined }));
}

/** Published versions: names, comparison with the draft, restoring, publishing an earlier one again. */
export function Versions() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const client = useQueryClient();
  const flowId = useEditor((state) => state.flowId);
  const draft = useDraft();
  const [compared, setCompared] = useState<number | null>(null);
  const revisions = useQuery({
    queryKey: ['revisions', flowId],
    queryFn: async () => {
      const [list, flow] = await Promise.all([
        call(routes.listRevisions, { params: { id: flowId }, query: { limit: '200' } }),
        call(routes.getFlow, { params: { id: flowId } }),
      ]);
      return { items: list.items, published: flow.published?.number ?? null };
    },
  });
  const other = useQuery({
    queryKey: ['revision', flowId, compared],
    queryFn: () => readRevision(flowId, compared!),
    enabled: compared !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const diff = useMemo(
    () => (other.data && compared !== null ? diffFlows(other.data.document, draft.document) : null),
    [other.data, compared, draft.document],
  );
  useEffect(() => {
    store.getState().set({ paint: diff ? paintDiff(diff) : NO_PAINT });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [diff, store]);
  const again = useMutation({
    mutationFn: (number: number) => call(routes.rollbackFlow, { params: { id: flowId }, body: { number } }),
    onSuccess: async ({ number }) => {
      notifications.show({ color: 'teal', message: t('published', { number }) });
      await client.invalidateQueries({ queryKey: ['revisions', flowId] });
    },
    onError: () => notifications.show({ color: 'red', message: t('failures.offline') }),
  });
  const restore = async (number: number) => {
    const restored = await client.fetchQuery({
      queryKey: ['revision', flowId, number],
      queryFn: () => readRevision(flowId, number),
    });
    store.getState().edit(() => restored);
    notifications.show({ message: t('versions.restored', { number }) });
  };
  if (!revisions.data) return <Loader m="md" size="sm" />;
  return (
    <Stack p="md">
      <Title order={2} size="h5">
        {t('tabs.versions')}
      </Title>
      {revisions.data.items.length === 0 ? <Text size="sm">{t('versions.none')}</Text> : null}
      {revisions.data.items.map((revision) => (
        <Stack key={revision.number} gap={4}>
          <Revision
            flowId={flowId}
            number={revision.number}
            comment={revision.comment}
            at={revision.publishedAt}
            by={revision.publishedBy}
            live={revision.number === revisions.data.published}
          />
          <Group gap={6}>
            <Button
              size="compact-xs"
              variant={compared === revision.number ? 'filled' : 'default'}
              onClick={() => setCompared(compared === revision.number ? null : revision.number)}
            >
              {t('versions.compare')}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => void restore(revision.number)}>
              {t('versions.restore')}
            </Button>
            {revision.number === revisions.data.published ? null : (
              <Button size="compact-xs" variant="default" onClick={() => again.mutate(revision.number)}>
                {t('versions.publishAgain')}
              </Button>
            )}
          </Group>
          {compared === revision.number && diff ? (
            <Changes diff={diff} before={other.data!.document as FlowDocument} />
          ) : null}
        </Stack>
      ))}
    </Stack>
  );
}

interface RevisionProps {
  readonly flowId: string;
  readonly number: number;
  readonly comment: string;
  readonly at: string;
  readonly by: string;
  readonly live: boolean;
}

function Revision({ flowId, number, comment, at, live }: RevisionProps) {
  const { t, i18n } = useTranslation('editor');
  const client = useQueryClient();
  const [naming, setNaming] = useState(false);
  const rename = useMutation({
    mutationFn: (name: string) =>
      call(routes.nameRevision, { params: { id: flowId, number: String(number) }, body: { comment: name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['revisions', flowId] }),
  });
  const when = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge variant="light" color="gray">
        {number}
      </Badge>
      <div style={{ flex: 1, minWidth: 0 }}>
        {naming ? (
          <TextInput
            size="xs"
            aria-label={t('versionName')}
            autoFocus
            maxLength={500}
            defaultValue={comment}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            onBlur={(event) => {
              setNaming(false);
              if (event.currentTarget.value !== comment) rename.mutate(event.currentTarget.value);
            }}
          />
        ) : (
          <Text size="sm" fw={500} truncate>
            {comment || t('versions.unnamed')}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {when}
        </Text>
      </div>
      {live ? <Badge color="teal.9">{t('versions.live')}</Badge> : null}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('versions.rename', { number })}
        onClick={() => setNaming(true)}
      >
        <IconPencil size={16} />
      </ActionIcon>
    </Group>
  );
}
