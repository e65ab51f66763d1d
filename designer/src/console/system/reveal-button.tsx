import type { RouteContract } from '@callwright/api-contract';
import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { showSecret } from '../resources/secret-dialog.tsx';

interface RevealButtonProps {
  readonly route: RouteContract;
  readonly params?: Readonly<Record<string, string>>;
  readonly title: string;
}

/** Shows a password that is kept, to those who may; the showing is logged. */
export function RevealButton({ route, params = {}, title }: RevealButtonProps) {
  const { t } = useTranslation('admin');
  const may = useMay();
  const show = useTell(route, {
    refresh: ['audit'],
    onSuccess: (answer) =>
      showSecret(title, ...Object.values(answer as object).filter((value) => typeof value === 'string')),
  });
  if (!may('secrets')) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconEye size={18} aria-hidden />}
      loading={show.isPending}
      onClick={() => show.mutate({ params } as never)}
    >
      {t('showPassword')}
    </Button>
  );
}
