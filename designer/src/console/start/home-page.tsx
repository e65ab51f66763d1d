/** The first page: the state of things at a glance, and the way to a first call while there is none. */
import { routes } from '@callwright/api-contract';
import { Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';
import { useAskList } from '../../app/ask.ts';
import { useBrand } from '../../app/brand.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay, useSession } from '../../app/session.ts';
import { HealthSummary } from '../system/health-parts.tsx';

export function HomePage() {
  const { t } = useTranslation('console');
  const may = useMay();
  const { name, userId } = useSession();
  const brand = useBrand();
  const title = name ? t('home.hello', { name }) : brand.name;
  if (!may('read') && userId !== null) return <Navigate to="/me" replace />;
  if (!may('read'))
    return (
      <Page title={title} about={t('home.nothing')}>
        {null}
      </Page>
    );
  return (
    <Page title={title} about={t('home.about')}>
      {may('directory') && may('flows') && <FirstRunCard />}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
        <LiveCard />
        <PhonesCard />
        <FlowsCard />
        <Card withBorder>
          <Title order={2} mb="xs">
            {t('home.health')}
          </Title>
          <HealthSummary />
        </Card>
      </SimpleGrid>
    </Page>
  );
}

function FirstRunCard() {
  const { t } = useTranslation('console');
  return (
    <Card withBorder>
      <Group justify="space-between">
        <div>
          <Title order={2}>{t('home.firstRun')}</Title>
          <Text>{t('home.firstRunAbout')}</Text>
        </div>
        <Button component={Link} to="/start">
          {t('home.firstRunGo')}
        </Button>
      </Group>
    </Card>
  );
}

interface FigureProps {
  readonly title: string;
  readonly figure: ReactNode;
  readonly to: string;
  readonly link: string;
}

function Figure({ title, figure, to, link }: FigureProps) {
  return (
    <Card withBorder>
      <Stack gap="xs" align="flex-start">
        <Title order={2}>{title}</Title>
        <Text fz={32} fw={700} lh={1}>
          {figure}
        </Text>
        <Button component={Link} to={to} variant="default" size="xs">
          {link}
        </Button>
      </Stack>
    </Card>
  );
}

const REFRESH_MS = 10_000;

function LiveCard() {
  const { t } = useTranslation('console');
  const query = useAskList(routes.listCalls, { query: { state: 'started' } }, { refetchInterval: REFRESH_MS });
  return (
    <Awaited query={query}>
      <Figure title={t('home.live')} figure={query.items.length} to="/live" link={t('home.liveGo')} />
    </Awaited>
  );
}

function PhonesCard() {
  const { t } = useTranslation('console');
  const query = useAskList(routes.listUsers, { query: { limit: '500' } });
  const registered = query.items.filter((user) => user.registered).length;
  const figure = t('home.phonesFigure', { registered, all: query.items.length });
  return (
    <Awaited query={query}>
      <Figure title={t('home.phones')} figure={figure} to="/users" link={t('home.phonesGo')} />
    </Awaited>
  );
}

function FlowsCard() {
  const { t } = useTranslation('console');
  const query = useAskList(routes.listFlows, { query: { limit: '500' } });
  const published = query.items.filter((flow) => flow.published !== null).length;
  return (
    <Awaited query={query}>
      <Figure title={t('home.flows')} figure={published} to="/flows" link={t('home.flowsGo')} />
    </Awaited>
  );
}
