/** One queue: who waits and who answers now, its agents, what has been, its settings. */
import { routes } from '@callwright/api-contract';
import { useTranslation } from 'react-i18next';
import { EntityPage } from '../resources/entity-page.tsx';
import { QueueLive } from './queue-live.tsx';
import { QueueMembers } from './queue-members.tsx';
import { QueueStatistics } from './queue-statistics.tsx';

export function QueuePage() {
  const { t } = useTranslation('admin');
  return (
    <EntityPage
      of="queues"
      get={routes.getQueue}
      tabs={[
        { key: 'live', label: t('queue.now'), panel: ({ id }) => <QueueLive id={id} /> },
        { key: 'agents', label: t('queue.agents'), panel: ({ id }) => <QueueMembers id={id} /> },
        { key: 'statistics', label: t('queue.statistics'), panel: ({ id }) => <QueueStatistics id={id} /> },
      ]}
    />
  );
}
