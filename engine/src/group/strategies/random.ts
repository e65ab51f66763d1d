/** One after the other, in an order drawn anew for each call. */
import { oneByOne } from '../one-by-one.ts';

export const random = oneByOne('random', 'random', true);
