import { routes } from '@callwright/api-contract';
import { Button, Card, Group, TagsInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';

/** Why agents may pause; the same for all queues. */
export function PauseReasons() {
  const query = useAsk(routes.getPauseReasons);
  return query.data ? <ReasonsForm key={query.data.items.join('\n')} kept={query.data.items} /> : null;
}

function ReasonsForm({ kept }: { readonly kept: readonly string[] }) {
  const { t } = useTranslation(['admin', 'resources']);
  const [items, setItems] = useState<string[]>([...kept]);
  const put = useTell(routes.putPauseReasons, { done: t('resources:saved') });
  return (
    <Card withBorder maw={640}>
      <TagsInput
        label={t('queue.pauseReasons')}
        description={t('resources:tagsHelp')}
        value={items}
        onChange={setItems}
        clearButtonProps={{ 'aria-label': t('resources:clear') }}
      />
      <Group justify="flex-end" mt="sm">
        <Button loading={put.isPending} onClick={() => put.mutate({ body: { items } })}>
          {t('resources:save')}
        </Button>
      </Group>
    </Card>
  );
}
