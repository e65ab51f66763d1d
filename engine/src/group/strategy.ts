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
  /** The wait asked for by `step-after` is over. */
  | { readonly type: 'step'; readonly left: number }
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
      /** Members who may be rung while they talk (call waiting). */
      readonly waiting: readonly string[];
      /** When this member is occupied nobody is to be rung (the "-prim" variants). */
      readonly unlessBusy: string | null;
    }
  /** More candidates for the standing request. */
  | { readonly do: 'add'; readonly candidates: readonly string[] }
  /** Ask for a `step` event after this time; `left` = stages still to come, by which a wait that was overtaken is known. */
  | { readonly do: 'step-after'; readonly ms: number; readonly left: number }
  | { readonly do: 'next'; readonly grant: string }
  | { readonly do: 'withdraw' }
  | { readonly do: 'return'; readonly grant: string }
  | { readonly do: 'ring'; readonly grant: string; readonly userId: string; readonly ringMs: number }
  | { readonly do: 'cut'; readonly grant: string; readonly cause: Cause }
  | { readonly do: 'won'; readonly grant: string }
  /** One of several who take the call. */
  | { readonly do: 'joined'; readonly grant: string }
  | { readonly do: 'ended'; readonly outcome: ConnectOutcome };

/** `cyclic` begins after the member who answered last, `round-robin` after the one who was rung last. */
export type Order = 'given' | 'random' | 'round-robin' | 'cyclic';

/** A member as a strategy sees it. */
export interface GroupMember {
  /** What the pool knows the member by: a user's id, or a name for an outside number. */
  readonly id: string;
  /** How long this member rings; null = as long as the group's members do. */
  readonly ringMs: number | null;
  /** Enterprise: rings this long after the group began. */
  readonly delayMs: number;
  /** Weighted random: chances in proportion. */
  readonly weight: number;
  /** May be rung while talking. */
  readonly callWaiting: boolean;
}

export interface GroupInput {
  /** Members who can be rung, in ring order. */
  readonly members: readonly GroupMember[];
  readonly memberRingMs: number;
  /** Progressive: time between one member and the next. */
  readonly stepMs: number;
  /** Chance of this ring, drawn by the call. */
  readonly seed: number;
  /** The first member listed when the group's rule is that nobody rings while he is occupied; he may not be among `members`. */
  readonly primary: string | null;
}

export interface GroupContext {
  members: readonly GroupMember[];
  memberRingMs: number;
  /** Granted and ringing. */
  open: readonly string[];
  /** How the rings went that ended. */
  outcomes: readonly ConnectOutcome[];
  /** Members still to come in, earliest first, each with the time since the stage before. */
  stages: readonly Stage[];
  /** The pool has been asked. */
  asked: boolean;
  primary: string | null;
  /** Broadcast: somebody listens. */
  joined?: boolean;
}

/** Members who begin to ring together, `afterMs` after those before them. */
export interface Stage {
  readonly afterMs: number;
  readonly members: readonly string[];
}

export const emptyContext: GroupContext = {
  members: [],
  memberRingMs: 0,
  open: [],
  outcomes: [],
  stages: [],
  asked: false,
  primary: null,
};

/** How long a member rings. */
export const ringMsOf = (context: GroupContext, id: string): number =>
  context.members.find((member) => member.id === id)?.ringMs ?? context.memberRingMs;

/** The request for these candidates. */
export function request(
  context: GroupContext,
  candidates: readonly string[],
  want: 'all' | 'one',
  order: Order,
  callWaiting = false,
): GroupEffect {
  const waiting = callWaiting ? context.members.filter((one) => one.callWaiting).map(({ id }) => id) : [];
  return { do: 'request', candidates, want, order, waiting, unlessBusy: context.primary };
}

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
      event.type === 'start'
        ? { members: event.input.members, memberRingMs: event.input.memberRingMs, primary: event.input.primary }
        : {},
    ),
    /** The first stage has come in. */
    passed: assign(({ context }) => ({ stages: context.stages.slice(1), asked: true })),
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
    isDue: ({ context, event }) => event.type === 'step' && event.left === context.stages.length,
    isNew: ({ context, event }) => event.type === 'granted' && !context.open.includes(event.grant),
    allTried: ({ context }) =>
      context.open.length === 0 && context.stages.length === 0 && context.outcomes.length >= context.members.length,
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
