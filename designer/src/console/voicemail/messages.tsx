import { routes, type VoicemailMessage } from '@callwright/api-contract';
import { ActionIcon, Badge, Group, Table, Text } from '@mantine/core';
import { IconMail, IconMailOpened, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { urlOf } from '../../api/client.ts';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { askFirst } from '../ask-first.ts';
import { durationText, partyText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { Sound } from '../sound.tsx';
import { TableHead } from '../table-head.tsx';

type Message = z.infer<typeof VoicemailMessage>;

/** A message may come at any time. */
const REFRESH_MS = 15_000;

/** Messages of a box, each with a player and what the recogniser has heard. */
export function Messages({ boxId }: { readonly boxId: string }) {
  const { t, i18n } = useTranslation('admin');
  const query = useAsk(routes.listMessages, { params: { id: boxId } }, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  return (
    <Awaited query={query}>
      {items.length === 0 ? (
        <Text>{t('box.noMessages')}</Text>
      ) : (
        <Table.ScrollContainer minWidth={600} type="native">
          <Table verticalSpacing="xs" aria-label={t('box.messages')}>
            <TableHead columns={['at', 'from', 'length', 'listen'].map((key) => t(`box.${key}`))} actions />
            <Table.Tbody>
              {items.map((message) => (
                <Table.Tr key={message.id}>
                  <Table.Td>
                    <Group gap="xs">
                      {localTime(message.at, i18n.language)}
                      {message.state === 'new' && <Badge variant="default">{t('box.new')}</Badge>}
                    </Group>
                  </Table.Td>
                  <Table.Td>{partyText(message)}</Table.Td>
                  <Table.Td ff="monospace">{durationText(message.durationMs)}</Table.Td>
                  <Table.Td>
                    <Sound
                      src={urlOf(routes.getMessageAudio, { id: boxId, message: message.id })}
                      name={partyText(message)}
                    />
                    <Transcript message={message} />
                  </Table.Td>
                  <Table.Td>
                    <MessageActions boxId={boxId} message={message} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Awaited>
  );
}

function Transcript({ message: { transcript } }: { readonly message: Message }) {
  const { t } = useTranslation('admin');
  if (!transcript) return null;
  return (
    <Text size="sm" maw={360}>
      {transcript.state === 'done' ? transcript.text : t(`box.transcript.${transcript.state}`)}
    </Text>
  );
}

function MessageActions({ boxId, message }: { readonly boxId: string; readonly message: Message }) {
  const { t } = useTranslation(['admin', 'resources']);
  const params = { id: boxId, message: message.id };
  const name = partyText(message);
  const mark = useTell(routes.updateMessage);
  const remove = useTell(routes.deleteMessage, { done: t('resources:removed') });
  const isNew = message.state === 'new';
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <ActionIcon
        variant="default"
        aria-label={t(isNew ? 'box.markOld' : 'box.markNew', { name })}
        loading={mark.isPending}
        onClick={() => mark.mutate({ params, body: { state: isNew ? 'old' : 'new' } })}
      >
        {isNew ? <IconMailOpened size={16} aria-hidden /> : <IconMail size={16} aria-hidden />}
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label={t('resources:removeNamed', { name })}
        onClick={() =>
          askFirst(
            {
              title: t('resources:removeTitle', { name }),
              about: t('resources:removeAbout'),
              action: t('resources:remove'),
            },
            () => remove.mutate({ params }),
          )
        }
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
