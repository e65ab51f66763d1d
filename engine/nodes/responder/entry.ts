/** What a node of a responder plays and listens for. */
import type { NodeAsk, Scope } from '../../src/define/behaviour.ts';
import type { Config } from './settings.ts';

/** Between two rounds of a message that is repeated. */
const GAP_MS = 1000;
/** Longest that one interaction waits; whoever waits for ever is asked again. */
const LONGEST_MS = 600_000;
const BETWEEN_KEYS_MS = 3000;

/** What is kept of a visit. */
export interface Visit {
  readonly tries: number;
  /** When the message was over for the first time; null before. */
  readonly heardAt: number | null;
  readonly input: string;
}
export const NEW_VISIT: Visit = { tries: 1, heardAt: null, input: '' };

export const visitOf = (scope: Scope): Visit => (scope.memory as unknown as Visit | null) ?? NEW_VISIT;

/** The node says something. */
export const speaks = ({ prompts }: Config): boolean => prompts.length > 0;

const keysOf = (c: Config): string[] => c.choices.map(({ key }) => key);

type Collect = Extract<NodeAsk, { ask: 'collect' }>;

const collect = (c: Config, scope: Scope, spec: Partial<Collect['spec']>): Collect => ({
  ask: 'collect',
  spec: {
    prompts: c.prompts.map((prompt) => scope.prompt(prompt)),
    modes: ['keys'],
    minDigits: 1,
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: c.waitMs,
    interDigitTimeoutMs: BETWEEN_KEYS_MS,
    totalTimeoutMs: 0,
    tries: 1,
    noInputPrompts: [],
    noMatchPrompts: [],
    clearDigits: false,
    ...spec,
    ...(c.backKey === null ? {} : { loneKeys: c.backKey }),
  },
});

/** A key that leads on is waited for, in silence, until the caller hangs up. */
export function waits(c: Config, scope: Scope): NodeAsk {
  const accept = keysOf(c);
  const longest = Math.max(1, ...accept.map((key) => key.length));
  if (accept.length === 0 && c.backKey === null) return { ask: 'timer', ms: LONGEST_MS };
  return collect(c, scope, { prompts: [], accept, maxDigits: longest, firstDigitTimeoutMs: LONGEST_MS });
}

/** The message, and whatever entry belongs to it; null when there is neither. */
export function asks(c: Config, scope: Scope): NodeAsk | null {
  if (c.action === 'wait') {
    const accept = keysOf(c);
    const longest = Math.max(1, ...accept.map((key) => key.length));
    if (accept.length > 0 || c.backKey !== null)
      return collect(c, scope, {
        accept,
        maxDigits: longest,
        firstDigitTimeoutMs: c.loop && speaks(c) ? GAP_MS : LONGEST_MS,
      });
    return message(c, scope);
  }
  if (c.input === 'none') return message(c, scope);
  const waitMs = c.loop && speaks(c) ? GAP_MS : c.waitMs;
  const between = Math.min(60_000, Math.max(100, c.waitMs));
  // one wait for the whole entry: what is there when it is over counts
  const whole = { firstDigitTimeoutMs: waitMs, totalTimeoutMs: c.loop ? 0 : waitMs };
  if (c.input === 'length')
    return collect(c, scope, { ...whole, maxDigits: c.inputLength, interDigitTimeoutMs: between });
  if (c.input === 'terminator')
    return collect(c, scope, {
      ...whole,
      maxDigits: 64,
      terminators: c.terminator,
      interDigitTimeoutMs: between,
    });
  return collect(c, scope, { ...whole, maxDigits: 64, interDigitTimeoutMs: c.pauseMs });
}

function message(c: Config, scope: Scope): NodeAsk | null {
  return speaks(c)
    ? { ask: 'play', prompts: c.prompts.map((prompt) => scope.prompt(prompt)), clearDigits: false }
    : null;
}

/** The message once more: it is repeated, and the wait is not over. */
export const repeats = (c: Config, { heardAt }: Visit, at: number): boolean =>
  c.loop && speaks(c) && (c.action === 'wait' || (heardAt !== null && at - heardAt < c.waitMs));
