/**
 * Longest idle: the agent who is free the longest, pauses and wrap-up not counted as free.
 * Invariant: nobody is offered a call while a free, fit agent is idle for longer.
 */
import { oneBy } from '../strategy.ts';

export const longestIdle = oneBy(({ idleSince }) => idleSince);
