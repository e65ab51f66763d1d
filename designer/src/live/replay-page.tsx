/** A call replayed on the canvas of its flow, step by step, with the reason of each decision. */
import { routes } from '@callwright/api-contract';
import {
  ActionIcon,
  Alert,
  Anchor,
  Center,
  Group,
  Loader,
  Slider,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import {
  IconArrowLeft,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useAsk, useAskList } from '../app/ask.ts';
import { useBrand } from '../app/brand.ts';
import { Failure } from '../app/page.tsx';
import { type CallRow, partyText } from '../console/calls/party.ts';
import { Timeline } from '../console/calls/timeline.tsx';
import { useWording } from '../editor/canvas/words.ts';
import { CanvasView } from './canvas-view.tsx';
import { outer } from './flow-calls.ts';
import classes from './live.module.css';
import { useReasonText } from './reasons.ts';
import { type ShownRevision, useNodeNames, useRevision } from './revisions.ts';
import { paintSteps, type Step, stepsOf } from './steps.ts';

const PLAY_MS = 1200;

export function ReplayPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation('live');
  const call = useAsk(routes.getCall, { params: { id } });
  const records = useAskList(routes.listCallRecords, { params: { id }, query: { stream: 'fact', limit: '500' } });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = records;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const failed = [call, records].find(({ isError }) => isError);
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (!call.data || records.isPending || hasNextPage) {
    return (
      <Center h="100dvh">
        <Loader role="status" aria-label={t('canvas')} />
      </Center>
    );
  }
  return <Replay call={call.data} steps={stepsOf(records.items, call.data.revision)} />;
}

function Replay({ call, steps }: { readonly call: CallRow; readonly steps: readonly Step[] }) {
  const { t } = useTranslation('live');
  const { name: brand } = useBrand();
  const [at, setAt] = useState(0);
  const step = steps[at];
  // the canvas stays where the call was last in a flow
  const hash = steps.slice(0, at + 1).findLast(({ revision }) => revision !== null)?.revision ?? null;
  const revision = useRevision(hash);
  const paint = useMemo(() => paintSteps(steps, at), [steps, at]);
  const title = t('replayTitle', { calling: partyText(call.calling), called: partyText(call.called) });
  return (
    <div className={classes.page}>
      <title>{`${title} · ${brand}`}</title>
      <header className={classes.header}>
        <Group gap="xs" wrap="nowrap" className={classes.name}>
          <Anchor component={Link} to={`/calls/${call.id}`} aria-label={t('backToCall')} lh={0} p={6}>
            <IconArrowLeft size={20} aria-hidden />
          </Anchor>
          <Text component="h1" fw={600} truncate>
            {title}
          </Text>
        </Group>
        <Text size="sm">{revision.data && <FlowName revision={revision.data} />}</Text>
      </header>
      <div className={classes.main}>
        <main className={classes.canvas}>
          {revision.isError && <Alert m="md">{t('revisionGone')}</Alert>}
          {revision.data && (
            <CanvasView
              key={revision.data.hash}
              flowId={revision.data.flow.id}
              draft={revision.data.draft}
              paint={paint}
              at={step?.node ? outer(step.node) : null}
            />
          )}
        </main>
        <aside className={classes.panel} aria-label={t('steps')}>
          {steps.length === 0 ? (
            <Text p="md">{t('noSteps')}</Text>
          ) : (
            <Stack p="md" gap="sm">
              <Player at={at} count={steps.length} onStep={setAt} />
              <StepList call={call} steps={steps} at={at} revision={revision.data} onStep={setAt} />
            </Stack>
          )}
        </aside>
      </div>
    </div>
  );
}

function FlowName({ revision: { flow, number } }: { readonly revision: ShownRevision }) {
  const { t } = useTranslation('live');
  const name = flow.title || flow.name;
  return number === null ? t('flowDraft', { name }) : t('flowOf', { name, number });
}

interface PlayerProps {
  readonly at: number;
  readonly count: number;
  readonly onStep: (at: number) => void;
}

function Player({ at, count, onStep }: PlayerProps) {
  const { t } = useTranslation('live');
  const last = count - 1;
  const player = useInterval(() => (at < last ? onStep(at + 1) : player.stop()), PLAY_MS);
  const go = (to: number) => {
    player.stop();
    onStep(Math.max(0, Math.min(last, to)));
  };
  const button = (label: string, Icon: typeof IconPlayerPlay, act: () => void, disabled = false) => (
    <ActionIcon variant="default" size="lg" aria-label={label} disabled={disabled} onClick={act}>
      <Icon size={18} aria-hidden />
    </ActionIcon>
  );
  const start = () => {
    if (at === last) onStep(0);
    player.start();
  };
  return (
    <Stack gap={6}>
      <Text size="sm" role="status" data-step={at + 1}>
        {t('step', { at: at + 1, count })}
      </Text>
      <Slider
        thumbLabel={t('steps')}
        label={null}
        min={1}
        max={Math.max(2, count)}
        disabled={count === 1}
        value={at + 1}
        onChange={(value) => go(value - 1)}
      />
      <Group gap={6}>
        {button(t('first'), IconPlayerSkipBack, () => go(0), at === 0)}
        {button(t('previous'), IconPlayerTrackPrev, () => go(at - 1), at === 0)}
        {player.active
          ? button(t('pause'), IconPlayerPause, player.stop)
          : button(t('play'), IconPlayerPlay, start, count === 1)}
        {button(t('next'), IconPlayerTrackNext, () => go(at + 1), at === last)}
        {button(t('last'), IconPlayerSkipForward, () => go(last), at === last)}
      </Group>
    </Stack>
  );
}

interface StepListProps {
  readonly call: CallRow;
  readonly steps: readonly Step[];
  readonly at: number;
  /** Of the shown step. */
  readonly revision: ShownRevision | undefined;
  readonly onStep: (at: number) => void;
}

function StepList({ call, steps, at, revision, onStep }: StepListProps) {
  const { t } = useTranslation('live');
  const wording = useWording();
  const reasonText = useReasonText();
  const nameOf = useNodeNames(revision?.draft);
  const shown = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (at >= 0) shown.current?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const from = Date.parse(steps[0]?.at ?? call.createdAt);
  const titleOf = ({ node, revision: of }: Step, index: number) => {
    if (node === null) return t(index === 0 ? 'beforeFlow' : 'outside');
    return of === revision?.hash ? nameOf(node) : node;
  };
  return (
    <>
      <Title order={2} size="h4">
        {t('steps')}
      </Title>
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          <li key={index} ref={index === at ? shown : null}>
            <UnstyledButton
              className={classes.step}
              aria-current={index === at ? 'step' : undefined}
              onClick={() => onStep(index)}
            >
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm" fw={600}>
                  {titleOf(step, index)}
                </Text>
                <Text size="xs" ff="monospace">
                  {t('after', { seconds: ((Date.parse(step.at) - from) / 1000).toFixed(1) })}
                </Text>
              </Group>
              <Text size="sm">
                {step.left && t('leftBy', { outcome: wording.outcome(step.left.outcome) })}
                {step.left?.reason ? `, ${t('because', { reason: reasonText(step.left.reason) })}` : ''}
                {step.node !== null && !step.left && call.state === 'ended' && t('stillThere')}
              </Text>
            </UnstyledButton>
            {index === at && step.facts.length > 0 && (
              <Stack p="sm">
                <Timeline records={step.facts} startedAt={steps[0]!.at} />
              </Stack>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
