/**
 * Oldest start: the agent whose last call began the longest ago.
 * Invariant: nobody is offered a call while a free, fit agent began his last call earlier.
 */
import { longAgo, oneBy } from '../strategy.ts';

export const oldestStart = oneBy(({ lastStartAt }) => longAgo(lastStartAt));
