/** One webhook: its deliveries with every attempt, its secrets, its settings. */
import { routes } from '@callwright/api-contract';
import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { EntityPage, type EntityTab } from '../resources/entity-page.tsx';
import { Deliveries } from './deliveries.tsx';
import { WebhookSecrets } from './webhook-secrets.tsx';

export function WebhookPage() {
  const { t } = useTranslation('admin');
  const may = useMay();
  const tabs: EntityTab[] = [
    { key: 'deliveries', label: t('webhook.deliveries'), panel: ({ id }) => <Deliveries id={id} /> },
  ];
  if (may('secrets'))
    tabs.push({ key: 'secrets', label: t('webhook.secrets'), panel: ({ id }) => <WebhookSecrets id={id} /> });
  return (
    <EntityPage
      of="webhooks"
      get={routes.getWebhook}
      tabs={tabs}
      actions={({ id }) => may('admin') && <TestButton id={id} />}
    />
  );
}

function TestButton({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const test = useTell(routes.testWebhook, { done: t('webhook.testSent') });
  return (
    <Button
      variant="default"
      leftSection={<IconSend size={18} aria-hidden />}
      loading={test.isPending}
      onClick={() => test.mutate({ params: { id }, body: {} })}
    >
      {t('webhook.test')}
    </Button>
  );
}
