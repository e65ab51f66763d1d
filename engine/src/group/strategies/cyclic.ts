/**
 * Cyclic: one after the other, beginning with the member after the one who answered last; the pool keeps the pointer per group.
 * Invariant: at most one member rings, and whoever answered last is the last to be offered the next call.
 */
import { oneByOne } from '../one-by-one.ts';

export const cyclic = oneByOne('cyclic', { order: 'cyclic', patient: true });
