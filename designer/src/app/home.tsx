import { Container, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The first page. */
export function Home() {
  const { t } = useTranslation();
  return (
    <Container py="xl">
      <Title order={1}>{t('title')}</Title>
    </Container>
  );
}
