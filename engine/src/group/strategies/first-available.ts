/**
 * First available: the first member who can take a call, by call waiting too, rings; nobody else does.
 * Invariant: exactly one member is rung, and none listed above him could take a call.
 */
import { oneByOne } from '../one-by-one.ts';

export const firstAvailable = oneByOne('first-available', {
  order: 'given',
  patient: false,
  single: true,
  callWaiting: true,
});
