/**
 * First not on the phone: the first member without any call rings, call waiting or not; nobody else does.
 * Invariant: exactly one member is rung, and all listed above him were on the phone.
 */
import { oneByOne } from '../one-by-one.ts';

export const firstNotOnPhone = oneByOne('first-not-on-phone', { order: 'given', patient: false, single: true });
