/** Recordings of calls and flows: heard, kept or deleted. */
import { routes } from '@callwright/api-contract';
import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAskList } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { RecordingTable } from './recording-table.tsx';

export function RecordingsPage() {
  const { t } = useTranslation(['admin', 'console']);
  const query = useAskList(routes.listRecordings);
  return (
    <Page title={t('recordings.title')} about={t('recordings.about')}>
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('recordings.empty')}</Text> : <RecordingTable recordings={query.items} />}
        {query.hasNextPage && (
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('console:more')}
          </Button>
        )}
      </Awaited>
    </Page>
  );
}
