/** One user: fields, phones with their log-ins, where they are registered. */
import { type Device, routes } from '@callwright/api-contract';
import { ActionIcon, Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconEye, IconPlus, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { localTime } from '../resources/cell.tsx';
import { EntityPage, type EntityTab } from '../resources/entity-page.tsx';
import { ResourceForm } from '../resources/resource-form.tsx';
import { showSecret } from '../resources/secret-dialog.tsx';
import { TableHead } from '../table-head.tsx';
import { CallingCard } from './calling-card.tsx';
import { UserCalls, UserLdap, UserLists } from './user-extras.tsx';

type DeviceRow = z.infer<typeof Device>;

export function UserPage() {
  const { t } = useTranslation(['admin', 'console']);
  const may = useMay();
  const tabs: EntityTab[] = [
    { key: 'phones', label: t('console:user.devices'), panel: ({ id }) => <Phones userId={id} /> },
    { key: 'calling', label: t('console:user.calling'), panel: ({ id }) => <CallingCard userId={id} /> },
    { key: 'calls', label: t('userCalls.title'), panel: ({ id }) => <UserCalls id={id} /> },
    { key: 'lists', label: t('userLists.title'), panel: ({ id }) => <UserLists id={id} /> },
  ];
  if (may('directory')) tabs.push({ key: 'ldap', label: t('ldap.title'), panel: ({ id }) => <UserLdap id={id} /> });
  return <EntityPage of="users" get={routes.getUser} tabs={tabs} settingsFirst />;
}

function Phones({ userId }: { readonly userId: string }) {
  return (
    <Stack>
      <Devices userId={userId} />
      <Registrations userId={userId} />
    </Stack>
  );
}

function Devices({ userId }: { readonly userId: string }) {
  const { t } = useTranslation('console');
  const may = useMay();
  const [isNew, setIsNew] = useState(false);
  const query = useAsk(routes.listDevices, { params: { id: userId } });
  const devices = query.data?.items ?? [];
  return (
    <section aria-labelledby="devices">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="devices">
          {t('user.devices')}
        </Title>
        {may('directory') && !isNew && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setIsNew(true)}>
            {t('user.newDevice')}
          </Button>
        )}
      </Group>
      {isNew && (
        <Card withBorder maw={640} mb="md">
          <ResourceForm
            route={routes.createDevice}
            params={{ id: userId }}
            submitLabel={t('resources:create')}
            done={t('resources:created')}
            onDone={() => setIsNew(false)}
            onCancel={() => setIsNew(false)}
          />
        </Card>
      )}
      <Awaited query={query}>
        {devices.length === 0 ? <Text>{t('user.noDevices')}</Text> : <DeviceTable devices={devices} />}
      </Awaited>
    </section>
  );
}

function DeviceTable({ devices }: { readonly devices: readonly DeviceRow[] }) {
  const { t } = useTranslation('console');
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table aria-labelledby="devices">
        <TableHead columns={[t('user.device'), t('user.logIn'), t('user.model')]} actions />
        <Table.Tbody>
          {devices.map((device) => (
            <Table.Tr key={device.id}>
              <Table.Td>{device.name || device.type}</Table.Td>
              <Table.Td ff="monospace">{device.sip?.username ?? '–'}</Table.Td>
              <Table.Td>{[device.model, device.mac].filter(Boolean).join(' · ') || '–'}</Table.Td>
              <Table.Td>
                <DeviceActions device={device} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function DeviceActions({ device }: { readonly device: DeviceRow }) {
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const name = device.name || device.type;
  const params = { id: device.id };
  const show = ({ username, realm, password }: { username: string; realm: string; password: string }) =>
    showSecret(t('user.secretTitle', { name }), `${username}@${realm}`, password);
  const reveal = useTell(routes.showDeviceSecret, { onSuccess: show, refresh: ['audit'] });
  const replace = useTell(routes.replaceDeviceSecret, { onSuccess: show });
  const remove = useTell(routes.deleteDevice, { done: t('resources:removed') });
  const confirm = (title: string, about: string, action: string, then: () => void) =>
    modals.openConfirmModal({
      title,
      children: about,
      labels: { confirm: action, cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: then,
    });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {may('secrets') && device.sip && (
        <>
          <ActionIcon
            variant="default"
            aria-label={t('user.showSecret', { name })}
            onClick={() => reveal.mutate({ params })}
          >
            <IconEye size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label={t('user.replaceSecret', { name })}
            onClick={() =>
              confirm(t('user.replaceSecret', { name }), t('user.replaceAbout'), t('user.replace'), () =>
                replace.mutate({ params }),
              )
            }
          >
            <IconRefresh size={16} aria-hidden />
          </ActionIcon>
        </>
      )}
      {may('directory') && (
        <ActionIcon
          variant="default"
          aria-label={t('resources:removeNamed', { name })}
          onClick={() =>
            confirm(t('resources:removeTitle', { name }), t('user.removeAbout'), t('resources:remove'), () =>
              remove.mutate({ params }),
            )
          }
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

const REFRESH_MS = 10_000;

function Registrations({ userId }: { readonly userId: string }) {
  const { t, i18n } = useTranslation('console');
  const query = useAsk(routes.listRegistrations, { params: { id: userId } }, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  return (
    <section aria-labelledby="registrations">
      <Group mb="xs">
        <Title order={2} id="registrations">
          {t('user.registrations')}
        </Title>
        <Badge variant="default">{items.length}</Badge>
      </Group>
      <Awaited query={query}>
        {items.length === 0 && <Text>{t('user.noRegistrations')}</Text>}
        <Stack gap="xs">
          {items.map((registration) => (
            <Text key={registration.contact} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {t('user.registration', {
                phone: registration.userAgent || registration.contact,
                from: registration.received,
                until: localTime(registration.expiresAt, i18n.language),
              })}
            </Text>
          ))}
        </Stack>
      </Awaited>
    </section>
  );
}
