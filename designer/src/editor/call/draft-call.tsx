/** Calls the draft: by a test number from any phone, or from this browser; the way of the call lights up on the canvas. */
import { routes } from '@callwright/api-contract';
import type { Diagnostic } from '@callwright/engine';
import { Alert, Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconMicrophone, IconMicrophoneOff, IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { ApiFailure, call } from '../../api/client.ts';
import { useLiveFacts } from '../../console/calls/live-events.ts';
import type { BrowserCall, CallFailure, CallState } from '../../phone/browser-call.ts';
import type { Autosave } from '../autosave.ts';
import { NO_PAINT, useEditor, useEditorStore } from '../editor-store.ts';
import { paintRun } from '../simulate/paint.ts';
import { follow, type LivePath } from './path.ts';

type Trial = z.output<typeof routes.createDraftCall.answer>;

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

interface DraftCallProps {
  readonly autosave: () => Autosave | null;
}

/** The tab that makes the draft callable. */
export function DraftCall({ autosave }: DraftCallProps) {
  const { t, i18n } = useTranslation('editor');
  const store = useEditorStore();
  const flowId = useEditor((state) => state.flowId);
  const errors = useEditor((state) => state.diagnostics.some(({ severity }) => severity === 'error'));
  const make = useMutation({
    mutationFn: async () => {
      const version = await autosave()?.flush();
      if (version === null || version === undefined) throw new ApiFailure('offline', null);
      return call(routes.createDraftCall, { params: { id: flowId }, body: { version } });
    },
    onError: (error) => {
      if (error instanceof ApiFailure && error.code === 'API_FLOW_INVALID')
        store.getState().diagnose((error.problem?.diagnostics ?? []) as unknown as Diagnostic[]);
    },
  });
  const trial = make.data;
  return (
    <Stack p="md" gap="md">
      <Text size="sm">{t('call.about')}</Text>
      <Button
        variant={trial ? 'default' : 'filled'}
        loading={make.isPending}
        disabled={errors}
        onClick={() => make.mutate()}
      >
        {t(trial ? 'call.again' : 'call.make')}
      </Button>
      {errors ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {t('failures.API_FLOW_INVALID')}
        </Text>
      ) : null}
      {make.isError ? (
        <Alert color="red">
          {make.error instanceof ApiFailure
            ? t(`failures.${make.error.code}`, { defaultValue: make.error.message })
            : t('failures.offline')}
        </Alert>
      ) : null}
      {trial ? (
        <>
          <div role="status">
            <Text size="xs" c="dimmed">
              {t('call.number')}
            </Text>
            <Title order={3} size="h2" ff="monospace" data-number>
              {trial.number}
            </Title>
            <Text size="xs" c="dimmed">
              {t('call.until', {
                time: new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' }).format(new Date(trial.expiresAt)),
              })}
            </Text>
          </div>
          <BrowserPhone key={trial.id} trial={trial} />
          <Follow key={trial.number} number={trial.number} />
        </>
      ) : null}
    </Stack>
  );
}

/** Paints the newest call to the number. */
function Follow({ number }: { readonly number: string }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const [path, setPath] = useState<LivePath | null>(null);
  const live = useLiveFacts((fact) => setPath((now) => follow(now, fact, number)));
  useEffect(() => {
    store.getState().set({ paint: path ? paintRun(path) : NO_PAINT });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [path, store]);
  const at = path?.node?.split('/')[0];
  useEffect(() => {
    if (at) store.getState().reveal(at);
  }, [at, store]);
  return (
    <Text size="sm" c="dimmed" data-live={live}>
      {t(path === null ? 'call.nobody' : path.node === null ? 'call.over' : 'call.follows')}
    </Text>
  );
}

interface PhoneState {
  readonly state: CallState;
  readonly failure: CallFailure | null;
}

function BrowserPhone({ trial }: { readonly trial: Trial }) {
  const { t } = useTranslation('editor');
  const [{ state, failure }, setState] = useState<PhoneState>({ state: 'ended', failure: null });
  const [muted, setMuted] = useState(false);
  const line = useRef<BrowserCall | null>(null);
  const speaker = useRef<HTMLAudioElement>(null);
  useEffect(() => () => line.current?.hangUp(), []);
  const up = state !== 'ended';
  const dial = async () => {
    setState({ state: 'calling', failure: null });
    setMuted(false);
    const { callFromBrowser } = await import('../../phone/browser-call.ts');
    line.current = callFromBrowser(trial.phone, trial.number, {
      state: (next, why) => setState({ state: next, failure: why }),
      sound: (stream) => {
        if (speaker.current) speaker.current.srcObject = stream;
      },
    });
  };
  const failed = () => setState({ state: 'ended', failure: 'offline' });
  return (
    <Stack gap="xs">
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio ref={speaker} autoPlay hidden />
      {up ? (
        <Group gap="xs">
          <Button color="red.8" leftSection={<IconPhoneOff size={16} />} onClick={() => line.current?.hangUp()}>
            {t('simulation.hangUp')}
          </Button>
          <Button
            variant="default"
            aria-pressed={muted}
            leftSection={muted ? <IconMicrophoneOff size={16} /> : <IconMicrophone size={16} />}
            onClick={() => {
              line.current?.mute(!muted);
              setMuted(!muted);
            }}
          >
            {t('call.mute')}
          </Button>
        </Group>
      ) : (
        <Button color="teal.9" leftSection={<IconPhone size={16} />} onClick={() => void dial().catch(failed)}>
          {t('call.fromBrowser')}
        </Button>
      )}
      <Text size="sm" role="status" data-call={state}>
        {failure ? t(`call.failures.${failure}`) : up ? t(`call.states.${state}`) : ''}
      </Text>
      {up ? (
        <SimpleGrid cols={3} spacing={6} w={150} role="group" aria-label={t('call.keypad')}>
          {KEYS.map((key) => (
            <Button
              key={key}
              variant="default"
              px={0}
              disabled={state !== 'talking'}
              onClick={() => line.current?.press(key)}
            >
              {key}
            </Button>
          ))}
        </SimpleGrid>
      ) : null}
    </Stack>
  );
}
