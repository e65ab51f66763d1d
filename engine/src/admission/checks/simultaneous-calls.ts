/** Calls at the same time, of the company and of the user. */
import type { Check } from '../admission.ts';

export const checkSimultaneousCalls: Check = (_placement, { calls }) => {
  const full = calls.find(({ now, most }) => most !== null && now >= most);
  return full ? { code: 'ADM_TOO_MANY_CALLS', by: full.of } : null;
};
