/** The group machine's face: start it with a group's members, tell it how grants and rings go, do what it wants. */
import { initialTransition, transition } from 'xstate';
import type { RingStrategy } from '../protocol/index.ts';
import { all } from './strategies/all.ts';
import { broadcast } from './strategies/broadcast.ts';
import { cyclic } from './strategies/cyclic.ts';
import { direct } from './strategies/direct.ts';
import { enterprise } from './strategies/enterprise.ts';
import { firstAvailable } from './strategies/first-available.ts';
import { firstNotOnPhone } from './strategies/first-not-on-phone.ts';
import { progressive } from './strategies/progressive.ts';
import { queue } from './strategies/queue.ts';
import { random } from './strategies/random.ts';
import { rollover } from './strategies/rollover.ts';
import { roundRobin } from './strategies/round-robin.ts';
import { sequence } from './strategies/sequence.ts';
import { weightedRandom } from './strategies/weighted-random.ts';
import type { GroupContext, GroupEffect, GroupEvent, GroupInput } from './strategy.ts';

const strategies = {
  all,
  sequence,
  progressive,
  'first-available': firstAvailable,
  'first-not-on-phone': firstNotOnPhone,
  random,
  'weighted-random': weightedRandom,
  enterprise,
  rollover,
  'round-robin': roundRobin,
  cyclic,
  broadcast,
  direct,
  queue,
} as const;

/** Ring strategies of groups, `broadcast` for those that are paged, `direct` for a single user, `queue` for agents whom the pool grants. */
export type Strategy = RingStrategy | 'broadcast' | 'direct' | 'queue';

/** State of a group machine as plain JSON. */
export interface GroupState {
  strategy: Strategy;
  value: string;
  context: GroupContext;
}

export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly GroupEffect[];
}

export function startGroup(strategy: Strategy, input: GroupInput): GroupStep {
  const machine = strategies[strategy];
  const [snapshot] = initialTransition(machine);
  return stepGroup({ strategy, value: 'idle', context: snapshot.context }, { type: 'start', input });
}

/** After `over` nothing changes any more. */
export function stepGroup(state: GroupState, event: GroupEvent): GroupStep {
  const machine = strategies[state.strategy];
  if (state.value === 'over') return { state, effects: [] };
  const before = machine.resolveState({ value: state.value, context: state.context });
  const [after, actions] = transition(machine, before, event);
  const effects = actions
    .filter((action) => action.type === 'effects')
    .flatMap((action) => action.params as unknown as readonly GroupEffect[]);
  return { state: { strategy: state.strategy, value: String(after.value), context: after.context }, effects };
}
