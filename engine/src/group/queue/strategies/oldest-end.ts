/**
 * Least recent: the agent whose last call ended the longest ago.
 * Invariant: nobody is offered a call while a free, fit agent finished his last call earlier.
 */
import { longAgo, oneBy } from '../strategy.ts';

export const oldestEnd = oneBy(({ lastEndAt }) => longAgo(lastEndAt));
