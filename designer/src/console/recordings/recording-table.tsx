import { type Recording, routes } from '@callwright/api-contract';
import { ActionIcon, Anchor, Table } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { urlOf } from '../../api/client.ts';
import { useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { askFirst } from '../ask-first.ts';
import { durationText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { useWords } from '../resources/words.ts';
import { Sound } from '../sound.tsx';
import { TableHead } from '../table-head.tsx';
import { TranscriptButton } from './transcript-button.tsx';

export type RecordingRow = z.infer<typeof Recording>;

interface RecordingTableProps {
  readonly recordings: readonly RecordingRow[];
  /** The page is about one call: no link to it. */
  readonly ofOneCall?: boolean;
}

/** Recordings with their players. */
export function RecordingTable({ recordings, ofOneCall = false }: RecordingTableProps) {
  const { t, i18n } = useTranslation(['admin', 'resources']);
  const words = useWords();
  const may = useMay();
  const columns = ['startedAt', 'kind', 'length', 'listen', ...(ofOneCall ? [] : ['call'])];
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" aria-label={t('recordings.title')}>
        <TableHead columns={columns.map((key) => t(`recordings.${key}`))} actions={may('calls')} />
        <Table.Tbody>
          {recordings.map((recording) => {
            const at = localTime(recording.startedAt, i18n.language);
            return (
              <Table.Tr key={recording.id}>
                <Table.Td>{at}</Table.Td>
                <Table.Td>{t(`recordings.kinds.${recording.kind}`, { defaultValue: recording.kind })}</Table.Td>
                <Table.Td ff="monospace">
                  {recording.durationMs === null ? '–' : durationText(recording.durationMs)}
                </Table.Td>
                <Table.Td>
                  {recording.state === 'stored' ? (
                    <Sound src={urlOf(routes.getRecordingAudio, { id: recording.id })} name={at} />
                  ) : (
                    words.value(recording.state)
                  )}
                  {recording.state === 'stored' && may('calls') && <TranscriptButton id={recording.id} name={at} />}
                </Table.Td>
                {!ofOneCall && (
                  <Table.Td>
                    <Anchor component={Link} to={`/calls/${recording.callId}`} underline="always">
                      {t('recordings.toCall')}
                    </Anchor>
                  </Table.Td>
                )}
                {may('calls') && (
                  <Table.Td ta="right">
                    <RemoveRecording id={recording.id} name={at} />
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function RemoveRecording({ id, name }: { readonly id: string; readonly name: string }) {
  const { t } = useTranslation(['resources', 'admin']);
  const remove = useTell(routes.deleteRecording, { done: t('removed') });
  return (
    <ActionIcon
      variant="default"
      aria-label={t('removeNamed', { name })}
      loading={remove.isPending}
      onClick={() =>
        askFirst({ title: t('removeTitle', { name }), about: t('removeAbout'), action: t('remove') }, () =>
          remove.mutate({ params: { id } }),
        )
      }
    >
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
