import { type QueueInterval, routes } from '@callwright/api-contract';
import { SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { durationText } from '../calls/party.ts';
import { TableHead } from '../table-head.tsx';
import { AgentFigures } from './agent-figures.tsx';

type Interval = z.infer<typeof QueueInterval>;

const DAY_MS = 86_400_000;
/** How far back each view looks. */
const VIEWS = { hour: DAY_MS, day: 31 * DAY_MS, month: 366 * DAY_MS } as const;
type View = keyof typeof VIEWS;

const COLUMNS = [
  'interval',
  'entered',
  'answered',
  'abandoned',
  'overflowed',
  'refused',
  'averageWait',
  'longestWait',
  'serviceLevel',
] as const;

/** What has been in a queue, by hour, day or month. */
export function QueueStatistics({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const [by, setBy] = useState<View>('hour');
  const from = useMemo(() => new Date(Date.now() - VIEWS[by]).toISOString(), [by]);
  const query = useAsk(routes.getQueueStatistics, { params: { id }, query: { by, from } });
  const { intervals = [], sum } = query.data ?? {};
  return (
    <Stack>
      <SegmentedControl
        aria-label={t('queue.by')}
        maw={360}
        value={by}
        onChange={(value) => setBy(value as View)}
        data={(Object.keys(VIEWS) as View[]).map((value) => ({ value, label: t(`queue.views.${value}`) }))}
      />
      <Awaited query={query}>
        {sum && sum.entered === 0 && intervals.length === 0 ? (
          <Text>{t('queue.nothingYet')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={760} type="native">
            <Table verticalSpacing="xs" aria-label={t('queue.statistics')}>
              <TableHead columns={COLUMNS.map((key) => t(`queue.${key}`))} />
              <Table.Tbody>
                {intervals.map((interval) => (
                  <IntervalRow key={interval.from} interval={interval} />
                ))}
                {sum && <IntervalRow interval={sum} />}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
      <AgentFigures id={id} from={from} />
    </Stack>
  );
}

function IntervalRow({ interval }: { readonly interval: Interval }) {
  const { t, i18n } = useTranslation('admin');
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 });
  return (
    <Table.Tr {...(interval.from === null ? { fw: 600 } : {})}>
      <Table.Td>
        {interval.from === null ? t('queue.sum') : interval.from.replace('T', ' ').replace(/:\d\d(\.\d+)?$/, '')}
      </Table.Td>
      <Table.Td>{interval.entered}</Table.Td>
      <Table.Td>{interval.answered}</Table.Td>
      <Table.Td>{interval.abandoned}</Table.Td>
      <Table.Td>{interval.overflowed}</Table.Td>
      <Table.Td>{interval.refused}</Table.Td>
      <Table.Td ff="monospace">{interval.averageWaitMs === null ? '–' : durationText(interval.averageWaitMs)}</Table.Td>
      <Table.Td ff="monospace">{durationText(interval.longestWaitMs)}</Table.Td>
      <Table.Td>{interval.serviceLevel === null ? '–' : percent.format(interval.serviceLevel)}</Table.Td>
    </Table.Tr>
  );
}
