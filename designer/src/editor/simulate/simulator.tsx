import type { Fact } from '@callwright/engine';
import {
  type RequestAnswer,
  runScript,
  type ScriptRun,
  type ScriptStep,
  type StepResult,
} from '@callwright/engine/testing';
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Timeline,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconGitFork, IconPhoneOff, IconPlayerSkipForward, IconRefresh } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useWording } from '../canvas/words.ts';
import { NO_PAINT, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { useDirectory } from '../form/directory.ts';
import { useClosure, userName, useWorld } from './closure.ts';
import { paintRun } from './paint.ts';
import { SaveTest } from './save-test.tsx';
import classes from './simulate.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

const REQUEST_ANSWERS: Readonly<Record<string, RequestAnswer>> = {
  ok: { status: 200, body: {} },
  refused: { status: 500, body: null },
  timeout: { failure: 'timeout' },
  unreachable: { failure: 'unreachable' },
};

type Outcome =
  | { readonly run: ScriptRun; readonly error: null }
  | { readonly run: null; readonly error: 'waiting' | 'broken' };

/** Plays the script against the draft as it stands; every change of the draft plays it again. */
function useRun(): Outcome {
  const { document } = useDraft();
  const closure = useClosure(document);
  const world = useWorld();
  const script = useEditor((state) => state.script);
  const broken = useEditor((state) => state.diagnostics.some(({ severity }) => severity === 'error'));
  const { language } = document;
  return useMemo(() => {
    if (!closure) return { run: null, error: 'waiting' };
    try {
      return { run: runScript(closure, script, { ...world, language }), error: null };
    } catch (error) {
      // a draft with errors may not compile; without errors it is our fault and must be seen
      if (broken) return { run: null, error: 'broken' };
      throw error;
    }
  }, [closure, script, world, language, broken]);
}

/** A call of the draft in the browser, by the engine that runs real calls: press, wait, fork from any step, keep as a test. */
export function Simulator() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const script = useEditor((state) => state.script);
  const { run, error } = useRun();
  useEffect(() => {
    store.getState().set({ paint: run ? paintRun(run) : NO_PAINT });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [run, store]);
  const at = run?.node?.split('/')[0];
  useEffect(() => {
    if (at && store.getState().script.length > 0) store.getState().reveal(at);
  }, [at, store]);
  if (!run) {
    return (
      <Alert m="md" color="yellow">
        {t(error === 'broken' ? 'simulateBroken' : 'loading')}
      </Alert>
    );
  }
  const play = (step: ScriptStep) => store.getState().set({ script: [...script, step] });
  return (
    <Stack p="md" gap="md">
      <Group justify="space-between">
        <Status run={run} />
        <Tooltip label={t('simulation.restart')}>
          <ActionIcon
            variant="default"
            aria-label={t('simulation.restart')}
            onClick={() => store.getState().set({ script: [] })}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Phone run={run} play={play} />
      <People run={run} play={play} />
      <Steps run={run} onFork={(count) => store.getState().set({ script: script.slice(0, count) })} />
      <SaveTest script={script} path={run.path} />
    </Stack>
  );
}

function Status({ run }: { readonly run: ScriptRun }) {
  const { t } = useTranslation('editor');
  const { i18n } = useTranslation();
  const last = run.steps.at(-1)!;
  const seconds = (last.at - run.steps[0]!.at) / 1000;
  const time = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(seconds);
  return (
    <Group gap="xs" role="status">
      <Badge color={run.ended ? 'gray.8' : 'teal.9'} tt="none">
        {run.ended
          ? t('simulation.ended', {
              disposition: t(`dispositions.${run.disposition}`, { defaultValue: run.disposition ?? '' }),
            })
          : t('simulation.running')}
      </Badge>
      <Text size="xs" c="dimmed">
        {t('simulation.after', { seconds: time })}
      </Text>
    </Group>
  );
}

interface PlayProps {
  readonly run: ScriptRun;
  readonly play: (step: ScriptStep) => void;
}

function Phone({ run, play }: PlayProps) {
  const { t } = useTranslation('editor');
  return (
    <Group align="flex-start" wrap="nowrap" gap="md">
      <SimpleGrid cols={3} spacing={6} flex="none" role="group" aria-label={t('simulation.keypad')}>
        {KEYS.map((key) => (
          <Button
            key={key}
            variant="default"
            w={44}
            px={0}
            disabled={run.ended}
            onClick={() => play({ do: 'press', digits: key })}
          >
            {key}
          </Button>
        ))}
      </SimpleGrid>
      <Stack gap={6} flex={1} miw={0}>
        <Button
          size="xs"
          leftSection={<IconPlayerSkipForward size={14} />}
          disabled={run.ended}
          onClick={() => play({ do: 'next' })}
        >
          {t('simulation.next')}
        </Button>
        <Group gap={6} grow>
          {[1, 10, 60].map((seconds) => (
            <Button
              key={seconds}
              size="xs"
              px={4}
              variant="default"
              disabled={run.ended}
              onClick={() => play({ do: 'wait', ms: seconds * 1000 })}
            >
              +{seconds} s
            </Button>
          ))}
        </Group>
        <Button size="xs" variant="default" disabled={run.ended} onClick={() => play({ do: 'continue' })}>
          {t('simulation.continue')}
        </Button>
        <Button
          size="xs"
          color="red.8"
          leftSection={<IconPhoneOff size={14} />}
          disabled={run.ended}
          onClick={() => play({ do: 'hang-up' })}
        >
          {t('simulation.hangUp')}
        </Button>
      </Stack>
    </Group>
  );
}

/** Whose phone rings, who talks; how requests are answered. */
function People({ run, play }: PlayProps) {
  const { t } = useTranslation('editor');
  const { users } = useDirectory();
  const nameOf = (id: string) => {
    const user = users.find((one) => one.id === id);
    return user ? userName(user) : id;
  };
  return (
    <Stack gap={6}>
      {run.ringing.map((user) => (
        <Group key={user} justify="space-between">
          <Text size="sm">{t('simulation.rings', { user: nameOf(user) })}</Text>
          <Group gap={6}>
            <Button size="compact-xs" color="teal.9" onClick={() => play({ do: 'answer', user })}>
              {t('simulation.answer')}
            </Button>
            <Button size="compact-xs" color="red" variant="light" onClick={() => play({ do: 'reject', user })}>
              {t('simulation.reject')}
            </Button>
          </Group>
        </Group>
      ))}
      {run.talking.map((user) => (
        <Group key={user} justify="space-between">
          <Text size="sm">{t('simulation.talks', { user: nameOf(user) })}</Text>
          <Button size="compact-xs" color="red" variant="light" onClick={() => play({ do: 'user-hangs-up', user })}>
            {t('simulation.hangUp')}
          </Button>
        </Group>
      ))}
      <Select
        size="xs"
        label={t('simulation.requests')}
        data={Object.keys(REQUEST_ANSWERS).map((value) => ({ value, label: t(`simulation.answers.${value}`) }))}
        placeholder={t('simulation.answers.ok')}
        disabled={run.ended}
        value={null}
        onChange={(value) => value && play({ do: 'answer-requests', answer: REQUEST_ANSWERS[value]! })}
      />
    </Stack>
  );
}

interface StepsProps {
  readonly run: ScriptRun;
  readonly onFork: (count: number) => void;
}

function Steps({ run, onFork }: StepsProps) {
  const { t } = useTranslation('editor');
  return (
    <section aria-label={t('simulation.steps')}>
      <Title order={3} size="h6" mb="xs">
        {t('simulation.steps')}
      </Title>
      <Timeline bulletSize={14} lineWidth={2} active={run.steps.length}>
        {run.steps.map((result, index) => (
          <Timeline.Item
            key={index}
            title={
              <Group gap={4} justify="space-between" wrap="nowrap">
                <StepTitle step={result.step} />
                {index < run.steps.length - 1 ? (
                  <Tooltip label={t('simulation.fork')}>
                    <ActionIcon
                      size="sm"
                      variant="subtle"
                      aria-label={t('simulation.forkAt', { step: index })}
                      onClick={() => onFork(index)}
                    >
                      <IconGitFork size={14} />
                    </ActionIcon>
                  </Tooltip>
                ) : null}
              </Group>
            }
          >
            {result.possible ? null : (
              <Text size="xs" c="var(--mantine-color-error)">
                {t('simulation.impossible')}
              </Text>
            )}
            <Happened result={result} />
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  );
}

function StepTitle({ step }: { readonly step: ScriptStep | null }) {
  const { t } = useTranslation('editor');
  if (!step) return <Text size="sm">{t('simulation.do.start')}</Text>;
  const detail = step.do === 'press' ? step.digits : step.do === 'wait' ? `${step.ms / 1000} s` : '';
  return (
    <Text size="sm" fw={600}>
      {t(`simulation.do.${step.do}`)} {detail}
    </Text>
  );
}

function Happened({ result }: { readonly result: StepResult }) {
  const { t } = useTranslation('editor');
  const lines = useFactLines();
  return (
    <ul className={classes.happened}>
      {result.heard.map((text, index) => (
        <li key={`heard ${index}`} className={classes.heard}>
          <span className={classes.quiet}>{t('simulation.hears')}</span> {text}
        </li>
      ))}
      {result.facts
        .flatMap((fact) => lines(fact))
        .map((line, index) => (
          <li key={`fact ${index}`}>{line}</li>
        ))}
    </ul>
  );
}

/** Facts that say where the call went, in words. */
function useFactLines(): (fact: Fact) => string[] {
  const { t } = useTranslation('editor');
  const wording = useWording();
  const { document } = useDraft();
  return (fact) => {
    const name = (id: string) => {
      const node = document.nodes.find((one) => one.id === id);
      return node ? wording.node(node) : id;
    };
    switch (fact.type) {
      case 'node.left': {
        const reason = fact.reason === '' ? '' : ` (${fact.reason})`;
        return [`${name(fact.node)} → ${wording.outcome(fact.outcome)}${reason}`];
      }
      case 'log':
        return [`${name(fact.node ?? '')}: ${fact.text}`];
      case 'call.ended':
        return [t('simulation.callEnded')];
      default:
        return [];
    }
  };
}
