/** Hands a call over: at once, or after asking whoever is to have it. */
import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PhoneLine } from './browser-phone.ts';
import { dialledOf, PhoneNumberInput } from './number-input.tsx';
import { browserPhone } from './phone-store.ts';

interface TransferFormProps {
  readonly line: PhoneLine;
  readonly onDone: () => void;
}

export function TransferForm({ line, onDone }: TransferFormProps) {
  const { t } = useTranslation('own');
  const [text, setText] = useState('');
  const number = dialledOf(text);
  const transfer = (event: FormEvent) => {
    event.preventDefault();
    browserPhone()?.transfer(line.id, number);
    onDone();
  };
  return (
    <form onSubmit={transfer}>
      <Stack gap={6}>
        <PhoneNumberInput label={t('phone.transferTo')} value={text} onChange={setText} />
        <Group gap={6} grow>
          <Button type="submit" size="xs" disabled={number === ''}>
            {t('phone.transferNow')}
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={number === ''}
            onClick={() => {
              browserPhone()?.dial(number, line.id);
              onDone();
            }}
          >
            {t('phone.askFirst')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
