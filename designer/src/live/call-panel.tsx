/** One running call: where it stands, what its variables hold, who takes part, how to steer it, what happened so far. */
import { routes } from '@callwright/api-contract';
import { Alert, Anchor, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconRoute } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAsk, useAskList } from '../app/ask.ts';
import { Failure } from '../app/page.tsx';
import { CallActions } from '../console/calls/call-actions.tsx';
import { type CallRow, partyText } from '../console/calls/party.ts';
import { Timeline } from '../console/calls/timeline.tsx';
import { CallState } from './call-state.tsx';
import type { ShownRevision } from './revisions.ts';

/** Many facts at once cost one reading. */
const REFRESH_MS = 250;

/** Reads again what the panel shows, soon after a fact of the call. */
function useRefresh(tick: number): void {
  const client = useQueryClient();
  const timer = useRef<number | null>(null);
  useEffect(() => {
    if (tick === 0) return;
    timer.current ??= window.setTimeout(() => {
      timer.current = null;
      void client.invalidateQueries({ queryKey: ['calls'] });
    }, REFRESH_MS);
  }, [client, tick]);
}

interface CallPanelProps {
  readonly id: string;
  readonly revision: ShownRevision;
  /** Changes with every fact of the call. */
  readonly tick: number;
  readonly onClose: () => void;
}

export function CallPanel({ id, revision, tick, onClose }: CallPanelProps) {
  const { t } = useTranslation('live');
  useRefresh(tick);
  const call = useAsk(routes.getCall, { params: { id } });
  return (
    <Stack p="md" gap="md">
      <Button
        variant="subtle"
        size="compact-sm"
        w="fit-content"
        leftSection={<IconArrowLeft size={16} aria-hidden />}
        onClick={onClose}
      >
        {t('closeCall')}
      </Button>
      {call.isError && <Failure error={call.error} retry={() => void call.refetch()} />}
      {call.data && <OpenCall call={call.data} revision={revision} />}
    </Stack>
  );
}

function OpenCall({ call, revision }: { readonly call: CallRow; readonly revision: ShownRevision }) {
  const { t } = useTranslation('live');
  const { id } = call;
  const state = useAsk(routes.getCallState, { params: { id } }, { enabled: call.state === 'started' });
  return (
    <>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Title order={2} size="h4">
          {partyText(call.calling)}
        </Title>
        <CallActions call={call} />
      </Group>
      <Group gap="md">
        <Anchor component={Link} to={`/calls/${id}`} size="sm" underline="always">
          {t('callPage')}
        </Anchor>
        <Anchor component={Link} to={`/calls/${id}/canvas`} size="sm" underline="always">
          <Group gap={4}>
            <IconRoute size={16} aria-hidden />
            {t('replay')}
          </Group>
        </Anchor>
      </Group>
      {call.state === 'started' && state.isPending && <Loader size="sm" role="status" aria-label={t('state')} />}
      {call.state === 'started' && state.data && (
        <>
          {state.data.state === null && <Alert>{t('unknownState')}</Alert>}
          {state.data.state && <CallState call={call} state={state.data.state} revision={revision} />}
        </>
      )}
      <Title order={3} size="h5">
        {t('timeline')}
      </Title>
      <CallFacts call={call} />
    </>
  );
}

function CallFacts({ call }: { readonly call: CallRow }) {
  const query = useAskList(routes.listCallRecords, {
    params: { id: call.id },
    query: { stream: 'fact', limit: '500' },
  });
  if (query.items.length === 0) return <Text size="sm">–</Text>;
  return <Timeline records={query.items} startedAt={call.startedAt ?? call.createdAt} />;
}
