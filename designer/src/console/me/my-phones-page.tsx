/** The own phones with their log-ins: added, given a new password, removed. */
import { type Device, routes } from '@callwright/api-contract';
import { ActionIcon, Badge, Button, Card, Group, Table, Text, TextInput } from '@mantine/core';
import { IconPlus, IconRefresh, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { askFirst } from '../ask-first.ts';
import { showSecret } from '../resources/secret-dialog.tsx';
import { useWords } from '../resources/words.ts';
import { TableHead } from '../table-head.tsx';

type Row = z.infer<typeof Device>;

const REFRESH_MS = 15_000;

export function MyPhonesPage() {
  const { t } = useTranslation('own');
  const query = useAsk(routes.listMyDevices, {}, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  return (
    <Page title={t('phones.title')} about={t('phones.about')}>
      <NewPhone />
      <Awaited query={query}>
        {items.length === 0 ? (
          <Text>{t('phones.none')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={560} type="native">
            <Table aria-label={t('phones.title')}>
              <TableHead columns={['name', 'logIn', 'state'].map((key) => t(`phones.${key}`))} actions />
              <Table.Tbody>
                {items.map((device) => (
                  <PhoneRow key={device.id} device={device} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
    </Page>
  );
}

function NewPhone() {
  const { t } = useTranslation(['own', 'resources']);
  const [name, setName] = useState('');
  const make = useTell(routes.createMyDevice, {
    onSuccess: ({ device, sip }) => {
      setName('');
      showSecret(device.name || sip.username, sip.username, sip.password);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ body: { name: name.trim(), model: null } });
  };
  return (
    <Card withBorder maw={640}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label={t('phones.newName')}
            description={t('phones.newAbout')}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            style={{ flex: 1 }}
          />
          <Button
            type="submit"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={name.trim() === ''}
            loading={make.isPending}
          >
            {t('phones.add')}
          </Button>
        </Group>
      </form>
    </Card>
  );
}

function PhoneRow({ device }: { readonly device: Row }) {
  const { t } = useTranslation(['own', 'resources', 'console']);
  const words = useWords();
  const params = { id: device.id };
  const name = device.name || words.value(device.type);
  const renew = useTell(routes.replaceMyDeviceSecret, {
    onSuccess: ({ username, password }) => showSecret(name, username, password),
  });
  const remove = useTell(routes.deleteMyDevice, { done: t('resources:removed') });
  const askRenew = () =>
    askFirst(
      {
        title: t('console:user.replaceSecret', { name }),
        about: t('console:user.replaceAbout'),
        action: t('console:user.replace'),
      },
      () => renew.mutate({ params }),
    );
  const askRemove = () =>
    askFirst(
      {
        title: t('resources:removeTitle', { name }),
        about: t('console:user.removeAbout'),
        action: t('resources:remove'),
      },
      () => remove.mutate({ params }),
    );
  return (
    <Table.Tr>
      <Table.Td>{[name, device.model].filter(Boolean).join(' · ')}</Table.Td>
      <Table.Td ff="monospace">{device.sip?.username ?? device.dialNumber ?? '–'}</Table.Td>
      <Table.Td>
        <Group gap={6}>
          <Badge variant="default">{t(device.registered ? 'console:me.online' : 'console:me.offline')}</Badge>
          {device.userAgent}
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          {device.sip && (
            <ActionIcon variant="default" aria-label={t('console:user.replaceSecret', { name })} onClick={askRenew}>
              <IconRefresh size={16} aria-hidden />
            </ActionIcon>
          )}
          <ActionIcon variant="default" aria-label={t('resources:removeNamed', { name })} onClick={askRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
