/** Services that an owner may have of its own, else has from above: the mail server and the recogniser of messages. */
import { routes } from '@callwright/api-contract';
import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { SettingsCard } from '../resources/settings-card.tsx';

export function OwnerServices({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const params = { id };
  const mail = useAsk(routes.getMailServer, { params });
  const recogniser = useAsk(routes.getRecogniser, { params });
  return (
    <>
      <Title order={2}>{t('mail.title')}</Title>
      <Text>{t('mail.about')}</Text>
      <SettingsCard
        query={mail}
        put={routes.putMailServer}
        remove={routes.deleteMailServer}
        params={params}
        none={t('mail.none')}
        removeAbout={t('mail.removeAbout')}
      />
      <Title order={2} mt="xl">
        {t('recogniser.title')}
      </Title>
      <Text>{t('recogniser.about')}</Text>
      <SettingsCard
        query={recogniser}
        put={routes.putRecogniser}
        remove={routes.deleteRecogniser}
        params={params}
        hints={{ key: { field: 'password' } }}
        none={t('recogniser.none')}
        removeAbout={t('recogniser.removeAbout')}
      />
    </>
  );
}
