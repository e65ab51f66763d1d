/** Who can be reached now: state, what users say of themselves, phones on line, messages; kept up to date by the event stream. */
import { type PresenceView, routes } from '@callwright/api-contract';
import { Badge, Button, Group, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { useAskList } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { localTime } from '../resources/cell.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';
import { ChatDialog } from './chat-dialog.tsx';
import { usePresenceRefresh } from './presence-refresh.ts';

export type PresenceRow = z.infer<typeof PresenceView>;

const SLOW_REFRESH_MS = 30_000;

export function PresencePage() {
  const { t } = useTranslation(['admin', 'console', 'resources']);
  const [wanted, setWanted] = useState('');
  const [open, setOpen] = useState<PresenceRow | null>(null);
  const state = usePresenceRefresh();
  const query = useAskList(
    routes.listPresence,
    { query: { limit: '500' } as object },
    { refetchInterval: SLOW_REFRESH_MS },
  );
  const text = wanted.trim().toLowerCase();
  const shown = query.items.filter(({ name, extension }) => `${name} ${extension}`.toLowerCase().includes(text));
  return (
    <Page
      title={t('presence.title')}
      about={t('presence.about')}
      actions={
        <Badge variant="default" role="status">
          {t(`console:live.${state}`)}
        </Badge>
      }
    >
      <TextInput
        type="search"
        aria-label={t('resources:search')}
        placeholder={t('resources:search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        maw={360}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <Awaited query={query}>
        {shown.length === 0 ? <Text>{t('resources:empty')}</Text> : <PresenceTable rows={shown} onOpen={setOpen} />}
        <More query={query} />
      </Awaited>
      {open && <ChatDialog user={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

interface PresenceTableProps {
  readonly rows: readonly PresenceRow[];
  readonly onOpen: (row: PresenceRow) => void;
}

function PresenceTable({ rows, onOpen }: PresenceTableProps) {
  const { t, i18n } = useTranslation('admin');
  const words = useWords();
  const may = useMay();
  return (
    <Table.ScrollContainer minWidth={720} type="native">
      <Table verticalSpacing="xs" aria-label={t('presence.title')}>
        <TableHead
          columns={['user', 'state', 'since', 'says', 'phones', 'messages'].map((key) => t(`presence.${key}`))}
          actions={may('directory')}
        />
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.userId}>
              <Table.Td>
                <Link to={`/users/${row.userId}`}>{`${row.name} (${row.extension})`}</Link>
              </Table.Td>
              <Table.Td>
                <Group gap="xs">
                  <Badge variant="default">{t(`presence.states.${row.state}`)}</Badge>
                  {row.mode !== 'normal' && words.value(row.mode)}
                </Group>
              </Table.Td>
              <Table.Td>{localTime(row.since, i18n.language)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {[row.chat && words.value(row.chat.status), row.chat?.note, row.phrase, row.note]
                  .filter(Boolean)
                  .join(' · ') || '–'}
              </Table.Td>
              <Table.Td>
                {row.devices
                  .filter(({ registered }) => registered !== null)
                  .map(({ name, type }) => name || words.value(type))
                  .join(', ') || '–'}
              </Table.Td>
              <Table.Td>{row.messages.fresh === 0 ? '–' : row.messages.fresh}</Table.Td>
              {may('directory') && (
                <Table.Td ta="right">
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('presence.setNamed', { name: row.name || row.extension })}
                    onClick={() => onOpen(row)}
                  >
                    {t('presence.set')}
                  </Button>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
