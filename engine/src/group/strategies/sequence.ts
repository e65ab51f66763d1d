/** One after the other, in the group's own order. */
import { oneByOne } from '../one-by-one.ts';

export const sequence = oneByOne('sequence', 'given', true);
