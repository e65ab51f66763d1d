/**
 * One after the other (hunt), in the group's own order, waiting for a free member when all are occupied.
 * Invariant: at most one member rings, and no free member listed above him was left out.
 */
import { oneByOne } from '../one-by-one.ts';

export const sequence = oneByOne('sequence', { order: 'given', patient: true });
