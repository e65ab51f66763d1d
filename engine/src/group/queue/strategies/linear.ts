/**
 * Linear (top down): always the free, fit agent highest in the list.
 * Invariant: nobody is offered a call while a free, fit agent is listed above him.
 */
import { oneBy } from '../strategy.ts';

export const linear = oneBy(({ listed }) => listed);
