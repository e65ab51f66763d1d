/** Entries of one caller list: numbers or patterns, each with a note. */
import { routes } from '@callwright/api-contract';
import { ActionIcon, Anchor, Button, Group, Table, Text, TextInput, Title } from '@mantine/core';
import { IconArrowLeft, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useAsk, useAskList, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { TableHead } from '../table-head.tsx';
import { localTime } from './cell.tsx';

export function CallerListPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const lists = useAskList(routes.listCallerLists, { query: { limit: '500' } });
  const name = lists.items.find((list) => list.id === id)?.name;
  return (
    <Page title={name ?? t('list.loading')}>
      <Anchor component={Link} to="/caller-lists">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t('resources:caller-lists.title')}
        </Group>
      </Anchor>
      <Title order={2}>{t('list.entries')}</Title>
      {may('directory') && <NewEntry id={id} />}
      <Entries id={id} />
    </Page>
  );
}

function NewEntry({ id }: { readonly id: string }) {
  const { t } = useTranslation(['console', 'resources']);
  const [pattern, setPattern] = useState('');
  const [note, setNote] = useState('');
  const put = useTell(routes.putCallerListEntries, {
    done: t('resources:saved'),
    onSuccess: () => {
      setPattern('');
      setNote('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({ params: { id }, body: { entries: [{ pattern: pattern.trim(), note }] } });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end">
        <TextInput
          label={t('list.pattern')}
          description={t('list.patternHelp')}
          required
          value={pattern}
          onChange={(event) => setPattern(event.currentTarget.value)}
        />
        <TextInput label={t('list.note')} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Button type="submit" loading={put.isPending}>
          {t('list.add')}
        </Button>
      </Group>
    </form>
  );
}

function Entries({ id }: { readonly id: string }) {
  const { t, i18n } = useTranslation(['console', 'resources']);
  const may = useMay();
  const query = useAsk(routes.listCallerListEntries, { params: { id }, query: { limit: '500' } });
  const remove = useTell(routes.deleteCallerListEntry, { done: t('resources:removed') });
  const items = query.data?.items ?? [];
  return (
    <Awaited query={query}>
      {items.length === 0 ? (
        <Text>{t('list.empty')}</Text>
      ) : (
        <Table aria-label={t('list.entries')}>
          <TableHead columns={[t('list.pattern'), t('list.note'), t('list.expires')]} actions />
          <Table.Tbody>
            {items.map(({ pattern, note, expiresAt }) => (
              <Table.Tr key={pattern}>
                <Table.Td ff="monospace">{pattern}</Table.Td>
                <Table.Td>{note || '–'}</Table.Td>
                <Table.Td>{expiresAt ? localTime(expiresAt, i18n.language) : '–'}</Table.Td>
                <Table.Td ta="right">
                  {may('directory') && (
                    <ActionIcon
                      variant="default"
                      aria-label={t('resources:removeNamed', { name: pattern })}
                      onClick={() => remove.mutate({ params: { id }, query: { pattern } })}
                    >
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Awaited>
  );
}
