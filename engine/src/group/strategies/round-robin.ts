/** One after the other, beginning with the member after the one who was rung last; the pool keeps the pointer per group. */
import { oneByOne } from '../one-by-one.ts';

export const roundRobin = oneByOne('round-robin', 'round-robin', true);
