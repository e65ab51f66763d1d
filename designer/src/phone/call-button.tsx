import { ActionIcon } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePhone } from './phone-store.ts';

interface CallButtonProps {
  readonly number: string;
  readonly name: string;
}

/** Calls somebody from this browser. */
export function CallButton({ number, name }: CallButtonProps) {
  const { t } = useTranslation('own');
  const dial = usePhone((phone) => phone.dial);
  if (number === '') return null;
  return (
    <ActionIcon
      variant="default"
      aria-label={t('phone.callNamed', { name: name || number })}
      onClick={() => void dial(number)}
    >
      <IconPhone size={16} aria-hidden />
    </ActionIcon>
  );
}
