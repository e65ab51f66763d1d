/**
 * By skill: preferred agents first, then whose skills go furthest beyond what the caller needs; among equals the one idle for longest.
 * Invariant: nobody is offered a call while a free agent is better fit for its caller.
 */
import { oneBy } from '../strategy.ts';

export const skill = oneBy(
  ({ preferred }) => preferred ?? Number.POSITIVE_INFINITY,
  ({ fitness }) => -fitness,
  ({ idleSince }) => idleSince,
);
