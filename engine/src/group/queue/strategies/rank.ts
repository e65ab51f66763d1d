/**
 * By rank: the free, fit agent of the highest rank; among equals the one idle for longest.
 * Invariant: nobody is offered a call while a free, fit agent ranks higher.
 */
import { oneBy } from '../strategy.ts';

export const rank = oneBy(
  ({ rank: own }) => -own,
  ({ idleSince }) => idleSince,
);
