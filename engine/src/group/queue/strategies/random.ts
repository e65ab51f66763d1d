/**
 * Random: any free, fit agent, with equal chances.
 * Invariant: no waiting caller and free, fit agent coexist.
 */
import { draw } from '../../../chance.ts';
import type { QueueStrategy } from '../strategy.ts';

export const random: QueueStrategy = {
  together: false,
  choose: (candidates, { seed, offered }) => {
    const { value } = draw(seed + offered.length);
    return candidates.slice(value % Math.max(1, candidates.length)).slice(0, 1);
  },
};
