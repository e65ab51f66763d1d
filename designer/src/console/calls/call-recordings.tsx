import { routes } from '@callwright/api-contract';
import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAskList } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { RecordingTable } from '../recordings/recording-table.tsx';

/** Recordings of one call; nothing while there are none. */
export function CallRecordings({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const may = useMay();
  const { items } = useAskList(routes.listRecordings, { query: { call: id } as object }, { enabled: may('calls') });
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="recordings">
      <Title order={2} id="recordings" mb="xs">
        {t('recordings.title')}
      </Title>
      <RecordingTable recordings={items} ofOneCall />
    </section>
  );
}
