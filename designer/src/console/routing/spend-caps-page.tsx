/** What the company and its users may spend in a month, and what they have spent. */
import { routes, type SpendCapView } from '@callwright/api-contract';
import { Button, Card, Group, NumberInput, Progress, Select, Table, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { EntityName } from '../resources/cell.tsx';
import { useChoices } from '../resources/choices.ts';
import { TableHead } from '../table-head.tsx';

type Cap = z.infer<typeof SpendCapView>;

const UNIT = 1_000_000;
/** Above this share a cap wants attention. */
const NEARLY = 0.8;

export function SpendCapsPage() {
  const { t } = useTranslation('admin');
  const may = useMay();
  const query = useAsk(routes.listSpendCaps);
  const items = query.data?.items ?? [];
  return (
    <Page title={t('caps.title')} about={t('caps.about')}>
      {may('directory') && <CapForm />}
      <Awaited query={query}>{items.length === 0 ? <Text>{t('caps.empty')}</Text> : <CapTable caps={items} />}</Awaited>
    </Page>
  );
}

function CapForm() {
  const { t } = useTranslation(['admin', 'resources']);
  const users = useChoices('users');
  const [userId, setUserId] = useState<string | null>(null);
  const [amount, setAmount] = useState<number | string>('');
  const put = useTell(routes.putSpendCap, { done: t('resources:saved'), onSuccess: () => setAmount('') });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({ body: { userId, microsPerMonth: Math.round(Number(amount) * UNIT) } });
  };
  return (
    <Card withBorder maw={720} component="form" onSubmit={submit}>
      <Group align="flex-end">
        <Select
          label={t('caps.of')}
          placeholder={t('caps.company')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('resources:clear') }}
          data={[...users]}
          value={userId}
          onChange={setUserId}
        />
        <NumberInput label={t('caps.amount')} required min={0} decimalScale={6} value={amount} onChange={setAmount} />
        <Button type="submit" disabled={amount === ''} loading={put.isPending}>
          {t('caps.set')}
        </Button>
      </Group>
    </Card>
  );
}

function CapTable({ caps }: { readonly caps: readonly Cap[] }) {
  const { t, i18n } = useTranslation(['admin', 'resources']);
  const may = useMay();
  const put = useTell(routes.putSpendCap, { done: t('resources:removed') });
  const money = (micros: number) => (micros / UNIT).toLocaleString(i18n.language, { maximumFractionDigits: 2 });
  return (
    <Table.ScrollContainer minWidth={480} type="native">
      <Table verticalSpacing="xs" aria-label={t('caps.title')}>
        <TableHead columns={['of', 'amount', 'spent'].map((key) => t(`caps.${key}`))} actions={may('directory')} />
        <Table.Tbody>
          {caps.map(({ userId, microsPerMonth, micros }) => {
            const share = microsPerMonth === 0 ? 1 : micros / microsPerMonth;
            return (
              <Table.Tr key={userId ?? ''}>
                <Table.Td>{userId ? <EntityName resource="users" id={userId} /> : t('caps.company')}</Table.Td>
                <Table.Td>{money(microsPerMonth)}</Table.Td>
                <Table.Td>
                  {money(micros)}
                  <Progress
                    aria-label={t('caps.spent')}
                    value={Math.min(100, share * 100)}
                    color={share >= NEARLY ? 'red' : 'teal'}
                  />
                </Table.Td>
                {may('directory') && (
                  <Table.Td ta="right">
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => put.mutate({ body: { userId, microsPerMonth: null } })}
                    >
                      {t('resources:remove')}
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
