/**
 * Agents of a queue: the pool itself decides whom to offer and when, this machine rings whom it was granted until one answers. It has
 * no end of its own: the caller waits until the queue lets him go.
 * Invariant: whoever is granted is rung at once, and nobody else is.
 */
import { assign } from 'xstate';
import { endings, ringing } from '../opening.ts';
import { emptyContext, groupSetup } from '../strategy.ts';

export const queue = groupSetup.createMachine({
  id: 'queue',
  context: emptyContext,
  initial: 'idle',
  states: {
    idle: { on: { start: { target: 'trying', actions: 'begin' } } },
    trying: {
      on: {
        lost: {
          guard: 'isOpen',
          actions: [
            // how often agents did not answer is the pool's account: a caller may wait for a day
            assign({ open: ({ context, event }) => context.open.filter((grant) => grant !== event.grant) }),
            { type: 'effects', params: ({ event }) => [{ do: 'next', grant: event.grant }] },
          ],
        },
        ...ringing,
        ...endings,
      },
    },
    over: { type: 'final' },
  },
});
