/**
 * One after the other, beginning with the member after the one who was rung last; the pool keeps the pointer per group.
 * Invariant: over any run of calls no free member is rung twice before another was rung once.
 */
import { oneByOne } from '../one-by-one.ts';

export const roundRobin = oneByOne('round-robin', { order: 'round-robin', patient: true });
