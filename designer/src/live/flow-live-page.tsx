/** A published flow as its calls live it: who is where now, with a way to steer each, and how often each way was taken. */
import { routes } from '@callwright/api-contract';
import { Alert, Anchor, Badge, Button, Center, Group, Loader, SegmentedControl, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowLeft, IconPencil } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { useAsk } from '../app/ask.ts';
import { useBrand } from '../app/brand.ts';
import { Failure } from '../app/page.tsx';
import { useMay } from '../app/session.ts';
import type { LiveFact } from '../console/calls/live-events.ts';
import { NO_PAINT, type Paint } from '../editor/editor-store.ts';
import { CallPanel } from './call-panel.tsx';
import { CallsPanel } from './calls-panel.tsx';
import { CanvasView } from './canvas-view.tsx';
import { marksOf, outer } from './flow-calls.ts';
import { HeatPanel } from './heat-panel.tsx';
import classes from './live.module.css';
import { type ShownRevision, useRevision } from './revisions.ts';
import { useFlowCalls } from './use-flow-calls.ts';

type Mode = 'live' | 'heat';

export function FlowLivePage() {
  const { id = '' } = useParams();
  const { t } = useTranslation('live');
  const [search, setSearch] = useSearchParams();
  const flow = useAsk(routes.getFlow, { params: { id } });
  const versions = useAsk(routes.listRevisions, { params: { id }, query: { limit: '200' } });
  const hash = search.get('revision') ?? flow.data?.published?.hash ?? null;
  const revision = useRevision(hash);
  const failed = [flow, versions, revision].find(({ isError }) => isError);
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (flow.data && hash === null) {
    return (
      <Center h="100dvh">
        <Alert title={flow.data.title || flow.data.name}>
          <Text mb="sm">{t('notPublished')}</Text>
          <Button component={Link} to={`/flows/${id}`} variant="default">
            {t('edit')}
          </Button>
        </Alert>
      </Center>
    );
  }
  if (!flow.data || !versions.data || !revision.data) {
    return (
      <Center h="100dvh">
        <Loader role="status" aria-label={t('canvas')} />
      </Center>
    );
  }
  const known = versions.data.items.map(({ hash: one, number }) => ({ hash: one, number }));
  return (
    <LiveView
      revision={revision.data}
      published={flow.data.published?.hash ?? null}
      versions={known}
      onVersion={(next) => setSearch(next === flow.data.published?.hash ? {} : { revision: next })}
    />
  );
}

interface LiveViewProps {
  readonly revision: ShownRevision;
  readonly published: string | null;
  readonly versions: readonly { readonly hash: string; readonly number: number }[];
  readonly onVersion: (hash: string) => void;
}

function LiveView({ revision, published, versions, onVersion }: LiveViewProps) {
  const { t } = useTranslation('live');
  const { name: brand } = useBrand();
  const may = useMay();
  const [mode, setMode] = useState<Mode>(may('calls') ? 'live' : 'heat');
  const name = revision.flow.title || revision.flow.name;
  return (
    <div className={classes.page}>
      <title>{`${t('title', { name })} · ${brand}`}</title>
      <header className={classes.header}>
        <Group gap="xs" wrap="nowrap" className={classes.name}>
          <Anchor component={Link} to="/flows" aria-label={t('back')} lh={0} p={6}>
            <IconArrowLeft size={20} aria-hidden />
          </Anchor>
          <Text component="h1" fw={600} truncate>
            {t('title', { name })}
          </Text>
        </Group>
        <Group gap="xs">
          <SegmentedControl
            aria-label={t('mode')}
            data={(['live', 'heat'] as const)
              .filter((one) => one === 'heat' || may('calls'))
              .map((value) => ({ value, label: t(`modes.${value}`) }))}
            value={mode}
            onChange={(value) => setMode(value as Mode)}
          />
          <VersionSelect {...{ revision, published, versions, onVersion }} />
          {may('flows') && (
            <Button
              component={Link}
              to={`/flows/${revision.flow.id}`}
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
            >
              {t('edit')}
            </Button>
          )}
        </Group>
      </header>
      {mode === 'live' ? (
        <LiveCanvas revision={revision} versions={versions} />
      ) : (
        <HeatCanvas key={revision.hash} revision={revision} />
      )}
    </div>
  );
}

function VersionSelect({ revision, published, versions, onVersion }: LiveViewProps) {
  const { t } = useTranslation('live');
  const label = ({ hash, number }: { hash: string; number: number }) =>
    t(hash === published ? 'publishedVersion' : 'versionOption', { number });
  const data = versions.map((one) => ({ value: one.hash, label: label(one) }));
  if (!versions.some(({ hash }) => hash === revision.hash))
    data.unshift({ value: revision.hash, label: t('draftVersion') });
  return (
    <Select
      aria-label={t('version')}
      data={data}
      value={revision.hash}
      allowDeselect={false}
      onChange={(hash) => hash && onVersion(hash)}
      w={210}
    />
  );
}

/** Says how a command to the shown call went. */
function useOutcomes(chosen: string | null) {
  const { t } = useTranslation('live');
  return useCallback(
    ({ callId, type, body }: LiveFact) => {
      if (callId !== chosen || type !== 'control.done') return;
      const [action, code] = [String(body.action), String(body.code)];
      if (body.ok) {
        notifications.show({ color: 'teal', message: t(`done.${action}`, { defaultValue: t('done.other') }) });
      } else {
        const why = t(`codes.${code}`, { defaultValue: code });
        notifications.show({ color: 'red', message: t('refused', { why }) });
      }
    },
    [chosen, t],
  );
}

interface LiveCanvasProps {
  readonly revision: ShownRevision;
  readonly versions: LiveViewProps['versions'];
}

function LiveCanvas({ revision, versions }: LiveCanvasProps) {
  const { t } = useTranslation('live');
  const [search, setSearch] = useSearchParams();
  const chosen = search.get('call');
  const choose = useCallback(
    (id: string | null) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (id === null) next.delete('call');
          else next.set('call', id);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  const revisions = useMemo(
    () => new Set([revision.hash, ...versions.map(({ hash }) => hash)]),
    [revision.hash, versions],
  );
  const [tick, setTick] = useState(0);
  const tell = useOutcomes(chosen);
  const followed = useFlowCalls(revision.flow.id, revisions, (fact) => {
    if (fact.callId === chosen) setTick((count) => count + 1);
    tell(fact);
  });
  const paint = useMemo(
    (): Paint => ({ ...NO_PAINT, marks: marksOf(followed.calls, revision.hash, chosen), onDot: choose }),
    [followed.calls, revision.hash, chosen, choose],
  );
  const node = chosen === null ? null : (followed.calls.calls.get(chosen)?.node ?? null);
  return (
    <div className={classes.main}>
      <main className={classes.canvas}>
        <CanvasView
          key={revision.hash}
          flowId={revision.flow.id}
          draft={revision.draft}
          paint={paint}
          at={node === null ? null : outer(node)}
        />
      </main>
      <aside className={classes.panel} aria-label={t('callsHere')}>
        <Group p="md" pb={0}>
          <Badge variant="default" role="status">
            {t(`connection.${followed.state}`)}
          </Badge>
        </Group>
        {chosen === null ? (
          <CallsPanel revision={revision} followed={followed} onChoose={choose} />
        ) : (
          <CallPanel key={chosen} id={chosen} revision={revision} tick={tick} onClose={() => choose(null)} />
        )}
      </aside>
    </div>
  );
}

function HeatCanvas({ revision }: { readonly revision: ShownRevision }) {
  const { t } = useTranslation('live');
  const [paint, setPaint] = useState<Paint>(NO_PAINT);
  const [at, setAt] = useState<string | null>(null);
  return (
    <div className={classes.main}>
      <main className={classes.canvas}>
        <CanvasView flowId={revision.flow.id} draft={revision.draft} paint={paint} at={at} />
      </main>
      <aside className={classes.panel} aria-label={t('modes.heat')}>
        <HeatPanel revision={revision} onPaint={setPaint} onNode={setAt} />
      </aside>
    </div>
  );
}
