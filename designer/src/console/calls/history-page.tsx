/** Calls that were: searched by party, time, direction and disposition; exported as a table for spreadsheets. */
import { CallStateName, Direction, routes } from '@callwright/api-contract';
import { Disposition } from '@callwright/engine/protocol';
import { ActionIcon, Anchor, Button, Group, Select, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload, IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { urlOf } from '../../api/client.ts';
import { useAskList } from '../../app/ask.ts';
import { useCompanyId } from '../../app/company.tsx';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { localTime } from '../resources/cell.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';
import { type CallRow, lengthOf, partyText } from './party.ts';

interface Filter {
  readonly party: string;
  readonly direction: string | null;
  readonly disposition: string | null;
  readonly state: string | null;
  /** Local date and time, as the browser's field gives it. */
  readonly from: string;
  readonly to: string;
}

const EVERYTHING: Filter = { party: '', direction: null, disposition: null, state: null, from: '', to: '' };
/** While somebody still types. */
const TYPING_MS = 300;

/** What is asked of the API; nothing for an empty field. */
function queryOf(filter: Filter): Record<string, string> {
  const time = (local: string) => (local ? new Date(local).toISOString() : '');
  const all = { ...filter, party: filter.party.trim(), from: time(filter.from), to: time(filter.to) };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

export function CallHistoryPage() {
  const { t } = useTranslation('console');
  const [filter, setFilter] = useState(EVERYTHING);
  const [settled] = useDebouncedValue(filter, TYPING_MS);
  const query = useAskList(routes.listCalls, { query: queryOf(settled) as object });
  return (
    <Page title={t('history.title')} about={t('history.about')} actions={<ExportButton filter={settled} />}>
      <Filters filter={filter} onChange={setFilter} />
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('history.empty')}</Text> : <HistoryTable calls={query.items} />}
        <More query={query} />
      </Awaited>
    </Page>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation('console');
  const words = useWords();
  const choices = (values: readonly string[]) => values.map((value) => ({ value, label: words.value(value) }));
  const select = (key: 'direction' | 'disposition' | 'state', values: readonly string[]) => (
    <Select
      label={t(`calls.${key}`)}
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      data={choices(values)}
      value={filter[key]}
      onChange={(value) => onChange({ ...filter, [key]: value })}
      w={150}
    />
  );
  const time = (key: 'from' | 'to') => (
    <TextInput
      type="datetime-local"
      label={t(`history.${key}`)}
      value={filter[key]}
      onChange={(event) => onChange({ ...filter, [key]: event.currentTarget.value })}
    />
  );
  return (
    <Group align="flex-end" role="search" aria-label={t('history.filters')}>
      <TextInput
        label={t('history.party')}
        value={filter.party}
        onChange={(event) => onChange({ ...filter, party: event.currentTarget.value })}
      />
      {time('from')}
      {time('to')}
      {select('direction', Direction.options)}
      {select('disposition', Disposition.options)}
      {select('state', CallStateName.options)}
      <Button variant="default" onClick={() => onChange(EVERYTHING)}>
        {t('history.clear')}
      </Button>
    </Group>
  );
}

function HistoryTable({ calls }: { readonly calls: readonly CallRow[] }) {
  const { t, i18n } = useTranslation('console');
  const words = useWords();
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table verticalSpacing="xs" aria-label={t('history.title')}>
        <TableHead
          columns={['started', 'calling', 'called', 'direction', 'disposition', 'length'].map((key) =>
            t(`calls.${key}`),
          )}
          actions
        />
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.id}>
              <Table.Td>
                <Anchor component={Link} to={`/calls/${call.id}`} underline="always">
                  {localTime(call.startedAt ?? call.createdAt, i18n.language)}
                </Anchor>
              </Table.Td>
              <Table.Td>{partyText(call.calling)}</Table.Td>
              <Table.Td>{partyText(call.called)}</Table.Td>
              <Table.Td>{words.value(call.direction)}</Table.Td>
              <Table.Td>{words.value(call.disposition ?? call.state)}</Table.Td>
              <Table.Td ff="monospace">{lengthOf(call, Date.now())}</Table.Td>
              <Table.Td ta="right">
                <ActionIcon
                  component={Link}
                  to={`/calls/${call.id}/canvas`}
                  variant="default"
                  aria-label={t('call.onCanvasNamed', { name: partyText(call.calling) })}
                  title={t('call.onCanvas')}
                >
                  <IconRoute size={16} aria-hidden />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** All ended calls that match, however many, as the API writes them. */
function ExportButton({ filter }: { readonly filter: Filter }) {
  const { t } = useTranslation('console');
  // another company is another file
  useCompanyId();
  const { party, state: _state, ...rest } = queryOf(filter);
  return (
    <Button
      component="a"
      href={urlOf(routes.exportHistory, {}, party ? { ...rest, number: party } : rest)}
      download
      variant="default"
      leftSection={<IconDownload size={18} aria-hidden />}
    >
      {t('history.export')}
    </Button>
  );
}
