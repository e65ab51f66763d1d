/** Ring all: every free member at once, each that becomes free joins in; the first who answers wins. */
import { emptyContext, expire, giveUp, groupSetup, mergeOutcomes, settleOn } from '../strategy.ts';

export const all = groupSetup.createMachine({
  id: 'all',
  context: emptyContext,
  initial: 'idle',
  states: {
    idle: {
      on: {
        start: [
          {
            guard: 'noMembers',
            target: 'over',
            actions: { type: 'effects', params: [{ do: 'ended', outcome: 'unavailable' }] },
          },
          {
            target: 'trying',
            actions: [
              'begin',
              {
                type: 'effects',
                params: ({ context }) => [{ do: 'request', candidates: context.members, want: 'all', order: 'given' }],
              },
            ],
          },
        ],
      },
    },
    trying: {
      always: {
        guard: 'allTried',
        target: 'over',
        actions: {
          type: 'effects',
          params: ({ context }) => giveUp(context, 'cancelled', mergeOutcomes(context.outcomes)),
        },
      },
      on: {
        granted: {
          guard: 'isNew',
          actions: [
            'opened',
            {
              type: 'effects',
              params: ({ context, event }) => [
                { do: 'ring', grant: event.grant, userId: event.userId, ringMs: context.memberRingMs },
              ],
            },
          ],
        },
        lost: {
          guard: 'isOpen',
          actions: ['closed', { type: 'effects', params: ({ event }) => [{ do: 'return', grant: event.grant }] }],
        },
        answered: {
          guard: 'isOpen',
          target: 'over',
          actions: { type: 'effects', params: ({ context, event }) => settleOn(context, event.grant) },
        },
        expired: { target: 'over', actions: { type: 'effects', params: ({ context }) => expire(context) } },
        withdrawn: {
          target: 'over',
          actions: { type: 'effects', params: ({ context }) => giveUp(context, 'cancelled', null) },
        },
      },
    },
    over: { type: 'final' },
  },
});
