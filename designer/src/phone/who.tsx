/** Who is on the other side: the contact of the address books with what its application keeps, else what the network says. */
import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MyCall } from './my-calls.ts';

interface WhoProps {
  /** As the network says. */
  readonly number: string;
  readonly name: string;
  readonly call: MyCall | null;
}

export function contactName(call: MyCall | null): string {
  const { contact } = call ?? { contact: null };
  if (!contact) return '';
  return [contact.givenName, contact.familyName].filter(Boolean).join(' ') || contact.organisation;
}

export function Who({ number, name, call }: WhoProps) {
  const { t } = useTranslation('own');
  const known = contactName(call) || name || call?.other.name || '';
  const shownNumber = number || call?.other.number || '';
  const organisation = call?.contact?.organisation ?? '';
  return (
    <Stack gap={2} data-who>
      <Text fw={600} size="lg" style={{ overflowWrap: 'anywhere' }}>
        {known || shownNumber || t('phone.unknown')}
      </Text>
      {known && shownNumber && <Text size="sm">{shownNumber}</Text>}
      {organisation && organisation !== known && <Text size="sm">{organisation}</Text>}
      {call && (call.details.length > 0 || call.note || call.contact?.notes) && <Details call={call} />}
      {call?.recorded && (
        <Group>
          <Badge variant="default">{t('phone.recorded')}</Badge>
        </Group>
      )}
    </Stack>
  );
}

function Details({ call: { details, note, contact } }: { readonly call: MyCall }) {
  const { t } = useTranslation('own');
  const rows = [
    ...details,
    ...(contact?.notes ? [{ caption: t('phone.notes'), value: contact.notes }] : []),
    ...(note ? [{ caption: t('phone.note'), value: note }] : []),
  ];
  return (
    <dl style={{ margin: 0, display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '2px 10px' }}>
      {rows.map(({ caption, value }, at) => (
        // captions may repeat
        <div key={`${at} ${caption}`} style={{ display: 'contents' }}>
          <Text component="dt" size="sm" c="dimmed">
            {caption}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </div>
      ))}
    </dl>
  );
}
