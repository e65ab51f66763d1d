/** A node of a responder: says something, takes an entry, then moves on, calls somebody or asks a script. */
import type { Next, Scope } from '../../src/define/behaviour.ts';
import { STAY } from '../../src/define/behaviour.ts';
import { unique } from '../../src/define/checks.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { promptReferences, targetReferences } from '../../src/define/fields.ts';
import { NO_TARGET, resolveTarget } from '../../src/define/reach.ts';
import type { JsonValue, ScriptAnswer, ScriptTarget } from '../../src/protocol/index.ts';
import { asks, repeats, speaks, type Visit, visitOf, waits } from './entry.ts';
import { changed, lacks, scriptAsk } from './script.ts';
import { type Config, config } from './settings.ts';

type Choices<C> = C extends { choices: readonly { outcome: infer O extends string }[] } ? O : never;
type Back<C> = C extends { backKey: string } ? 'back' : never;
export type Outcomes<C> = Choices<C> | Back<C>;
export type OptionalOutcomes = 'failed';

const RESERVED = ['back', 'failed'];

const memory = (visit: Visit): JsonValue => visit as unknown as JsonValue;

/** Every flow of the call is over, and with it the call. */
const endCall = (reason: string): Next => ({ end: { scope: 'all', outcome: 'ended' }, reason });

const leadTo = (c: Config, key: string): string | null => c.choices.find((one) => one.key === key)?.outcome ?? null;

/** Where nothing is asked, there is only one way on. */
const isCertain = (c: Config): boolean => c.action === 'next' && c.input === 'none' && c.choices.length === 1;

/** The message is over, or an entry was made. */
function heard(c: Config, scope: Scope, input: string, failed: string | null): Next {
  const visit = visitOf(scope);
  const heardAt = c.loop && c.action !== 'wait' ? (visit.heardAt ?? scope.at) : null;
  const now = { ...visit, heardAt, input };
  const log =
    failed === null ? {} : { log: { level: 'error' as const, text: `The caller could not be asked (${failed})` } };
  const made = input === '' ? {} : { input: { length: input.length, tries: visit.tries } };
  if (input !== '' && input === c.backKey) return { outcome: 'back', ...made };
  if (c.action === 'wait') {
    const outcome = leadTo(c, input);
    if (outcome !== null) return { outcome, ...made };
    return { stage: failed === null && repeats(c, now, scope.at) ? 'asking' : 'waiting', memory: memory(now), ...log };
  }
  const again = input === '' && failed === null && repeats(c, now, scope.at);
  return { stage: again ? 'asking' : 'acting', memory: memory(now), ...made, ...log };
}

/** The entry is complete. */
function act(c: Config, scope: Scope): Next {
  if (c.action === 'script') return { stage: 'scripting' };
  if (c.action === 'call') return { stage: 'calling' };
  if (c.action === 'wait') return { stage: 'waiting' };
  const visit = visitOf(scope);
  const outcome = isCertain(c) ? c.choices[0]!.outcome : leadTo(c, visit.input);
  if (outcome !== null) return { outcome };
  if (visit.tries >= c.tries || (!speaks(c) && c.input === 'none'))
    return { outcome: 'failed', reason: `no match after ${visit.tries} tries` };
  return { stage: 'asking', memory: memory({ tries: visit.tries + 1, heardAt: null, input: '' }) };
}

function obey(c: Config, answer: ScriptAnswer): Next {
  switch (answer.do) {
    case 'end':
      return endCall('the script ends the call');
    case 'next': {
      const outcome = leadTo(c, answer.key);
      return outcome === null ? { stage: 'waiting' } : { outcome, reason: 'told by the script' };
    }
    case 'transfer':
      return { stage: 'sending', memory: { to: answer.to as JsonValue, shown: answer.shown } };
    case 'again': {
      const override = changed(c, answer.change);
      return override === null ? endCall('a change that cannot be') : { stage: 'asking', override, memory: null };
    }
  }
}

export default defineNode({
  kind: 'responder',
  version: 1,
  title: { en: 'Responder', fr: 'Répondeur interactif' },
  description: {
    en: 'Plays a message, takes an entry, then moves on, calls or asks a script.',
    fr: 'Diffuse un message, prend une saisie, puis avance, appelle ou interroge un script.',
  },
  icon: 'keypad',
  category: 'listen',
  rings: true,
  config,
  summary: (c) => ({ en: `${c.input}, ${c.action}`, fr: `${c.input}, ${c.action}` }),
  outcomes: (c) => [
    ...new Set(c.choices.map(({ outcome }) => outcome)),
    ...(c.backKey === null ? [] : ['back']),
    ...(c.action === 'wait' || isCertain(c) ? [] : ['failed']),
  ],
  decidedBy: (outcome, c) => {
    if (outcome === 'failed') return 'machine';
    if (outcome === 'back') return 'caller';
    if (c.action === 'script') return 'outside';
    return c.action === 'next' && c.input === 'none' ? 'machine' : 'caller';
  },
  optional: () => ['failed'],
  ends: () => true,
  references: (c) => [
    ...c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
    ...(c.target ? targetReferences(['target'], c.target) : []),
  ],
  check: (c) => {
    const lacking = lacks(c);
    return [
      ...unique(
        'FLW_DUPLICATE_KEY',
        'choices',
        'key',
        c.choices.map(({ key }) => key),
      ),
      ...c.choices.flatMap(({ outcome, key }, index) => [
        ...(RESERVED.includes(outcome)
          ? [{ code: 'FLW_DUPLICATE_OUTCOME' as const, path: ['choices', index, 'outcome'] }]
          : []),
        ...(key === c.backKey ? [{ code: 'FLW_DUPLICATE_KEY' as const, path: ['backKey'] }] : []),
      ]),
      ...(lacking === null ? [] : [{ code: 'FLW_LACKS' as const, path: [lacking] }]),
    ];
  },
  probe: (c) => ({ entries: c.choices.map(({ key }) => key) }),
  responder: ({ prompts, choices, ...step }) => {
    const first = prompts[0]?.parts.find(({ type }) => type === 'audio' || type === 'text');
    const said = first?.type === 'audio' ? first.name : first?.type === 'text' ? first.text : null;
    return {
      ...step,
      message: typeof said === 'object' ? (Object.values(said ?? {})[0] ?? null) : said,
      audio: first?.type === 'audio',
      keys: choices.map(({ key, outcome }) => ({ key, outcome })),
      back: 'back',
    };
  },
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => {
          const ask = asks(c, scope);
          return ask === null ? [] : [ask];
        },
        enter: (scope) => (asks(c, scope) === null ? { stage: 'acting' } : STAY),
        on: {
          media: ({ result }, scope) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status === 'failed') return heard(c, scope, '', result.code);
            return heard(c, scope, result.status === 'collected' ? result.value : '', null);
          },
        },
      },
      acting: { enter: (scope) => act(c, scope) },
      waiting: {
        asks: (scope) => [waits(c, scope)],
        on: {
          media: ({ result }) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status === 'failed') return endCall(result.code);
            if (result.status !== 'collected') return { stage: 'waiting' };
            const input = { length: result.value.length, tries: 1 };
            if (result.value === c.backKey) return { outcome: 'back', input };
            const outcome = leadTo(c, result.value);
            return outcome === null ? { stage: 'waiting' } : { outcome, input };
          },
          timer: () => ({ stage: 'waiting' }),
        },
      },
      scripting: {
        asks: (scope) => [scriptAsk(c, scope)],
        on: {
          io: ({ result }) => {
            if (result.status === 'script') return obey(c, result.answer);
            const why = result.status === 'io-failed' ? result.code : result.status;
            return {
              ...endCall(`no script: ${why}`),
              log: { level: 'warn', text: `The script gave no instruction (${why})` },
            };
          },
        },
      },
      calling: { enter: (scope) => (c.target && resolveTarget(c.target, scope) ? { stage: 'ringing' } : NO_TARGET) },
      ringing: {
        asks: (scope) => [
          { ask: 'transfer', to: resolveTarget(c.target!, scope)!, by: 'bridge', ringTimeoutMs: c.ringTimeoutMs },
        ],
        on: { connect: ({ outcome }) => ({ outcome: 'failed', reason: outcome }) },
      },
      sending: {
        asks: (scope) => {
          const { to, shown } = scope.memory as { to: JsonValue; shown: string | null };
          return [
            {
              ask: 'transfer',
              to: to as unknown as ScriptTarget,
              by: 'bridge',
              ringTimeoutMs: c.ringTimeoutMs,
              ...(shown === null ? {} : { shown }),
            },
          ];
        },
        on: { connect: ({ outcome }) => ({ outcome: 'failed', reason: outcome }) },
      },
    },
  }),
  example: {
    prompts: [{ parts: [{ type: 'text', text: 'Enter your customer number.' }] }],
    input: 'length',
    inputLength: 4,
    action: 'script',
    script: 'crm.example/customers.php',
    choices: [{ key: '1', outcome: 'known', label: 'Known' }],
  },
  variants: [
    {
      prompts: [{ parts: [{ type: 'audio', name: 'welcome' }] }],
      loop: true,
      input: 'terminator',
      choices: [{ key: '1234', outcome: 'four' }],
      backKey: '*',
    },
    { input: 'pause', choices: [{ key: '1', outcome: 'one' }], tries: 1 },
    { choices: [{ key: '1', outcome: 'one' }] },
    {
      prompts: [{ parts: [{ type: 'text', text: 'Please wait.' }] }],
      loop: true,
      action: 'wait',
      choices: [{ key: '1', outcome: 'one' }],
      backKey: '*',
    },
    { prompts: [{ parts: [{ type: 'text', text: 'Please wait.' }] }], loop: true, action: 'wait' },
    {
      prompts: [{ parts: [{ type: 'text', text: 'You are being connected.' }] }],
      action: 'call',
      target: { type: 'user', id: '101' },
    },
    { action: 'call', target: { type: 'destination', destinationType: 'ring-group', id: '${entry}' } },
  ],
  migrations: [],
});
