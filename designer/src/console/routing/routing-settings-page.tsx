/** Where calls go that no rule fits, and by which trunks calls leave. */
import { routes } from '@callwright/api-contract';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { Page } from '../../app/page.tsx';
import { SettingsCard } from '../resources/settings-card.tsx';

export function RoutingSettingsPage() {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getRoutingSettings);
  return (
    <Page title={t('routingSettings.title')} about={t('routingSettings.about')}>
      <SettingsCard query={query} put={routes.putRoutingSettings} />
    </Page>
  );
}
