import { type Agent, routes, type Waiting } from '@callwright/api-contract';
import { Anchor, Badge, Group, NumberInput, Stack, Table, Text, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { durationText, partyText } from '../calls/party.ts';
import { TableHead } from '../table-head.tsx';
import { AgentActions } from './agent-actions.tsx';
import { useQueueRefresh } from './queue-refresh.ts';

export type AgentRow = z.infer<typeof Agent>;
type WaitingRow = z.infer<typeof Waiting>;

/** What the stream does not tell, e.g. the end of a rest. */
const REFRESH_MS = 5000;

/** Who waits, with places, and what the agents are doing. */
export function QueueLive({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  useQueueRefresh();
  const query = useAsk(routes.getQueueLive, { params: { id } }, { refetchInterval: REFRESH_MS });
  const { waiting = [], agents = [] } = query.data ?? {};
  return (
    <Awaited query={query}>
      <Stack>
        <Title order={2}>{t('queue.waitingTitle', { count: waiting.length })}</Title>
        {waiting.length === 0 ? <Text>{t('queue.nobodyWaits')}</Text> : <WaitingTable waiting={waiting} />}
        <Title order={2}>{t('queue.agents')}</Title>
        {agents.length === 0 ? <Text>{t('queue.noAgents')}</Text> : <AgentTable queueId={id} agents={agents} />}
      </Stack>
    </Awaited>
  );
}

function WaitingTable({ waiting }: { readonly waiting: readonly WaitingRow[] }) {
  const { t } = useTranslation('admin');
  const may = useMay();
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table verticalSpacing="xs" aria-label={t('queue.waiting')}>
        <TableHead columns={['position', 'caller', 'waited', 'state', 'priority'].map((key) => t(`queue.${key}`))} />
        <Table.Tbody>
          {waiting.map((call) => (
            <Table.Tr key={call.callId}>
              <Table.Td>{call.position}</Table.Td>
              <Table.Td>
                <Anchor component={Link} to={`/calls/${call.callId}`} underline="always">
                  {partyText(call.calling)}
                </Anchor>
              </Table.Td>
              <Table.Td ff="monospace">{durationText(call.waitedMs)}</Table.Td>
              <Table.Td>{t(call.ringing ? 'queue.ringing' : call.away ? 'queue.away' : 'queue.waits')}</Table.Td>
              <Table.Td>{may('calls') ? <Priority call={call} /> : call.priority}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const TYPING_MS = 600;

function Priority({ call }: { readonly call: WaitingRow }) {
  const { t } = useTranslation('admin');
  const tell = useTell(routes.prioritiseCall, { done: t('queue.prioritySent'), refresh: ['queues'] });
  const send = useDebouncedCallback(
    (priority: number) => tell.mutate({ params: { id: call.callId }, body: { priority } }),
    TYPING_MS,
  );
  return (
    <NumberInput
      aria-label={t('queue.priorityOf', { name: partyText(call.calling) })}
      w={90}
      min={-1000}
      max={1000}
      allowDecimal={false}
      defaultValue={call.priority}
      onChange={(value) => {
        if (value !== '' && Number(value) !== call.priority) send(Number(value));
      }}
    />
  );
}

function AgentTable({ queueId, agents }: { readonly queueId: string; readonly agents: readonly AgentRow[] }) {
  const { t } = useTranslation('admin');
  const may = useMay();
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" aria-label={t('queue.agents')}>
        <TableHead
          columns={['agent', 'state', 'taken', 'talked', 'missed'].map((key) => t(`queue.${key}`))}
          actions={may('calls')}
        />
        <Table.Tbody>
          {agents.map((agent) => (
            <Table.Tr key={agent.userId}>
              <Table.Td>{`${agent.name} (${agent.extension})`}</Table.Td>
              <Table.Td>
                <Group gap="xs">
                  <Badge variant="default">{t(`queue.states.${agent.state}`)}</Badge>
                  {agent.pause?.reason}
                </Group>
              </Table.Td>
              <Table.Td>{agent.taken}</Table.Td>
              <Table.Td ff="monospace">{durationText(agent.talkMs)}</Table.Td>
              <Table.Td>{agent.missed}</Table.Td>
              {may('calls') && (
                <Table.Td>
                  <AgentActions queueId={queueId} agent={agent} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
