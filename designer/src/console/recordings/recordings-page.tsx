/** Recordings of calls and flows: heard, kept or deleted. */
import { routes } from '@callwright/api-contract';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAskList } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { RecordingTable } from './recording-table.tsx';

export function RecordingsPage() {
  const { t } = useTranslation('admin');
  const query = useAskList(routes.listRecordings);
  return (
    <Page title={t('recordings.title')} about={t('recordings.about')}>
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('recordings.empty')}</Text> : <RecordingTable recordings={query.items} />}
        <More query={query} />
      </Awaited>
    </Page>
  );
}
