import { routes } from '@callwright/api-contract';
import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { DestinationInput, type DestinationValue } from '../resources/form-fields.tsx';

interface PlaceDialogProps {
  /** Whether it is placed at a time instead of now. */
  readonly later: boolean;
  readonly onClose: () => void;
}

/** A destination as a party: whoever can be rung by himself is named as such, since only the second may be anything else. */
function partyOf(destination: DestinationValue) {
  const { type, id } = destination;
  if (type === 'user') return { to: { type: 'user' as const, userId: id } };
  if (type === 'number') return { to: { type: 'number' as const, number: id.trim() } };
  if (type === 'sip') return { to: { type: 'sip' as const, uri: id.trim() } };
  return { to: { type: 'destination' as const, destination } };
}
const MINUTE_MS = 60_000;

/** Calls one party, then another, and joins them: now, or at a time with further tries. */
export function PlaceDialog({ later, onClose }: PlaceDialogProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const [first, setFirst] = useState<DestinationValue | null>(null);
  const [second, setSecond] = useState<DestinationValue | null>(null);
  const [at, setAt] = useState('');
  const [tries, setTries] = useState<number | string>(1);
  const [pause, setPause] = useState<number | string>(1);
  const now = useTell(routes.connectCall, { done: t('place.sent'), onSuccess: onClose });
  const then = useTell(routes.createScheduledCall, { done: t('resources:saved'), onSuccess: onClose });
  const isWhole = first?.id && second?.id && (!later || at !== '');
  const submit = () => {
    if (!first || !second) return;
    const body = { first: partyOf(first), second: partyOf(second) };
    if (!later) now.mutate({ body });
    else
      then.mutate({
        body: {
          ...body,
          at: new Date(at).toISOString(),
          tries: Math.max(1, Number(tries)),
          retryAfterMs: Math.max(1, Number(pause)) * MINUTE_MS,
        },
      });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(later ? 'place.laterTitle' : 'place.title')}
      closeButtonProps={{ 'aria-label': t('resources:close') }}
    >
      <Stack mih={320} justify="space-between">
        <DestinationInput label={t('place.first')} value={first} onChange={setFirst} />
        <DestinationInput label={t('place.second')} value={second} onChange={setSecond} />
        {later && (
          <Group grow align="flex-end">
            <TextInput
              type="datetime-local"
              label={t('place.at')}
              required
              value={at}
              onChange={(event) => setAt(event.currentTarget.value)}
            />
            <NumberInput
              label={t('place.tries')}
              min={1}
              max={20}
              allowDecimal={false}
              value={tries}
              onChange={setTries}
            />
            <NumberInput
              label={t('place.pause')}
              min={1}
              max={1440}
              allowDecimal={false}
              value={pause}
              onChange={setPause}
            />
          </Group>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('resources:cancel')}
          </Button>
          <Button disabled={!isWhole} loading={now.isPending || then.isPending} onClick={submit}>
            {t(later ? 'place.plan' : 'place.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
