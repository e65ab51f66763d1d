/** What every page has: heading, title of the window, and one form of saying that nothing is there, or that it failed. */
import { Alert, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useBrand } from './brand.ts';
import { failureText } from './failure.ts';

interface PageProps {
  readonly title: string;
  readonly about?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Heading, what the page is for, its actions, its content. */
export function Page({ title, about, actions, children }: PageProps) {
  const { name } = useBrand();
  return (
    <Stack gap="md">
      <title>{`${title} · ${name}`}</title>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1}>{title}</Title>
          {about && (
            <Text size="sm" maw={720}>
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

interface Asked {
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  refetch(): unknown;
}

/** The content once it is there; before, that it loads; else why it does not, with a way to try again. */
export function Awaited({ query, children }: { readonly query: Asked; readonly children: ReactNode }) {
  const { t } = useTranslation();
  if (query.isPending) return <Loader role="status" aria-label={t('loading')} />;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return children;
}

/** A failure in place of content. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('failed')}
      styles={{ label: { color: 'var(--mantine-color-error)' } }}
    >
      <Stack align="flex-start" gap="xs">
        {failureText(error)}
        {retry && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
            {t('tryAgain')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
