import { Badge, Card, CloseButton, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MyCall } from './my-calls.ts';
import { Who } from './who.tsx';

interface CallCardProps {
  readonly call: MyCall;
  readonly onHide: () => void;
}

/** A call at another phone of the user's: who it is, while it rings and is talked. */
export function CallCard({ call, onHide }: CallCardProps) {
  const { t } = useTranslation('own');
  const state = call.state === 'ringing' && call.role === 'calling' ? 'calling' : call.state;
  return (
    <Card withBorder padding="sm" data-elsewhere={state}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Badge variant="default">{t(`phone.elsewhere.${state}`)}</Badge>
        <CloseButton size="sm" aria-label={t('phone.hide')} onClick={onHide} />
      </Group>
      <Who number={call.other.number} name={call.other.name} call={call} />
    </Card>
  );
}
