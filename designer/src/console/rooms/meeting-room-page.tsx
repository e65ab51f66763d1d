/** One meeting room: who is in it now, and its settings. */
import { routes } from '@callwright/api-contract';
import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { partyText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { EntityPage } from '../resources/entity-page.tsx';
import { TableHead } from '../table-head.tsx';

export function MeetingRoomPage() {
  const { t } = useTranslation('admin');
  return (
    <EntityPage
      of="meeting-rooms"
      get={routes.getMeetingRoom}
      tabs={[{ key: 'live', label: t('room.now'), panel: ({ id }) => <Members id={id} /> }]}
    />
  );
}

const REFRESH_MS = 3000;

function Members({ id }: { readonly id: string }) {
  const { t, i18n } = useTranslation('admin');
  const may = useMay();
  const query = useAsk(routes.listMeetingRoomMembers, { params: { id } }, { refetchInterval: REFRESH_MS });
  const items = query.data?.items ?? [];
  return (
    <Stack>
      {may('calls') && <Lock id={id} />}
      <Awaited query={query}>
        {items.length === 0 ? (
          <Text>{t('room.empty')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={480} type="native">
            <Table verticalSpacing="xs" aria-label={t('room.now')}>
              <TableHead columns={['who', 'role', 'since'].map((key) => t(`room.${key}`))} actions={may('calls')} />
              <Table.Tbody>
                {items.map((member) => (
                  <Table.Tr key={member.callId}>
                    <Table.Td>{partyText(member)}</Table.Td>
                    <Table.Td>
                      {member.moderator && <Badge variant="default">{t('room.moderator')}</Badge>}
                      {member.waiting && <Badge variant="default">{t('room.waiting')}</Badge>}
                    </Table.Td>
                    <Table.Td>{localTime(member.joinedAt, i18n.language)}</Table.Td>
                    {may('calls') && (
                      <Table.Td>
                        <MemberActions callId={member.callId} name={partyText(member)} />
                      </Table.Td>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Awaited>
    </Stack>
  );
}

function Lock({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const lock = useTell(routes.lockMeetingRoom, { done: t('room.lockSent') });
  return (
    <Group>
      {[true, false].map((locked) => (
        <Button
          key={String(locked)}
          variant="default"
          loading={lock.isPending}
          onClick={() => lock.mutate({ params: { id }, body: { locked } })}
        >
          {t(locked ? 'room.lock' : 'room.unlock')}
        </Button>
      ))}
    </Group>
  );
}

function MemberActions({ callId, name }: { readonly callId: string; readonly name: string }) {
  const { t } = useTranslation('admin');
  const refresh = ['meeting-rooms'];
  const mute = useTell(routes.muteCall, { done: t('room.sent'), refresh });
  const leave = useTell(routes.leaveRoomOfCall, { done: t('room.sent'), refresh });
  const params = { id: callId };
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button
        size="xs"
        variant="default"
        aria-label={t('room.muteNamed', { name })}
        onClick={() => mute.mutate({ params, body: { muted: true } })}
      >
        {t('room.mute')}
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={t('room.unmuteNamed', { name })}
        onClick={() => mute.mutate({ params, body: { muted: false } })}
      >
        {t('room.unmute')}
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={t('room.letGoNamed', { name })}
        onClick={() => leave.mutate({ params, body: {} })}
      >
        {t('room.letGo')}
      </Button>
    </Group>
  );
}
