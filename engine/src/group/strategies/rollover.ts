/**
 * Rollover: one after the other, skipping the occupied; over at once when nobody is free.
 * Invariant: at most one member rings, and the group never waits for an occupied one.
 */
import { oneByOne } from '../one-by-one.ts';

export const rollover = oneByOne('rollover', { order: 'given', patient: false });
