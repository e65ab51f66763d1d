/** All queues at a glance, large enough for a screen on the wall; kept up to date by the event stream. */
import { routes } from '@callwright/api-contract';
import { Anchor, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useFullscreenElement, useInterval } from '@mantine/hooks';
import { IconMaximize } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAsk, useAskList } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { durationText } from '../calls/party.ts';
import { PauseReasons } from './pause-reasons.tsx';
import { useQueueRefresh } from './queue-refresh.ts';

const REFRESH_MS = 5000;
const SECOND_MS = 1000;
const STATISTICS_MS = 60_000;

export function WallboardPage() {
  const { t } = useTranslation(['admin', 'console', 'resources']);
  const may = useMay();
  const state = useQueueRefresh();
  const { ref, toggle } = useFullscreenElement();
  const query = useAskList(routes.listQueues, { query: { limit: '500' } as object });
  return (
    <Page
      title={t('wallboard.title')}
      about={t('wallboard.about')}
      actions={
        <>
          <Badge variant="default" role="status">
            {t(`console:live.${state}`)}
          </Badge>
          <Button
            variant="default"
            leftSection={<IconMaximize size={18} aria-hidden />}
            onClick={() => void toggle().catch(() => {})}
          >
            {t('wallboard.whole')}
          </Button>
        </>
      }
    >
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>
            {t('wallboard.empty')}{' '}
            <Anchor component={Link} to="/queues" underline="always">
              {t('resources:queues.title')}
            </Anchor>
          </Text>
        ) : (
          <div ref={ref} style={{ background: 'var(--mantine-color-body)', overflow: 'auto' }}>
            <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} p={2}>
              {query.items.map(({ id, name }) => (
                <Tile key={id} id={id} name={name} />
              ))}
            </SimpleGrid>
          </div>
        )}
      </Awaited>
      {may('directory') && <PauseReasons />}
    </Page>
  );
}

function Tile({ id, name }: { readonly id: string; readonly name: string }) {
  const { t, i18n } = useTranslation('admin');
  const live = useAsk(routes.getQueueLive, { params: { id } }, { refetchInterval: REFRESH_MS });
  const statistics = useAsk(routes.getQueueStatistics, { params: { id } }, { refetchInterval: STATISTICS_MS });
  const { waiting = [], agents = [] } = live.data ?? {};
  const sum = statistics.data?.sum;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 });
  const count = (...states: string[]) => agents.filter(({ state }) => states.includes(state)).length;
  return (
    <Card withBorder component="section" aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={2}>
          <Anchor component={Link} to={`/queues/${id}`} underline="always" inherit>
            {name}
          </Anchor>
        </Title>
      </Group>
      <Awaited query={live}>
        <Group mt="sm" grow align="flex-start">
          <Figure large label={t('wallboard.waiting')} value={String(waiting.length)} />
          <Figure large label={t('wallboard.longest')} value={<Longest since={waiting.map((c) => c.enteredAt)} />} />
        </Group>
        <Group mt="sm" grow align="flex-start">
          <Figure label={t('queue.states.ready')} value={String(count('ready'))} />
          <Figure label={t('queue.states.busy')} value={String(count('busy'))} />
          <Figure label={t('queue.states.wrap-up')} value={String(count('wrap-up', 'resting'))} />
          <Figure label={t('queue.states.paused')} value={String(count('paused'))} />
        </Group>
      </Awaited>
      {sum && (
        <Group mt="sm" grow align="flex-start">
          <Figure label={t('queue.answered')} value={String(sum.answered)} />
          <Figure label={t('queue.abandoned')} value={String(sum.abandoned)} />
          <Figure
            label={t('queue.serviceLevel')}
            value={sum.serviceLevel === null ? '–' : percent.format(sum.serviceLevel)}
          />
        </Group>
      )}
    </Card>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: React.ReactNode;
  readonly large?: boolean;
}

function Figure({ label, value, large = false }: FigureProps) {
  return (
    <Stack gap={0}>
      <Text fz={large ? 40 : 22} fw={700} lh={1.1} ff="monospace">
        {value}
      </Text>
      <Text size="sm">{label}</Text>
    </Stack>
  );
}

/** How long the first in line has waited, by the second. */
function Longest({ since }: { readonly since: readonly string[] }) {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), SECOND_MS, { autoInvoke: true });
  if (since.length === 0) return '–';
  return durationText(now - Math.min(...since.map((at) => Date.parse(at))));
}
