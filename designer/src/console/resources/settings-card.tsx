/** Settings of which there is one set: a form that replaces them, and a way back to none where there is one. */
import type { RouteContract } from '@callwright/api-contract';
import { Alert, Button, Card, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiFailure } from '../../api/client.ts';
import { useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { askFirst } from '../ask-first.ts';
import type { FieldHint, Row } from './resource.ts';
import { ResourceForm } from './resource-form.tsx';

interface Asked {
  readonly data: unknown;
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  refetch(): unknown;
}

interface SettingsCardProps {
  /** What is set now; `API_NOT_FOUND` means that nothing is. */
  readonly query: Asked;
  readonly put: RouteContract;
  readonly remove?: RouteContract;
  readonly params?: Readonly<Record<string, string>>;
  readonly hints?: Readonly<Record<string, FieldHint>>;
  readonly first?: readonly string[];
  /** Said while nothing is set. */
  readonly none?: string;
  /** What setting nothing again means. */
  readonly removeAbout?: string;
}

const isMissing = (error: unknown) => error instanceof ApiFailure && error.code === 'API_NOT_FOUND';

export function SettingsCard({ query, put, remove, removeAbout, none, ...form }: SettingsCardProps) {
  const { t } = useTranslation('resources');
  const may = useMay();
  const mayChange = may(put.scope as 'directory');
  const missing = query.isError && isMissing(query.error);
  const kept = missing ? undefined : (query.data as Row | undefined);
  const tell = useTell(remove ?? put, { done: t('removed') });
  const reset = () => tell.mutate({ params: form.params ?? {} } as never);
  return (
    <Awaited query={missing ? { ...query, isError: false } : query}>
      <Card withBorder maw={640}>
        {missing && none && (
          <Text size="sm" mb="sm">
            {none}
          </Text>
        )}
        {mayChange ? (
          <ResourceForm
            key={JSON.stringify(kept)}
            route={put}
            {...form}
            {...(kept ? { initial: kept } : {})}
            submitLabel={t('save')}
            done={t('saved')}
            onDone={() => {}}
          />
        ) : (
          <Alert variant="outline" color="gray">
            {t('readOnly')}
          </Alert>
        )}
        {remove && kept && mayChange && (
          <Group mt="sm">
            <Button
              variant="default"
              onClick={() =>
                askFirst({ title: t('resetTitle'), about: removeAbout ?? t('removeAbout'), action: t('remove') }, reset)
              }
            >
              {t('remove')}
            </Button>
          </Group>
        )}
      </Card>
    </Awaited>
  );
}
