/** One user: fields, phones with their log-ins, where they are registered. */
import { type Device, routes } from '@callwright/api-contract';
import { ActionIcon, Anchor, Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconArrowLeft, IconEye, IconPlus, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { localTime } from '../resources/cell.tsx';
import { resourceOf } from '../resources/registry.ts';
import { formOf, nameOf, type Row } from '../resources/resource.ts';
import { ResourceForm } from '../resources/resource-form.tsx';
import { showSecret } from '../resources/secret-dialog.tsx';
import { TableHead } from '../table-head.tsx';
import { CallingCard } from './calling-card.tsx';
import { UserExtras } from './user-extras.tsx';

type DeviceRow = z.infer<typeof Device>;

export function UserPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const query = useAsk(routes.getUser, { params: { id } });
  const resource = resourceOf('users');
  const row = query.data as unknown as Row | undefined;
  return (
    <Page title={row && resource ? nameOf(resource, row) : t('user.loading')}>
      <Anchor component={Link} to="/users">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t('resources:users.title')}
        </Group>
      </Anchor>
      <Awaited query={query}>
        {row && resource && (
          <Stack>
            {may('directory') && (
              <Card withBorder maw={640}>
                <ResourceForm
                  key={JSON.stringify(row)}
                  route={routes.updateUser}
                  params={{ id }}
                  row={row}
                  {...formOf(resource)}
                  submitLabel={t('resources:save')}
                  done={t('resources:saved')}
                  onDone={() => {}}
                />
              </Card>
            )}
            <CallingCard userId={id} />
            <Devices userId={id} />
            <Registrations userId={id} />
            <UserExtras id={id} />
          </Stack>
        )}
      </Awaited>
    </Page>
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
