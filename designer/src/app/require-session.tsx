import { Center, Container, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { LogInPage } from './log-in-page.tsx';
import { Failure, Page } from './page.tsx';
import { sessionQuery } from './session.ts';

/** Calls go on whichever page is shown. */
const PhoneDock = lazy(() => import('../phone/phone-dock.tsx'));

/** The pages behind it are drawn for somebody who is logged in; everybody else gets the log-in page at the same address. */
export function RequireSession() {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery);
  if (session.isPending)
    return (
      <Center component="main" mih="100dvh">
        <Loader role="status" aria-label={t('loading')} />
      </Center>
    );
  if (session.isError)
    return (
      <Container component="main" py="xl">
        <Page title={t('failed')}>
          <Failure error={session.error} retry={() => void session.refetch()} />
        </Page>
      </Container>
    );
  if (session.data === null) return <LogInPage />;
  return (
    <>
      <Outlet />
      {session.data.userId !== null && session.data.ownerKind === 'company' && (
        <Suspense fallback={null}>
          <PhoneDock />
        </Suspense>
      )}
    </>
  );
}
