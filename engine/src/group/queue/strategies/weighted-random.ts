/**
 * Weighted random: any free, fit agent, with chances in proportion to weights; weight 0 only when nobody else is free.
 * Invariant: no waiting caller and free, fit agent coexist.
 */
import { draw } from '../../../chance.ts';
import type { Candidate, QueueStrategy } from '../strategy.ts';

export const weightedRandom: QueueStrategy = {
  together: false,
  choose: (candidates, { seed, offered }) => {
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return candidates.slice(0, 1);
    return shareAt(candidates, draw(seed + offered.length).value % total);
  },
};

function shareAt(candidates: readonly Candidate[], at: number): Candidate[] {
  let below = 0;
  const chosen = candidates.find(({ weight }) => {
    below += weight;
    return at < below;
  });
  return chosen ? [chosen] : [];
}
