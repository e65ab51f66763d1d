import { routes } from '@callwright/api-contract';
import { Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { durationText } from '../calls/party.ts';
import { TableHead } from '../table-head.tsx';

interface AgentFiguresProps {
  readonly id: string;
  /** Time from which on it is counted. */
  readonly from: string;
}

const COLUMNS = ['agent', 'offered', 'taken', 'missed', 'talked', 'averageTalk', 'loggedIn', 'paused'] as const;

/** What the agents of a queue have done. */
export function AgentFigures({ id, from }: AgentFiguresProps) {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getQueueAgentStatistics, { params: { id }, query: { from } });
  const items = query.data?.items ?? [];
  return (
    <section aria-labelledby="agent-figures">
      <Title order={2} id="agent-figures">
        {t('queue.agents')}
      </Title>
      <Awaited query={query}>
        {items.length === 0 ? (
          <Text>{t('queue.noAgents')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={720} type="native">
            <Table verticalSpacing="xs" aria-labelledby="agent-figures">
              <TableHead columns={COLUMNS.map((key) => t(`queue.${key}`))} />
              <Table.Tbody>
                {items.map((agent) => (
                  <Table.Tr key={agent.userId}>
                    <Table.Td>{`${agent.name} (${agent.extension})`}</Table.Td>
                    <Table.Td>{agent.offered}</Table.Td>
                    <Table.Td>{agent.answered}</Table.Td>
                    <Table.Td>{agent.missed}</Table.Td>
                    <Table.Td ff="monospace">{durationText(agent.talkMs)}</Table.Td>
                    <Table.Td ff="monospace">
                      {agent.averageTalkMs === null ? '–' : durationText(agent.averageTalkMs)}
                    </Table.Td>
                    <Table.Td ff="monospace">{durationText(agent.loggedInMs)}</Table.Td>
                    <Table.Td>
                      {durationText(agent.pausedMs)}
                      {agent.pauses.length > 0 &&
                        ` (${agent.pauses.map(({ reason, ms }) => `${reason || '–'}: ${durationText(ms)}`).join(', ')})`}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
    </section>
  );
}
