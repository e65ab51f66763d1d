/**
 * Fewest calls of this queue: what an agent took elsewhere does not count.
 * Invariant: nobody is offered a call while a free, fit agent took fewer of this queue.
 */
import { oneBy } from '../strategy.ts';

export const fewestCallsInQueue = oneBy(({ inQueue }) => inQueue.calls);
