/**
 * Members come in stage by stage and go on ringing together; the first who answers wins. Ring all is one stage, memory hunt one
 * member a stage, enterprise one stage per delay.
 */
import { assign } from 'xstate';
import { endings, nobody, ringing } from './opening.ts';
import {
  emptyContext,
  type GroupContext,
  type GroupEffect,
  type GroupInput,
  giveUp,
  groupSetup,
  mergeOutcomes,
  request,
  type Stage,
} from './strategy.ts';

export interface StagedOptions {
  /** Who comes in when; never empty for a group with members. */
  readonly stages: (input: GroupInput) => readonly Stage[];
  /** When nobody rings any more the next stage comes at once. */
  readonly hasty: boolean;
}

/** The first stage comes in; the wait for the one after it begins. */
function advance(context: GroupContext): GroupEffect[] {
  const [stage, after] = context.stages;
  if (!stage) return [];
  const { members } = stage;
  const ask: GroupEffect = context.asked
    ? { do: 'add', candidates: members }
    : request(context, members, 'all', 'given');
  return after ? [ask, { do: 'step-after', ms: after.afterMs, left: context.stages.length - 1 }] : [ask];
}

const next = [
  { type: 'effects', params: ({ context }: { context: GroupContext }) => advance(context) },
  'passed',
] as const;

const beginsLate = (context: GroupContext): boolean => (context.stages[0]?.afterMs ?? 0) > 0;

/** The machine of a strategy whose members ring together. */
export function staged(id: string, { stages, hasty }: StagedOptions) {
  return groupSetup.createMachine({
    id,
    context: emptyContext,
    initial: 'idle',
    states: {
      idle: {
        on: {
          start: [
            nobody,
            { target: 'beginning', actions: ['begin', assign(({ event }) => ({ stages: stages(event.input) }))] },
          ],
        },
      },
      beginning: {
        always: [
          {
            guard: ({ context }) => beginsLate(context),
            target: 'trying',
            actions: {
              type: 'effects',
              params: ({ context: { stages: all } }) => [
                { do: 'step-after', ms: all[0]?.afterMs ?? 0, left: all.length },
              ],
            },
          },
          { target: 'trying', actions: next },
        ],
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
          step: { guard: 'isDue', actions: next },
          lost: [
            {
              guard: ({ context, event }) => hasty && context.open.length === 1 && context.open[0] === event.grant,
              actions: [
                'closed',
                { type: 'effects', params: ({ event }) => [{ do: 'return', grant: event.grant }] },
                ...next,
              ],
            },
            {
              guard: 'isOpen',
              actions: ['closed', { type: 'effects', params: ({ event }) => [{ do: 'return', grant: event.grant }] }],
            },
          ],
          none: [
            {
              // the first member listed is occupied, so nobody is to be rung
              guard: ({ context, event }) =>
                event.exhausted && context.primary !== null && context.outcomes.length === 0,
              target: 'over',
              actions: { type: 'effects', params: ({ context }) => giveUp(context, 'cancelled', 'busy') },
            },
            { guard: ({ context }) => hasty && context.open.length === 0, actions: next },
          ],
          ...ringing,
          ...endings,
        },
      },
      over: { type: 'final' },
    },
  });
}
