/**
 * What ring strategies share: the words between a group machine and the call machine, and the pieces every strategy's machine is
 * built of. A group machine never sees legs: it is granted users by the pool, says whom to ring and hears how it went.
 */
import { assign, setup } from 'xstate';
import type { ConnectOutcome } from '../define/ask.ts';
import type { Cause } from '../protocol/index.ts';

/** What a group machine is told. */
export type GroupEvent =
  | { readonly type: 'start'; readonly input: GroupInput }
  | { readonly type: 'granted'; readonly grant: string; readonly userId: string }
  /** Nobody is free now; `exhausted`: nor will be, all candidates were tried. */
  | { readonly type: 'none'; readonly exhausted: boolean }
  /** A member's ring ended without answer. */
  | { readonly type: 'lost'; readonly grant: string; readonly outcome: ConnectOutcome }
  | { readonly type: 'answered'; readonly grant: string }
  /** The time of the whole group is over. */
  | { readonly type: 'expired' }
  | { readonly type: 'withdrawn' };

/** What a group machine wants. */
export type GroupEffect =
  | {
      readonly do: 'request';
      readonly candidates: readonly string[];
      readonly want: 'all' | 'one';
      readonly order: Order;
    }
  | { readonly do: 'next'; readonly grant: string }
  | { readonly do: 'withdraw' }
  | { readonly do: 'return'; readonly grant: string }
  | { readonly do: 'ring'; readonly grant: string; readonly userId: string; readonly ringMs: number }
  | { readonly do: 'cut'; readonly grant: string; readonly cause: Cause }
  | { readonly do: 'won'; readonly grant: string }
  | { readonly do: 'ended'; readonly outcome: ConnectOutcome };

export type Order = 'given' | 'random' | 'round-robin';

export interface GroupInput {
  /** Registered members in ring order. */
  readonly members: readonly string[];
  readonly memberRingMs: number;
}

export interface GroupContext {
  members: readonly string[];
  memberRingMs: number;
  /** Granted and ringing. */
  open: readonly string[];
  /** How the rings went that ended. */
  outcomes: readonly ConnectOutcome[];
}

export const emptyContext: GroupContext = { members: [], memberRingMs: 0, open: [], outcomes: [] };

/** Most telling first: what the caller's side is told when nobody answered. */
const TELLING: readonly ConnectOutcome[] = ['no-answer', 'busy', 'rejected', 'unavailable', 'forbidden', 'not-found'];

/** One outcome for a group from those of its members; `busy` when nobody could be rung at all. */
export function mergeOutcomes(outcomes: readonly ConnectOutcome[]): ConnectOutcome {
  if (outcomes.length === 0) return 'busy';
  return TELLING.find((outcome) => outcomes.includes(outcome)) ?? 'failed';
}

/** The pieces: every action of a strategy is `effects` (what it wants) or a note in the context. */
export const groupSetup = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupEvent,
  },
  actions: {
    effects: (_, _effects: readonly GroupEffect[]) => {},
    begin: assign(({ event }) =>
      event.type === 'start' ? { members: event.input.members, memberRingMs: event.input.memberRingMs } : {},
    ),
    opened: assign(({ context, event }) => (event.type === 'granted' ? { open: [...context.open, event.grant] } : {})),
    closed: assign(({ context, event }) =>
      event.type === 'lost'
        ? {
            open: context.open.filter((grant) => grant !== event.grant),
            outcomes: [...context.outcomes, event.outcome],
          }
        : {},
    ),
  },
  guards: {
    noMembers: ({ event }) => event.type === 'start' && event.input.members.length === 0,
    isOpen: ({ context, event }) => 'grant' in event && context.open.includes(event.grant),
    isLast: ({ context, event }) =>
      'grant' in event && context.open.includes(event.grant) && context.outcomes.length + 1 >= context.members.length,
    isNew: ({ context, event }) => event.type === 'granted' && !context.open.includes(event.grant),
    allTried: ({ context }) => context.open.length === 0 && context.outcomes.length >= context.members.length,
  },
});

/** End without answer: stop what rings, take the request back, say how it went. */
export function giveUp(context: GroupContext, cause: Cause, outcome: ConnectOutcome | null): GroupEffect[] {
  return [
    ...context.open.map((grant): GroupEffect => ({ do: 'cut', grant, cause })),
    { do: 'withdraw' },
    ...(outcome ? [{ do: 'ended', outcome } as const] : []),
  ];
}

/** Somebody answered: the others stop ringing, their grants go back with the request. */
export function settleOn(context: GroupContext, grant: string): GroupEffect[] {
  return [
    ...context.open
      .filter((other) => other !== grant)
      .map((other): GroupEffect => ({ do: 'cut', grant: other, cause: 'answered-elsewhere' })),
    { do: 'withdraw' },
    { do: 'won', grant },
  ];
}

/** How long a time-out leaves the rings that never ended: they did not answer. */
export function expire(context: GroupContext): GroupEffect[] {
  const rung = context.open.map((): ConnectOutcome => 'no-answer');
  return giveUp(context, 'no-answer', mergeOutcomes([...context.outcomes, ...rung]));
}

/** The last candidate did not answer: his grant goes back, and it is over. */
export function giveBack(context: GroupContext, grant: string): GroupEffect[] {
  return [{ do: 'return', grant }, ...giveUp(context, 'cancelled', mergeOutcomes(context.outcomes))];
}
