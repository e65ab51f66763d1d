/** The directory service (LDAP) that the company's phones search in. */
import { routes } from '@callwright/api-contract';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { Page } from '../../app/page.tsx';
import { SettingsCard } from '../resources/settings-card.tsx';
import { RevealButton } from './reveal-button.tsx';

export function PhoneDirectoryPage() {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getLdapConnection);
  const actions = query.data?.hasPassword && <RevealButton route={routes.showLdapPassword} title={t('ldap.title')} />;
  return (
    <Page title={t('ldap.title')} about={t('ldap.about')} actions={actions}>
      <SettingsCard
        query={query}
        put={routes.putLdapConnection}
        remove={routes.deleteLdapConnection}
        none={t('ldap.none')}
        removeAbout={t('ldap.removeAbout')}
      />
    </Page>
  );
}
