/** The own voicemail box: messages, greetings, PIN; and recordings of own calls where the box lists them. */
import { routes, type VoicemailMessage } from '@callwright/api-contract';
import { ActionIcon, Badge, Button, Card, Group, PasswordInput, Stack, Table, Text, Title } from '@mantine/core';
import { IconMail, IconMailOpened, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { ApiFailure, urlOf } from '../../api/client.ts';
import { useAsk, useAskList, useTell } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { CallButton } from '../../phone/call-button.tsx';
import { dialledOf } from '../../phone/number-input.tsx';
import { askFirst } from '../ask-first.ts';
import { durationText, partyText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { Sound } from '../sound.tsx';
import { TableHead } from '../table-head.tsx';
import { Greetings } from './greetings.tsx';

type Message = z.infer<typeof VoicemailMessage>;

/** A message may come at any time. */
const REFRESH_MS = 15_000;

export function MyMessagesPage() {
  const { t } = useTranslation('own');
  const query = useAsk(routes.getMyBox);
  const box = query.data;
  const none = query.error instanceof ApiFailure && query.error.code === 'API_NOT_FOUND';
  return (
    <Page title={t('box.title')} about={t(none ? 'box.none' : 'box.about')}>
      {!none && (
        <Awaited query={query}>
          {box && (
            <Stack gap="lg">
              <Messages />
              {box.listsRecordings && <Recordings />}
              <Greetings box={box} />
              <BoxPin hasPin={box.hasPin} />
            </Stack>
          )}
        </Awaited>
      )}
    </Page>
  );
}

function Messages() {
  const { t } = useTranslation('own');
  const query = useAsk(routes.listMyMessages, {}, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  return (
    <section aria-labelledby="messages">
      <Title order={2} id="messages" mb="xs">
        {t('box.messages')}
      </Title>
      <Awaited query={query}>
        {items.length === 0 ? (
          <Text>{t('box.noMessages')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={600} type="native">
            <Table verticalSpacing="xs" aria-labelledby="messages">
              <TableHead columns={['at', 'from', 'length', 'listen'].map((key) => t(`box.${key}`))} actions />
              <Table.Tbody>
                {items.map((message) => (
                  <MessageRow key={message.id} message={message} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
    </section>
  );
}

function MessageRow({ message }: { readonly message: Message }) {
  const { t, i18n } = useTranslation(['own', 'resources']);
  const params = { message: message.id };
  const name = partyText(message);
  const mark = useTell(routes.updateMyMessage);
  const remove = useTell(routes.deleteMyMessage, { done: t('resources:removed') });
  const isNew = message.state === 'new';
  const { transcript } = message;
  const askRemove = () =>
    askFirst(
      { title: t('resources:removeTitle', { name }), about: t('resources:removeAbout'), action: t('resources:remove') },
      () => remove.mutate({ params }),
    );
  return (
    <Table.Tr data-message={message.state}>
      <Table.Td>
        <Group gap="xs">
          {localTime(message.at, i18n.language)}
          {isNew && <Badge variant="default">{t('box.new')}</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>{name}</Table.Td>
      <Table.Td ff="monospace">{durationText(message.durationMs)}</Table.Td>
      <Table.Td>
        <Sound
          src={urlOf(routes.getMyMessageAudio, params)}
          name={name}
          onHeard={() => isNew && mark.mutate({ params, body: { state: 'old' } })}
        />
        {transcript && (
          <Text size="sm" maw={360}>
            {transcript.state === 'done' ? transcript.text : t(`box.transcript.${transcript.state}`)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <CallButton number={dialledOf(message.number)} name={name} />
          <ActionIcon
            variant="default"
            aria-label={t(isNew ? 'box.markOld' : 'box.markNew', { name })}
            loading={mark.isPending}
            onClick={() => mark.mutate({ params, body: { state: isNew ? 'old' : 'new' } })}
          >
            {isNew ? <IconMailOpened size={16} aria-hidden /> : <IconMail size={16} aria-hidden />}
          </ActionIcon>
          <ActionIcon variant="default" aria-label={t('resources:removeNamed', { name })} onClick={askRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Recordings() {
  const { t, i18n } = useTranslation('own');
  const query = useAskList(routes.listMyRecordings);
  return (
    <section aria-labelledby="recordings">
      <Title order={2} id="recordings" mb="xs">
        {t('box.recordings')}
      </Title>
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>{t('box.noRecordings')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={480} type="native">
            <Table verticalSpacing="xs" aria-labelledby="recordings">
              <TableHead columns={['at', 'length', 'listen'].map((key) => t(`box.${key}`))} />
              <Table.Tbody>
                {query.items.map(({ id, startedAt, durationMs, state }) => (
                  <Table.Tr key={id}>
                    <Table.Td>{localTime(startedAt, i18n.language)}</Table.Td>
                    <Table.Td ff="monospace">{durationMs === null ? '–' : durationText(durationMs)}</Table.Td>
                    <Table.Td>
                      {state === 'stored' ? (
                        <Sound
                          src={urlOf(routes.getMyRecordingAudio, { id })}
                          name={localTime(startedAt, i18n.language)}
                        />
                      ) : (
                        '–'
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <More query={query} />
      </Awaited>
    </section>
  );
}

const PIN = /^[0-9]{4,12}$/;

function BoxPin({ hasPin }: { readonly hasPin: boolean }) {
  const { t } = useTranslation(['own', 'resources']);
  const [pin, setPin] = useState('');
  const change = useTell(routes.updateMyBox, { done: t('resources:saved'), onSuccess: () => setPin('') });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ body: { pin } });
  };
  return (
    <section aria-labelledby="box-pin">
      <Title order={2} id="box-pin">
        {t('box.pin')}
      </Title>
      <Text size="sm" mb="xs">
        {t(hasPin ? 'box.pinAbout' : 'box.noPin')}
      </Text>
      <Card withBorder maw={640}>
        <form onSubmit={submit}>
          <Group align="flex-end">
            <PasswordInput
              label={t('box.newPin')}
              description={t('box.pinHelp')}
              inputMode="numeric"
              autoComplete="off"
              value={pin}
              onChange={(event) => setPin(event.currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': t('box.showPin') }}
              w={240}
            />
            <Button type="submit" disabled={!PIN.test(pin)} loading={change.isPending}>
              {t('resources:save')}
            </Button>
          </Group>
        </form>
      </Card>
    </section>
  );
}
