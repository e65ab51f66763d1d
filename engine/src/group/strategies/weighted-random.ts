/**
 * One after the other, in an order drawn anew for each call with chances in proportion to the members' weights.
 * Invariant: at most one member rings, each at most once; weight 0 comes last.
 */
import { draw } from '../../chance.ts';
import { oneByOne } from '../one-by-one.ts';
import type { GroupInput } from '../strategy.ts';

export const weightedRandom = oneByOne('weighted-random', { order: 'given', patient: true, arrange: byWeight });

function byWeight({ members, seed }: GroupInput): string[] {
  const left = [...members];
  const order: string[] = [];
  let state = seed >>> 0;
  while (left.length > 0) {
    const drawn = draw(state);
    state = drawn.next;
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    const index = total > 0 ? indexAt(left, drawn.value % total) : 0;
    order.push(left.splice(index, 1)[0]!.id);
  }
  return order;
}

/** Whose share of the summed weights `at` falls into. */
function indexAt(members: GroupInput['members'], at: number): number {
  let below = 0;
  return members.findIndex(({ weight }) => {
    below += weight;
    return at < below;
  });
}
