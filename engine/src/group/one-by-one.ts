/**
 * One member at a time: the pool offers the next free candidate in its order whenever the last one did not answer. Strategies that
 * ring one after the other are this machine with an order of their own.
 */
import { emptyContext, expire, giveBack, giveUp, groupSetup, mergeOutcomes, type Order, settleOn } from './strategy.ts';

/** `patient`: while all members are occupied the group waits for one to become free; else it is over at once (direct dial). */
export function oneByOne(id: string, order: Order, patient: boolean) {
  return groupSetup.createMachine({
    id,
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
                  params: ({ context }) => [{ do: 'request', candidates: context.members, want: 'one', order }],
                },
              ],
            },
          ],
        },
      },
      trying: {
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
          lost: [
            {
              // Nobody is left to be offered: the pool need not be asked.
              guard: 'isLast',
              target: 'over',
              actions: ['closed', { type: 'effects', params: ({ context, event }) => giveBack(context, event.grant) }],
            },
            {
              guard: 'isOpen',
              actions: ['closed', { type: 'effects', params: ({ event }) => [{ do: 'next', grant: event.grant }] }],
            },
          ],
          none: {
            guard: ({ context, event }) => context.open.length === 0 && (event.exhausted || !patient),
            target: 'over',
            actions: {
              type: 'effects',
              params: ({ context }) => giveUp(context, 'cancelled', mergeOutcomes(context.outcomes)),
            },
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
}
