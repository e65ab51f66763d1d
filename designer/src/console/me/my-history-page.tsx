/** A user's own calls, newest first, each with a button that calls again. */
import { type HistoryLeg, routes } from '@callwright/api-contract';
import { Badge, Group, Select, Table, Text } from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAskList } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { CallButton } from '../../phone/call-button.tsx';
import { dialledOf } from '../../phone/number-input.tsx';
import { durationText, partyText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';

type Leg = z.infer<typeof HistoryLeg>;
type Shown = 'all' | 'in' | 'out' | 'missed';

const QUERIES = {
  all: {},
  in: { way: 'in' },
  out: { way: 'out' },
  missed: { missed: 'true' },
} as const satisfies Record<Shown, object>;
const REFRESH_MS = 20_000;

export function MyHistoryPage() {
  const { t } = useTranslation('own');
  const [shown, setShown] = useState<Shown>('all');
  const query = useAskList(routes.listMyHistory, { query: QUERIES[shown] }, { refetchInterval: REFRESH_MS });
  const filter = (
    <Select
      aria-label={t('history.filter')}
      allowDeselect={false}
      data={(Object.keys(QUERIES) as Shown[]).map((value) => ({ value, label: t(`history.shown.${value}`) }))}
      value={shown}
      onChange={(value) => setShown((value as Shown | null) ?? 'all')}
      w={170}
    />
  );
  return (
    <Page title={t('history.title')} about={t('history.about')} actions={filter}>
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('history.empty')}</Text> : <HistoryTable legs={query.items} />}
        <More query={query} />
      </Awaited>
    </Page>
  );
}

/** Whom it was with: the contact as it was then, else as the network said. */
function nameOf({ remote, remoteContact }: Leg): string {
  if (!remoteContact) return partyText(remote);
  const { givenName, familyName, organisation } = remoteContact;
  return partyText({ name: [givenName, familyName].filter(Boolean).join(' ') || organisation, number: remote.number });
}

function HistoryTable({ legs }: { readonly legs: readonly Leg[] }) {
  const { t, i18n } = useTranslation('own');
  const words = useWords();
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" aria-label={t('history.title')}>
        <TableHead columns={['at', 'who', 'result', 'talked'].map((key) => t(`history.${key}`))} actions />
        <Table.Tbody>
          {legs.map((leg) => {
            const Way = leg.way === 'in' ? IconArrowDownLeft : IconArrowUpRight;
            return (
              <Table.Tr key={leg.id}>
                <Table.Td>{localTime(leg.startedAt, i18n.language)}</Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <Way size={16} role="img" aria-label={t(`history.shown.${leg.way}`)} />
                    {nameOf(leg)}
                  </Group>
                </Table.Td>
                <Table.Td>
                  {leg.missed ? <Badge color="red.9">{t('history.missed')}</Badge> : words.value(leg.disposition)}
                </Table.Td>
                <Table.Td ff="monospace">{durationText(leg.talkMs)}</Table.Td>
                <Table.Td ta="right">
                  <CallButton number={dialledOf(leg.remote.number)} name={nameOf(leg)} />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
