import { routes, type WebhookDelivery } from '@callwright/api-contract';
import { Anchor, Badge, Button, Code, Drawer, Group, List, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useAskList, useTell } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { localTime } from '../resources/cell.tsx';
import { TableHead } from '../table-head.tsx';

type Delivery = z.infer<typeof WebhookDelivery>;
type State = Delivery['state'];

const STATES = ['waiting', 'delivered', 'dead'] as const satisfies readonly State[];
const REFRESH_MS = 5000;

/** What was sent, is to be sent, or has been given up. */
export function Deliveries({ id }: { readonly id: string }) {
  const { t } = useTranslation(['admin', 'console']);
  const may = useMay();
  const [state, setState] = useState<State | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const query = useAskList(
    routes.listWebhookDeliveries,
    { params: { id }, query: state ? { state } : {} },
    { refetchInterval: REFRESH_MS },
  );
  const resend = useTell(routes.resendWebhookDeliveries, { done: t('webhook.resent') });
  return (
    <Stack>
      <Group align="flex-end">
        <Select
          label={t('webhook.state')}
          clearable
          clearButtonProps={{ 'aria-label': t('console:clear') }}
          data={STATES.map((value) => ({ value, label: t(`webhook.states.${value}`) }))}
          value={state}
          onChange={(value) => setState(value as State | null)}
          w={200}
        />
        {may('admin') && (
          <Button
            variant="default"
            loading={resend.isPending}
            onClick={() => resend.mutate({ params: { id }, body: { deliveries: null } })}
          >
            {t('webhook.resendDead')}
          </Button>
        )}
      </Group>
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>{t('webhook.empty')}</Text>
        ) : (
          <DeliveryTable
            deliveries={query.items}
            onOpen={setOpen}
            onResend={
              may('admin') ? (number) => resend.mutate({ params: { id }, body: { deliveries: [number] } }) : null
            }
          />
        )}
        <More query={query} />
      </Awaited>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="lg"
        title={t('webhook.delivery', { number: open })}
        closeButtonProps={{ 'aria-label': t('console:close') }}
      >
        {open !== null && <DeliveryLog id={id} number={open} />}
      </Drawer>
    </Stack>
  );
}

interface DeliveryTableProps {
  readonly deliveries: readonly Delivery[];
  readonly onOpen: (number: number) => void;
  readonly onResend: ((number: number) => void) | null;
}

function DeliveryTable({ deliveries, onOpen, onResend }: DeliveryTableProps) {
  const { t, i18n } = useTranslation('admin');
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table verticalSpacing="xs" aria-label={t('webhook.deliveries')}>
        <TableHead
          columns={['number', 'event', 'at', 'state', 'attempts', 'answer'].map((key) => t(`webhook.${key}`))}
          actions={onResend !== null}
        />
        <Table.Tbody>
          {deliveries.map((delivery) => (
            <Table.Tr key={delivery.number}>
              <Table.Td>
                <Anchor component="button" type="button" underline="always" onClick={() => onOpen(delivery.number)}>
                  {delivery.number}
                </Anchor>
              </Table.Td>
              <Table.Td ff="monospace">{delivery.type}</Table.Td>
              <Table.Td>{localTime(delivery.at, i18n.language)}</Table.Td>
              <Table.Td>
                <Badge variant="default">{t(`webhook.states.${delivery.state}`)}</Badge>
              </Table.Td>
              <Table.Td>{delivery.attempts}</Table.Td>
              <Table.Td>{answerText(delivery.lastStatus, delivery.lastError)}</Table.Td>
              {onResend && (
                <Table.Td ta="right">
                  {delivery.state !== 'waiting' && (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={t('webhook.resendNamed', { number: delivery.number })}
                      onClick={() => onResend(delivery.number)}
                    >
                      {t('webhook.resend')}
                    </Button>
                  )}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Status and error of an attempt, as far as there are any. */
const answerText = (status: number | null, error: string | null): string =>
  [status, error].filter((part) => part !== null && part !== '').join(' ') || '–';

function DeliveryLog({ id, number }: { readonly id: string; readonly number: number }) {
  const { t, i18n } = useTranslation('admin');
  const query = useAsk(routes.getWebhookDelivery, { params: { id, number: String(number) } });
  return (
    <Awaited query={query}>
      {query.data && (
        <Stack>
          <Title order={3}>{t('webhook.attemptsTitle')}</Title>
          {query.data.log.length === 0 && <Text>{t('webhook.noAttempts')}</Text>}
          <List size="sm">
            {query.data.log.map(({ at, durationMs, httpStatus, error }) => (
              <List.Item key={at}>
                {t('webhook.attempt', {
                  at: localTime(at, i18n.language),
                  answer: answerText(httpStatus, error),
                  ms: durationMs,
                })}
              </List.Item>
            ))}
          </List>
          <Title order={3}>{t('webhook.body')}</Title>
          <Code block tabIndex={0}>
            {JSON.stringify(query.data.body, null, 2)}
          </Code>
        </Stack>
      )}
    </Awaited>
  );
}
