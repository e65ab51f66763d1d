/**
 * Broadcast (a page): every free member is called at once, and all who answer hear the caller; who is occupied at that moment is left out.
 * Invariant: nobody who answers makes another stop ringing.
 */
import { assign } from 'xstate';
import { endings, nobody, ringing } from '../opening.ts';
import {
  emptyContext,
  type GroupContext,
  type GroupEffect,
  giveUp,
  groupSetup,
  mergeOutcomes,
  request,
} from '../strategy.ts';

/** Members who are free this long after the page began are still called: grants come one by one. */
const OPEN_MS = 2000;

const all = (context: GroupContext): GroupEffect[] => [
  request(
    context,
    context.members.map(({ id }) => id),
    'all',
    'given',
  ),
  { do: 'step-after', ms: OPEN_MS, left: 0 },
];

/** Nobody rings any more: it is over, and nobody was reached unless somebody listens. */
const ended = (context: GroupContext): GroupEffect[] =>
  context.joined ? [] : giveUp(context, 'cancelled', mergeOutcomes(context.outcomes));

export const broadcast = groupSetup.createMachine({
  id: 'broadcast',
  context: emptyContext,
  initial: 'idle',
  on: {
    answered: {
      guard: 'isOpen',
      actions: [
        assign({
          open: ({ context, event }) => context.open.filter((grant) => grant !== event.grant),
          joined: true,
        }),
        { type: 'effects', params: ({ event }): GroupEffect[] => [{ do: 'joined', grant: event.grant }] },
      ],
    },
    lost: {
      guard: 'isOpen',
      actions: ['closed', { type: 'effects', params: ({ event }) => [{ do: 'return', grant: event.grant }] }],
    },
  },
  states: {
    idle: {
      on: {
        start: [
          nobody,
          {
            target: 'trying',
            actions: ['begin', { type: 'effects', params: ({ context }) => all(context) }],
          },
        ],
      },
    },
    trying: {
      on: {
        granted: ringing.granted,
        ...endings,
        // who becomes free later is not called into the middle of it
        step: { target: 'ringing', actions: { type: 'effects', params: () => [{ do: 'withdraw' }] } },
      },
    },
    ringing: {
      always: {
        guard: ({ context }) => context.open.length === 0,
        target: 'over',
        actions: { type: 'effects', params: ({ context }) => ended(context) },
      },
      on: endings,
    },
    over: { type: 'final' },
  },
});
