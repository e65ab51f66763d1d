/** One call at this browser's phone and what can be done with it. */
import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import {
  IconArrowForwardUp,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { durationText } from '../console/calls/party.ts';
import type { PhoneLine } from './browser-phone.ts';
import { KeyPad } from './key-pad.tsx';
import type { MyCall } from './my-calls.ts';
import { browserPhone, usePhone } from './phone-store.ts';
import { TransferForm } from './transfer-form.tsx';
import { Who } from './who.tsx';

interface LineCardProps {
  readonly line: PhoneLine;
  readonly call: MyCall | null;
}

export function LineCard({ line, call }: LineCardProps) {
  const { t } = useTranslation('own');
  return (
    <Card withBorder padding="sm" data-line={line.state}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap">
          <Badge variant="default">{t(`phone.states.${line.state}`)}</Badge>
          {line.since !== null && <Talked since={line.since} />}
        </Group>
        <Who number={line.number} name={line.name} call={call} />
        {line.state === 'ringing' ? (
          <Group gap={8} grow>
            <Button
              color="teal.9"
              leftSection={<IconPhone size={16} aria-hidden />}
              onClick={() => browserPhone()?.answer(line.id)}
            >
              {t('phone.answer')}
            </Button>
            <HangUp line={line} label={t('phone.decline')} />
          </Group>
        ) : line.state === 'calling' ? (
          <HangUp line={line} label={t('phone.hangUp')} />
        ) : (
          <TalkActions line={line} />
        )}
      </Stack>
    </Card>
  );
}

const SECOND_MS = 1000;

function Talked({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Text size="sm" ff="monospace">
      {durationText(now - since)}
    </Text>
  );
}

function HangUp({ line, label }: { readonly line: PhoneLine; readonly label: string }) {
  return (
    <Button
      color="red.8"
      leftSection={<IconPhoneOff size={16} aria-hidden />}
      onClick={() => browserPhone()?.hangUp(line.id)}
    >
      {label}
    </Button>
  );
}

type Shown = 'keys' | 'transfer' | null;

function TalkActions({ line }: { readonly line: PhoneLine }) {
  const { t } = useTranslation('own');
  const [shown, setShown] = useState<Shown>(null);
  const first = usePhone(({ lines }) => lines.find(({ id }) => id === line.asksFor));
  const held = line.state === 'held';
  const toggle = (what: Exclude<Shown, null>) => ({
    'aria-expanded': shown === what,
    variant: shown === what ? 'light' : 'default',
    onClick: () => setShown(shown === what ? null : what),
  });
  const small = { size: 'xs', px: 8 } as const;
  return (
    <Stack gap={8}>
      {first && (
        <Button
          leftSection={<IconArrowForwardUp size={16} aria-hidden />}
          onClick={() => browserPhone()?.join(first.id, line.id)}
        >
          {t('phone.join', { name: first.name || first.number })}
        </Button>
      )}
      <Group gap={6}>
        <Button
          {...small}
          variant={held ? 'light' : 'default'}
          aria-pressed={held}
          leftSection={held ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
          onClick={() => browserPhone()?.hold(line.id, !held)}
        >
          {t('phone.hold')}
        </Button>
        <Button
          {...small}
          variant={line.muted ? 'light' : 'default'}
          aria-pressed={line.muted}
          leftSection={
            line.muted ? <IconMicrophoneOff size={14} aria-hidden /> : <IconMicrophone size={14} aria-hidden />
          }
          onClick={() => browserPhone()?.mute(line.id, !line.muted)}
        >
          {t('phone.mute')}
        </Button>
        <Button {...small} {...toggle('keys')} leftSection={<IconDialpad size={14} aria-hidden />}>
          {t('phone.keys')}
        </Button>
        <Button {...small} {...toggle('transfer')} leftSection={<IconArrowForwardUp size={14} aria-hidden />}>
          {t('phone.transfer')}
        </Button>
      </Group>
      {shown === 'keys' && <KeyPad label={t('phone.keypad')} onPress={(key) => browserPhone()?.press(line.id, key)} />}
      {shown === 'transfer' && <TransferForm line={line} onDone={() => setShown(null)} />}
      <HangUp line={line} label={t('phone.hangUp')} />
    </Stack>
  );
}
