/**
 * One member at a time: the pool offers the next free candidate in its order whenever the last one did not answer. Strategies that
 * ring one after the other are this machine with an order of their own.
 */
import { endings, nobody, ringing } from './opening.ts';
import {
  emptyContext,
  type GroupInput,
  giveBack,
  giveUp,
  groupSetup,
  mergeOutcomes,
  type Order,
  request,
} from './strategy.ts';

export interface OneByOneOptions {
  readonly order: Order;
  /** While all members are occupied the group waits for one to become free; else it is over at once. */
  readonly patient: boolean;
  /** Over after the first member rung, answered or not. */
  readonly single?: boolean;
  /** Members with call waiting are rung while they talk. */
  readonly callWaiting?: boolean;
  /** Order drawn before the pool is asked. */
  readonly arrange?: (input: GroupInput) => readonly string[];
}

const asGiven = (input: GroupInput): readonly string[] => input.members.map(({ id }) => id);

/** The machine of a strategy that rings one member at a time. */
export function oneByOne(id: string, options: OneByOneOptions) {
  const { order, patient, single = false, callWaiting = false, arrange = asGiven } = options;
  return groupSetup.createMachine({
    id,
    context: emptyContext,
    initial: 'idle',
    states: {
      idle: {
        on: {
          start: [
            nobody,
            {
              target: 'trying',
              actions: [
                'begin',
                {
                  type: 'effects',
                  params: ({ context, event }) => [request(context, arrange(event.input), 'one', order, callWaiting)],
                },
              ],
            },
          ],
        },
      },
      trying: {
        on: {
          lost: [
            {
              // Nobody is left to be offered: the pool need not be asked.
              guard: single ? 'isOpen' : 'isLast',
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
          ...ringing,
          ...endings,
        },
      },
      over: { type: 'final' },
    },
  });
}
