import { type ParkedCall, routes } from '@callwright/api-contract';
import { Table, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { EntityName, localTime } from '../resources/cell.tsx';
import { TableHead } from '../table-head.tsx';
import { partyText } from './party.ts';

type Parked = z.infer<typeof ParkedCall>;

const REFRESH_MS = 5000;
const TYPING_MS = 600;

/** Who waits in the park slots; nothing while nobody does. */
export function ParkedCalls() {
  const { t, i18n } = useTranslation('admin');
  const may = useMay();
  const query = useAsk(routes.listParkedCalls, {}, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="parked">
      <Title order={2} id="parked">
        {t('parked.title')}
      </Title>
      <Table.ScrollContainer minWidth={560} type="native">
        <Table verticalSpacing="xs" aria-labelledby="parked">
          <TableHead columns={['extension', 'who', 'by', 'since', 'note'].map((key) => t(`parked.${key}`))} />
          <Table.Tbody>
            {items.map((parked) => (
              <Table.Tr key={`${parked.slotId} ${parked.callId}`}>
                <Table.Td>{parked.extension}</Table.Td>
                <Table.Td>{partyText(parked)}</Table.Td>
                <Table.Td>{parked.userId ? <EntityName resource="users" id={parked.userId} /> : '–'}</Table.Td>
                <Table.Td>{localTime(parked.since, i18n.language)}</Table.Td>
                <Table.Td>{may('calls') ? <Note parked={parked} /> : parked.note || '–'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Note({ parked }: { readonly parked: Parked }) {
  const { t } = useTranslation(['admin', 'resources']);
  const put = useTell(routes.putParkedNote, { done: t('resources:saved') });
  const send = useDebouncedCallback(
    (note: string) => put.mutate({ params: { id: parked.slotId }, body: { note } }),
    TYPING_MS,
  );
  return (
    <TextInput
      aria-label={t('parked.noteFor', { name: partyText(parked) })}
      maxLength={500}
      defaultValue={parked.note}
      onChange={(event) => send(event.currentTarget.value)}
    />
  );
}
