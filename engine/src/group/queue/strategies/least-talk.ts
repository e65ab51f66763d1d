/**
 * Least talk time: the agent who talked the least with queue callers.
 * Invariant: nobody is offered a call while a free, fit agent talked less.
 */
import { oneBy } from '../strategy.ts';

export const leastTalk = oneBy(({ total }) => total.talkMs);
