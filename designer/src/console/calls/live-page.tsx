/** Calls of the moment: who with whom, since when, where in its flow; updated by the event stream. */
import { type LiveCall, routes } from '@callwright/api-contract';
import { Anchor, Badge, Button, Table, Text } from '@mantine/core';
import { useDisclosure, useInterval } from '@mantine/hooks';
import { IconPhonePlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { useAsk, useAskList } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';
import { CallActions } from './call-actions.tsx';
import { useLiveFacts } from './live-events.ts';
import { ParkedCalls } from './parked.tsx';
import { type CallRow, lengthOf, partyText } from './party.ts';
import { PlaceDialog } from './place-dialog.tsx';

/** Many facts at once cost one reading of the list. */
const REFRESH_MS = 400;
/** What the stream may have missed is read again. */
const SLOW_REFRESH_MS = 15_000;
/** Who talks with whom changes without a change of the list. */
const LIVE_REFRESH_MS = 3000;

export function LiveCallsPage() {
  const { t } = useTranslation('console');
  const query = useAskList(routes.listCalls, { query: { state: 'started' } }, { refetchInterval: SLOW_REFRESH_MS });
  const { nodes, state } = useLiveNodes();
  return (
    <Page
      title={t('live.title')}
      about={t('live.about')}
      actions={
        <>
          <Badge variant="default" role="status">
            {t(`live.${state}`)}
          </Badge>
          <PlaceButton />
        </>
      }
    >
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('live.empty')}</Text> : <LiveTable calls={query.items} nodes={nodes} />}
      </Awaited>
      <ParkedCalls />
    </Page>
  );
}

function PlaceButton() {
  const { t } = useTranslation('admin');
  const may = useMay();
  const [isOpen, { open, close }] = useDisclosure(false);
  if (!may('calls')) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPhonePlus size={18} aria-hidden />} onClick={open}>
        {t('place.title')}
      </Button>
      {isOpen && <PlaceDialog later={false} onClose={close} />}
    </>
  );
}

/** Node that each call is in, from its facts; a beginning or ending call refreshes the list. */
function useLiveNodes() {
  const client = useQueryClient();
  const [nodes, setNodes] = useState<Readonly<Record<string, string>>>({});
  const timer = useRef<number | null>(null);
  const state = useLiveFacts((fact) => {
    if (fact.type === 'node.entered') setNodes((all) => ({ ...all, [fact.callId]: String(fact.body.node) }));
    timer.current ??= window.setTimeout(() => {
      timer.current = null;
      void client.invalidateQueries({ queryKey: ['calls'] });
    }, REFRESH_MS);
  });
  return { nodes, state };
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  return now;
}

interface LiveTableProps {
  readonly calls: readonly CallRow[];
  readonly nodes: Readonly<Record<string, string>>;
}

function LiveTable({ calls, nodes }: LiveTableProps) {
  const { t } = useTranslation('console');
  const words = useWords();
  const now = useNow();
  const live = useAsk(routes.listLiveCalls, {}, { refetchInterval: LIVE_REFRESH_MS }).data?.items ?? [];
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" aria-label={t('live.title')}>
        <TableHead
          columns={[t('calls.calling'), t('calls.called'), t('calls.direction'), t('calls.node'), t('calls.length')]}
          actions
        />
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.id}>
              <Table.Td>
                <Anchor component={Link} to={`/calls/${call.id}`} underline="always">
                  {partyText(call.calling)}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Reached call={call} now={live.find(({ id }) => id === call.id)} />
              </Table.Td>
              <Table.Td>{words.value(call.direction)}</Table.Td>
              <Table.Td>{nodes[call.id] ?? <LastNode callId={call.id} />}</Table.Td>
              <Table.Td ff="monospace">{lengthOf(call, now)}</Table.Td>
              <Table.Td>
                <CallActions call={call} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface ReachedProps {
  readonly call: CallRow;
  readonly now: z.infer<typeof LiveCall> | undefined;
}

/** Whom a call was for, whom it has reached, and whether that is recorded. */
function Reached({ call, now }: ReachedProps) {
  const { t } = useTranslation('admin');
  return (
    <>
      {partyText(call.called)}
      {now?.connected && ` → ${partyText(now.connected)}`}{' '}
      {now?.recording && (
        <Badge variant="default" color="red">
          {t('call.recording')}
        </Badge>
      )}
    </>
  );
}

/** Node that a call entered before anybody watched, from its records. */
function LastNode({ callId }: { readonly callId: string }) {
  const query = useAsk(routes.listCallRecords, { params: { id: callId }, query: { stream: 'fact', limit: '500' } });
  const entered = query.data?.items.findLast(({ type }) => type === 'node.entered');
  return String((entered?.body as { node?: string } | undefined)?.node ?? '–');
}
