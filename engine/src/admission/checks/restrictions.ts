/** Restrictions by level over the destinations table: every level must let the call pass. */

import type { DestinationClass } from '../../numbers/destination-class.ts';
import { fitsPattern } from '../../routing/pattern.ts';
import type { Check, Restriction } from '../admission.ts';

export const checkRestrictions: Check = ({ outside }, { restrictions }) => {
  if (!outside) return null;
  for (const { level, rules } of restrictions) {
    const deciding = rules.find((rule) => fits(rule, outside));
    if (deciding?.effect === 'deny') return { code: 'ADM_RESTRICTED', by: level };
  }
  return null;
};

function fits(rule: Restriction, { kind, country, e164, dialled }: DestinationClass): boolean {
  if (rule.kinds.length > 0 && !rule.kinds.includes(kind)) return false;
  if (rule.countries.length > 0 && (country === null || !rule.countries.includes(country))) return false;
  return fitsPattern(rule.pattern, e164 === null ? [dialled] : [dialled, e164]);
}
