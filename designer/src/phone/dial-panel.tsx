/** This browser as a telephone: on or off, and a number to call. */
import { Badge, Button, Card, Group, Switch, Text, Title } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dialledOf, PhoneNumberInput } from './number-input.tsx';
import { usePhone } from './phone-store.ts';

export function DialPanel() {
  const { t } = useTranslation('own');
  const { readiness, turnOn, turnOff, dial } = usePhone();
  const [text, setText] = useState('');
  const number = dialledOf(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number === '') return;
    void dial(number);
    setText('');
  };
  const isOn = readiness !== 'off' && readiness !== 'insecure';
  return (
    <Card withBorder style={{ overflow: 'visible' }}>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('phone.title')}</Title>
        <Badge variant="default" role="status" data-phone={readiness}>
          {t(`phone.readiness.${readiness}`)}
        </Badge>
      </Group>
      <Switch
        label={t('phone.use')}
        description={t('phone.useAbout')}
        checked={isOn}
        onChange={(event) => (event.currentTarget.checked ? void turnOn() : turnOff())}
        mb="sm"
      />
      {readiness === 'insecure' ? (
        <Text size="sm">{t('phone.failures.insecure')}</Text>
      ) : (
        <form onSubmit={submit}>
          <Group align="flex-end">
            <div style={{ flex: 1, minWidth: 180 }}>
              <PhoneNumberInput label={t('phone.number')} value={text} onChange={setText} />
            </div>
            <Button type="submit" leftSection={<IconPhone size={16} aria-hidden />} disabled={number === ''}>
              {t('phone.call')}
            </Button>
          </Group>
        </form>
      )}
    </Card>
  );
}
