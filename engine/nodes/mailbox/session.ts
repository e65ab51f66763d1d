/** What a visit to a box remembers between its stages, and the asks that all of them share. */
import * as z from 'zod';
import type { CollectSpec } from '../../src/define/ask.ts';
import type { NodeAsk, Scope } from '../../src/define/behaviour.ts';
import { GreetingKind, type Lookup, MailboxMessage, type Prompt } from '../../src/protocol/index.ts';

export const Session = z.strictObject({
  boxId: z.string(),
  language: z.string(),
  editGreeting: z.boolean(),
  fresh: z.number(),
  old: z.number(),
  /** Not heard yet in this visit; the first is the one spoken of. */
  messages: z.array(MailboxMessage),
  greeting: GreetingKind.nullable(),
  recording: z.string().nullable(),
  /** A PIN that was typed once. Personal, hence never kept longer than until it is typed again. */
  pin: z.string().nullable(),
});
export type Session = z.infer<typeof Session>;

export const sessionOf = (scope: Scope): Session => Session.parse(scope.memory);

type Act = Extract<Lookup, { what: 'mailbox' }>['do'];

/** Asks one thing of the box that is open. */
export const askBox = ({ boxId }: Session, act: Act): NodeAsk[] => [
  { ask: 'lookup', lookup: { what: 'mailbox', box: boxId, user: null, do: act } },
];

const FIRST_KEY_MS = 6000;

/** One key out of some; whoever presses nothing twice is let go. */
export function menu(prompts: readonly Prompt[], accept: readonly string[]): NodeAsk {
  return {
    ask: 'collect',
    spec: {
      ...KEYS,
      prompts: [...prompts],
      minDigits: 1,
      maxDigits: 1,
      terminators: '',
      accept: [...accept],
      firstDigitTimeoutMs: FIRST_KEY_MS,
      tries: 3,
    },
  };
}

/** A code, ended by the hash key. */
export function code(prompts: readonly Prompt[]): NodeAsk {
  return {
    ask: 'collect',
    spec: {
      ...KEYS,
      prompts: [...prompts],
      minDigits: 4,
      maxDigits: 10,
      terminators: '#',
      firstDigitTimeoutMs: FIRST_KEY_MS,
      tries: 3,
    },
  };
}

const KEYS = {
  modes: ['keys'],
  interDigitTimeoutMs: 4000,
  totalTimeoutMs: 0,
  noInputPrompts: [],
  noMatchPrompts: [],
  clearDigits: false,
} satisfies Partial<CollectSpec>;
