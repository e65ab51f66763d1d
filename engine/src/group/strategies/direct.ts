/** One user dialled directly: rung when free, else busy at once. */
import { oneByOne } from '../one-by-one.ts';

export const direct = oneByOne('direct', { order: 'given', patient: false });
