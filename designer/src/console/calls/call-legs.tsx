import { type HistoryLeg, routes } from '@callwright/api-contract';
import { Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { ApiFailure } from '../../api/client.ts';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';
import { durationText, partyText } from './party.ts';

type Leg = z.infer<typeof HistoryLeg>;

/** Legs of an ended call: who rang, talked and held for how long, by which trunk, at what cost. */
export function CallLegs({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getHistory, { params: { id } });
  // the record is written a moment after the call has ended
  if (query.error instanceof ApiFailure && query.error.code === 'API_NOT_FOUND') return null;
  const legs = query.data?.legs ?? [];
  return (
    <section aria-labelledby="legs">
      <Title order={2} id="legs" mb="xs">
        {t('legs.title')}
      </Title>
      <Awaited query={query}>{legs.length === 0 ? <Text>{t('legs.empty')}</Text> : <LegTable legs={legs} />}</Awaited>
    </section>
  );
}

const COLUMNS = ['who', 'remote', 'ring', 'talk', 'hold', 'result', 'trunk', 'codec', 'cost'] as const;

function LegTable({ legs }: { readonly legs: readonly Leg[] }) {
  const { t, i18n } = useTranslation('admin');
  const words = useWords();
  return (
    <Table.ScrollContainer minWidth={820} type="native">
      <Table verticalSpacing="xs" aria-labelledby="legs">
        <TableHead columns={COLUMNS.map((key) => t(`legs.${key}`))} />
        <Table.Tbody>
          {legs.map((leg) => (
            <Table.Tr key={leg.id}>
              <Table.Td>{partyText(leg.who)}</Table.Td>
              <Table.Td>{partyText(leg.remote)}</Table.Td>
              <Table.Td ff="monospace">{durationText(leg.ringMs)}</Table.Td>
              <Table.Td ff="monospace">{durationText(leg.talkMs)}</Table.Td>
              <Table.Td ff="monospace">{durationText(leg.holdMs)}</Table.Td>
              <Table.Td>{[words.value(leg.disposition), leg.sipStatus].filter(Boolean).join(' ')}</Table.Td>
              <Table.Td>{leg.trunk?.name ?? '–'}</Table.Td>
              <Table.Td>{leg.codec ?? '–'}</Table.Td>
              <Table.Td>
                {leg.costMicros === 0 ? '–' : (leg.costMicros / 1_000_000).toLocaleString(i18n.language)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
