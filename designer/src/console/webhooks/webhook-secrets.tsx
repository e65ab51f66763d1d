import { routes } from '@callwright/api-contract';
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { askFirst } from '../ask-first.ts';
import { localTime } from '../resources/cell.tsx';
import { showSecret } from '../resources/secret-dialog.tsx';

/** Secrets that deliveries are signed with; two at a time let a receiver change over. */
export function WebhookSecrets({ id }: { readonly id: string }) {
  const { t, i18n } = useTranslation(['admin', 'resources']);
  const query = useAsk(routes.listWebhookSecrets, { params: { id } });
  const add = useTell(routes.addWebhookSecret, {
    onSuccess: ({ number, secret }) => showSecret(t('webhook.secretTitle', { number }), secret),
  });
  const remove = useTell(routes.deleteWebhookSecret, { done: t('resources:removed') });
  return (
    <Awaited query={query}>
      <Stack align="flex-start" maw={640}>
        <Text size="sm">{t('webhook.secretsAbout')}</Text>
        {query.data?.items.map(({ number, createdAt }) => (
          <Group key={number} justify="space-between" w="100%">
            <Text>{t('webhook.secret', { number, at: localTime(createdAt, i18n.language) })}</Text>
            <Button
              size="xs"
              variant="default"
              aria-label={t('resources:removeNamed', { name: t('webhook.secretName', { number }) })}
              onClick={() =>
                askFirst(
                  {
                    title: t('resources:removeTitle', { name: t('webhook.secretName', { number }) }),
                    about: t('webhook.removeAbout'),
                    action: t('resources:remove'),
                  },
                  () => remove.mutate({ params: { id, number: String(number) } }),
                )
              }
            >
              {t('resources:remove')}
            </Button>
          </Group>
        ))}
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          loading={add.isPending}
          onClick={() => add.mutate({ params: { id }, body: {} })}
        >
          {t('webhook.addSecret')}
        </Button>
      </Stack>
    </Awaited>
  );
}
