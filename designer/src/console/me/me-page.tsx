/** A user's own space: state, telephone, colleagues, private contacts. */
import { routes } from '@callwright/api-contract';
import {
  ActionIcon,
  Badge,
  Button,
  Card,
  Drawer,
  Group,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsk, useAskList, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useSession } from '../../app/session.ts';
import { CallButton } from '../../phone/call-button.tsx';
import { DialPanel } from '../../phone/dial-panel.tsx';
import { dialledOf } from '../../phone/number-input.tsx';
import type { Row } from '../resources/resource.ts';
import { ResourceForm } from '../resources/resource-form.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';

export function MePage() {
  const { t } = useTranslation('console');
  const { userId } = useSession();
  if (userId === null)
    return (
      <Page title={t('me.title')} about={t('me.none')}>
        {null}
      </Page>
    );
  return (
    <Page title={t('me.title')} about={t('me.about')}>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <MyState />
        <Stack>
          <DialPanel />
          <MyContacts />
        </Stack>
      </SimpleGrid>
      <Colleagues />
    </Page>
  );
}

/** What is asked first; the rest folds away. */
const FIRST = ['mode', 'modeUntil', 'modeNote', 'divertNumber', 'phrase', 'callWaiting', 'language'];

function MyState() {
  const { t } = useTranslation(['console', 'resources']);
  const query = useAsk(routes.getMe);
  const me = query.data as unknown as Row | undefined;
  return (
    <Card withBorder>
      <Title order={2} mb="sm">
        {t('me.state')}
      </Title>
      <Awaited query={query}>
        {me && (
          <ResourceForm
            key={JSON.stringify(me)}
            route={routes.updateMe}
            row={me}
            first={FIRST}
            omit={['phonebookId']}
            hints={{ pin: { field: 'password' } }}
            submitLabel={t('resources:save')}
            done={t('resources:saved')}
            onDone={() => {}}
          />
        )}
      </Awaited>
    </Card>
  );
}

function Online({ is }: { readonly is: boolean }) {
  const { t } = useTranslation('console');
  return <Badge variant="default">{t(is ? 'me.online' : 'me.offline')}</Badge>;
}

function MyContacts() {
  const { t } = useTranslation(['console', 'resources']);
  const [isNew, setIsNew] = useState(false);
  const query = useAskList(routes.listMyContacts);
  const remove = useTell(routes.deleteMyContact, { done: t('resources:removed') });
  return (
    <Card withBorder>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('me.contacts')}</Title>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setIsNew(true)}>
          {t('me.newContact')}
        </Button>
      </Group>
      <Awaited query={query}>
        {query.items.length === 0 && <Text>{t('me.noContacts')}</Text>}
        {query.items.map(({ id, givenName, familyName, organisation, numbers }) => {
          const name = [givenName, familyName].filter(Boolean).join(' ') || organisation;
          return (
            <Group key={id} justify="space-between" wrap="nowrap">
              <Text>{[name, ...numbers.map(({ number }) => number)].filter(Boolean).join(' · ')}</Text>
              <Group gap={4} wrap="nowrap">
                <CallButton number={dialledOf(numbers[0]?.number ?? '')} name={name} />
                <ActionIcon
                  variant="default"
                  aria-label={t('resources:removeNamed', { name })}
                  onClick={() => remove.mutate({ params: { id } })}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Group>
          );
        })}
      </Awaited>
      <Drawer
        opened={isNew}
        onClose={() => setIsNew(false)}
        position="right"
        size="lg"
        title={t('me.newContact')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <ResourceForm
          route={routes.createMyContact}
          first={['givenName', 'familyName', 'organisation', 'numbers']}
          omit={['data']}
          submitLabel={t('resources:create')}
          done={t('resources:created')}
          onDone={() => setIsNew(false)}
          onCancel={() => setIsNew(false)}
        />
      </Drawer>
    </Card>
  );
}

/** While somebody still types. */
const TYPING_MS = 300;
const REFRESH_MS = 15_000;

function Colleagues() {
  const { t } = useTranslation('console');
  const words = useWords();
  const [wanted, setWanted] = useState('');
  const [search] = useDebouncedValue(wanted.trim(), TYPING_MS);
  const query = useAskList(routes.listColleagues, { query: search ? { search } : {} }, { refetchInterval: REFRESH_MS });
  return (
    <section aria-labelledby="colleagues">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="colleagues">
          {t('me.colleagues')}
        </Title>
        <TextInput
          type="search"
          aria-label={t('me.searchColleagues')}
          placeholder={t('me.searchColleagues')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      </Group>
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>{t('me.noColleagues')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={480} type="native">
            <Table aria-labelledby="colleagues">
              <TableHead
                columns={['extension', 'givenName', 'familyName', 'mode', 'phrase', 'registered'].map(words.field)}
                actions
              />
              <Table.Tbody>
                {query.items.map((colleague) => (
                  <Table.Tr key={colleague.id}>
                    <Table.Td>{colleague.extension}</Table.Td>
                    <Table.Td>{colleague.givenName}</Table.Td>
                    <Table.Td>{colleague.familyName}</Table.Td>
                    <Table.Td>{words.value(colleague.mode)}</Table.Td>
                    <Table.Td>{[colleague.phrase, colleague.modeNote].filter(Boolean).join(' · ') || '–'}</Table.Td>
                    <Table.Td>
                      <Online is={colleague.registered} />
                    </Table.Td>
                    <Table.Td ta="right">
                      <CallButton
                        number={colleague.extension}
                        name={[colleague.givenName, colleague.familyName].filter(Boolean).join(' ')}
                      />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
    </section>
  );
}
