/** Users who may call what their plan includes only: whatever has no price in the destinations table. */
import type { Check } from '../admission.ts';

export const checkPlan: Check = ({ outside }, { planOnly }) =>
  outside && planOnly && outside.microsPerMinute > 0 ? { code: 'ADM_PLAN_ONLY', by: 'user' } : null;
