/**
 * Fewest calls: the agent who took the fewest queue calls, over all queues.
 * Invariant: nobody is offered a call while a free, fit agent took fewer.
 */
import { oneBy } from '../strategy.ts';

export const fewestCalls = oneBy(({ total }) => total.calls);
