import { useTranslation } from 'react-i18next';
import { Page } from '../../app/page.tsx';
import { HealthTable } from './health-parts.tsx';

/** Whether calls can be taken, part by part. */
export function HealthPage() {
  const { t } = useTranslation('console');
  return (
    <Page title={t('health.title')} about={t('health.about')}>
      <HealthTable />
    </Page>
  );
}
