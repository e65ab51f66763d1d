/**
 * One after the other, in an order drawn anew for each call.
 * Invariant: at most one member rings, each at most once.
 */
import { oneByOne } from '../one-by-one.ts';

export const random = oneByOne('random', { order: 'random', patient: true });
