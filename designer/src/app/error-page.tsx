import { Center, Container } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { ApiFailure } from '../api/client.ts';
import { Failure, Page } from './page.tsx';

/** In place of everything, where not even the shell could be drawn. */
export function WholeErrorPage() {
  return (
    <main>
      <ErrorPage />
    </main>
  );
}

/** In place of a page that could not be drawn, or of an address that has none. */
export function ErrorPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  const isMissing = isRouteErrorResponse(error) && error.status === 404;
  if (isMissing) return <NotFound />;
  const shown = error instanceof Error && /dynamically imported|module script/i.test(error.message);
  return (
    <Center mih="60dvh">
      <Container>
        <Page title={t('failed')}>
          <Failure error={shown ? new ApiFailure('offline', null) : error} retry={() => window.location.reload()} />
        </Page>
      </Container>
    </Center>
  );
}

/** No page has this address. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound')} about={t('notFoundAbout')}>
      {null}
    </Page>
  );
}
