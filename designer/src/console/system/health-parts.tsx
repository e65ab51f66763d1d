/** State of the installation's parts, as `/healthz` tells it. */
import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiFailure } from '../../api/client.ts';
import { Awaited } from '../../app/page.tsx';
import { TableHead } from '../table-head.tsx';

interface Health {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

const REFRESH_MS = 10_000;

function useHealth() {
  return useQuery({
    queryKey: ['health'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }): Promise<Health> => {
      // 503 is an answer too: it says which part is away
      const answer = await fetch('/healthz', { signal }).catch((cause: unknown) => {
        throw new ApiFailure('offline', null, { cause });
      });
      return (await answer.json()) as Health;
    },
  });
}

/** One line a part. */
export function HealthSummary() {
  const { t } = useTranslation('console');
  const query = useHealth();
  return (
    <Awaited query={query}>
      <Stack gap={4}>
        {Object.entries(query.data?.parts ?? {}).map(([name, { ok }]) => (
          <Group key={name} justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm">{t(`health.parts.${name}`, { defaultValue: name })}</Text>
            <PartState ok={ok} />
          </Group>
        ))}
      </Stack>
    </Awaited>
  );
}

/** Each part with what it says of itself. */
export function HealthTable() {
  const { t } = useTranslation('console');
  const query = useHealth();
  return (
    <Awaited query={query}>
      <Table aria-label={t('health.title')}>
        <TableHead columns={[t('health.part'), t('health.state'), t('health.detail')]} />
        <Table.Tbody>
          {Object.entries(query.data?.parts ?? {}).map(([name, { ok, detail }]) => (
            <Table.Tr key={name}>
              <Table.Td>{t(`health.parts.${name}`, { defaultValue: name })}</Table.Td>
              <Table.Td>
                <PartState ok={ok} />
              </Table.Td>
              <Table.Td>{detail}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Awaited>
  );
}

function PartState({ ok }: { readonly ok: boolean }) {
  const { t } = useTranslation('console');
  const Icon = ok ? IconCircleCheck : IconAlertTriangle;
  return (
    <Badge variant="default" leftSection={<Icon size={14} aria-hidden />}>
      {t(ok ? 'health.good' : 'health.bad')}
    </Badge>
  );
}
