/** Nobody calls on a suspended account, nor below one. */
import type { Check } from '../admission.ts';

export const checkAccountState: Check = (_placement, { suspended }) =>
  suspended ? { code: 'ADM_SUSPENDED', by: suspended } : null;
