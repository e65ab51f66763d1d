import { routes } from '@callwright/api-contract';
import { Card, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { EntityName } from '../resources/cell.tsx';
import { ResourceForm } from '../resources/resource-form.tsx';

/** Agents of a queue in the order of its list, with tier, penalty and skills. */
export function QueueMembers({ id }: { readonly id: string }) {
  const { t } = useTranslation(['admin', 'resources']);
  const may = useMay();
  const query = useAsk(routes.getQueueMembers, { params: { id } });
  return (
    <Awaited query={query}>
      <Text size="sm" mb="xs" maw={640}>
        {t('queue.agentsAbout')}
      </Text>
      {query.data && may('directory') ? (
        <Card withBorder maw={640}>
          <ResourceForm
            key={JSON.stringify(query.data)}
            route={routes.putQueueMembers}
            params={{ id }}
            initial={query.data}
            hints={{ skills: { field: 'levels' } }}
            submitLabel={t('resources:save')}
            done={t('resources:saved')}
            onDone={() => {}}
          />
        </Card>
      ) : (
        query.data?.items.map(({ userId }) => (
          <div key={userId}>
            <EntityName resource="users" id={userId} />
          </div>
        ))
      )}
    </Awaited>
  );
}
