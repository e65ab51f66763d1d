/** Spend caps: a call that costs something is refused once the month's cap is reached; free destinations never are. */
import type { Check } from '../admission.ts';

export const checkSpendCaps: Check = ({ outside }, { spend }) => {
  if (!outside || outside.microsPerMinute === 0) return null;
  const reached = spend.find(({ micros, cap }) => micros >= cap);
  return reached ? { code: 'ADM_SPEND_CAP', by: reached.of } : null;
};
