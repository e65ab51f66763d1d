/** All queue strategies by name. */
import type { QueueStrategyName } from '../../../protocol/index.ts';
import type { QueueStrategy } from '../strategy.ts';
import { fewestCalls } from './fewest-calls.ts';
import { fewestCallsInQueue } from './fewest-calls-in-queue.ts';
import { leastTalk } from './least-talk.ts';
import { linear } from './linear.ts';
import { longestIdle } from './longest-idle.ts';
import { oldestEnd } from './oldest-end.ts';
import { oldestStart } from './oldest-start.ts';
import { progressive } from './progressive.ts';
import { random } from './random.ts';
import { rank } from './rank.ts';
import { ringAll } from './ring-all.ts';
import { roundRobin } from './round-robin.ts';
import { roundRobinOrdered } from './round-robin-ordered.ts';
import { sequential } from './sequential.ts';
import { skill } from './skill.ts';
import { weightedRandom } from './weighted-random.ts';

export const queueStrategies: Readonly<Record<QueueStrategyName, QueueStrategy>> = {
  'ring-all': ringAll,
  progressive,
  'oldest-end': oldestEnd,
  'oldest-start': oldestStart,
  'longest-idle': longestIdle,
  'fewest-calls': fewestCalls,
  'fewest-calls-in-queue': fewestCallsInQueue,
  'least-talk': leastTalk,
  random,
  'weighted-random': weightedRandom,
  'round-robin': roundRobin,
  'round-robin-ordered': roundRobinOrdered,
  linear,
  sequential,
  rank,
  skill,
};
