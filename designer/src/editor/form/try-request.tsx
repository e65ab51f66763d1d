import { routes } from '@callwright/api-contract';
import { type FlowNode, type FlowVariable, IoResult, type JsonValue, NODES } from '@callwright/engine';
import { type NodeTrial, tryNode } from '@callwright/engine/testing';
import { Alert, Badge, Button, Code, Divider, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure, call } from '../../api/client.ts';
import { useWording } from '../canvas/words.ts';
import { useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { setConfig } from '../model/edit.ts';

const CALLER = '+33123456789';
/** Longest wait of a trial; a flow may wait longer. */
const MOST_MS = 10_000;
const MOST_SAMPLES = 10;
const SHOWN_CHARACTERS = 4000;

/** What an author typed as the value of a variable. */
function sampleOf({ type, initial }: FlowVariable, typed: string | undefined): JsonValue {
  if (typed === undefined) return initial;
  if (type === 'string') return typed;
  try {
    return JSON.parse(typed) as JsonValue;
  } catch {
    return initial;
  }
}

const shownValue = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Sends a node's request with sample values, once, and shows what the flow would make of the answer. */
export function TryRequest({ node }: { readonly node: FlowNode }) {
  const { t } = useTranslation('editor');
  const { document } = useDraft();
  const [caller, setCaller] = useState(CALLER);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const config = JSON.stringify(node.config);
  const used = document.variables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(config));
  const trial = useMemo(() => {
    const variables = Object.fromEntries(document.variables.map((one) => [one.name, sampleOf(one, typed[one.name])]));
    return tryNode(document, node.id, { caller, variables });
  }, [document, node.id, caller, typed]);
  if (!trial) return null;
  return (
    <section aria-label={t('tryRequest.title')}>
      <Divider label={t('tryRequest.title')} mb="xs" />
      <Stack gap={6}>
        <Text size="xs" c="dimmed">
          {t('tryRequest.hint')}
        </Text>
        {/caller\b/.test(config) ? (
          <TextInput
            label={t('tryRequest.caller')}
            value={caller}
            maxLength={64}
            onChange={(event) => setCaller(event.currentTarget.value)}
          />
        ) : null}
        {used.map((variable) => (
          <TextInput
            key={variable.name}
            label={variable.name}
            value={typed[variable.name] ?? shownValue(variable.initial)}
            onChange={(event) => setTyped({ ...typed, [variable.name]: event.currentTarget.value })}
          />
        ))}
        <Code block fz="xs" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {`${trial.request.method} ${trial.request.url}`}
        </Code>
        <Sending node={node} trial={trial} />
      </Stack>
    </section>
  );
}

function Sending({ node, trial }: { readonly node: FlowNode; readonly trial: NodeTrial }) {
  const { t } = useTranslation('editor');
  const { method, url, headers, body, timeoutMs } = trial.request;
  const send = useMutation({
    mutationFn: async () => {
      const request = { method, url, headers, body, timeoutMs: Math.min(timeoutMs, MOST_MS) };
      const { durationMs, ...answer } = await call(routes.tryRequest, { body: request });
      return { durationMs, result: IoResult.parse(answer) };
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconSend size={14} aria-hidden />}
        loading={send.isPending}
        onClick={() => send.mutate()}
      >
        {t('tryRequest.send')}
      </Button>
      {send.isError ? (
        <Alert color="red" role="alert">
          {send.error instanceof ApiFailure
            ? t(`failures.${send.error.code}`, { defaultValue: send.error.message })
            : t('failures.offline')}
        </Alert>
      ) : null}
      {send.data ? <Answer node={node} trial={trial} {...send.data} /> : null}
    </>
  );
}

interface AnswerProps {
  readonly node: FlowNode;
  readonly trial: NodeTrial;
  readonly result: IoResult;
  readonly durationMs: number;
}

function Answer({ node, trial, result, durationMs }: AnswerProps) {
  const { t } = useTranslation('editor');
  const wording = useWording();
  const made = useMemo(() => trial.answered(result), [trial, result]);
  const good = result.status === 'http' && result.httpStatus >= 200 && result.httpStatus < 300;
  const text =
    result.status === 'http'
      ? typeof result.body === 'string'
        ? result.body
        : JSON.stringify(result.body, null, 2)
      : null;
  return (
    <Stack gap={6} role="status">
      <Group gap={6}>
        <Badge color={good ? 'teal.9' : 'red.8'} tt="none">
          {result.status === 'http'
            ? t('tryRequest.status', { status: result.httpStatus })
            : t(`tryRequest.failures.${result.status === 'io-failed' ? result.code : 'failed'}`)}
        </Badge>
        <Text size="xs">{t('tryRequest.took', { ms: durationMs })}</Text>
      </Group>
      {made ? <Text size="sm">{t('tryRequest.goesOn', { outcome: wording.outcome(made.outcome) })}</Text> : null}
      {Object.entries(made?.set ?? {}).map(([name, value]) => (
        <Text key={name} size="sm">
          <Code>{name}</Code> = {shownValue(value)}
        </Text>
      ))}
      {text === null ? null : (
        <Code block fz="xs" mah={220} style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('tryRequest.answer')}>
          {text.slice(0, SHOWN_CHARACTERS)}
        </Code>
      )}
      {result.status === 'http' && result.body !== null ? <KeepSample node={node} body={result.body} /> : null}
    </Stack>
  );
}

/** Keeps the answer where generated tests look for answers; only on kinds that have such a place. */
function KeepSample({ node, body }: { readonly node: FlowNode; readonly body: JsonValue }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const before = Array.isArray(node.config.samples) ? node.config.samples : [];
  const known = before.some((one) => JSON.stringify(one) === JSON.stringify(body));
  const config = { ...node.config, samples: [...before, body].slice(-MOST_SAMPLES) };
  if (readOnly || !NODES[node.kind]?.config.safeParse(config).success) return null;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      disabled={known}
      onClick={() => store.getState().edit((draft) => setConfig(draft, node.id, config))}
    >
      {t(known ? 'tryRequest.kept' : 'tryRequest.keep')}
    </Button>
  );
}
