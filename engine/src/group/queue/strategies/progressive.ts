/**
 * Progressive: one agent rings, then one more beside him every step.
 * Invariant: while somebody rings for the caller, a free, fit agent waits at most one step; else not at all.
 */
import type { QueueStrategy } from '../strategy.ts';

export const progressive: QueueStrategy = {
  together: true,
  choose: (candidates, { at, ringing, steppedAt, rules }) =>
    ringing > 0 && steppedAt !== null && at < steppedAt + rules.stepMs ? [] : candidates.slice(0, 1),
};
