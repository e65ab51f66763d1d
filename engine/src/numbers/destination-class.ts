/**
 * What kind of destination a number is: for restrictions, tariffs and permissions.
 *
 * The plans of the countries (libphonenumber) say it for every number; rows of an owner say it better for a prefix: the longest
 * prefix wins, and of two equal ones the row of the owner nearest to the company.
 */
import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { isEmergencyNumber } from './emergency.ts';
import type { DestinationKind } from './kinds.ts';
import { numberForms, stripSeparators } from './number.ts';

/** A row of the destinations table. */
export interface DestinationPrefix {
  /** E.164 prefix with `+`, or the beginning of a short code without it. */
  readonly prefix: string;
  /** ISO 3166-1 alpha-2; null = of no country. */
  readonly country: string | null;
  /** Null = as the country's plan says: a price for `+33` does not make premium numbers cheap to allow. */
  readonly kind: DestinationKind | null;
  readonly label: string;
  /** Millionths of the company's currency unit for a minute; null = no price here. */
  readonly microsPerMinute: number | null;
  /** How near the owner is to the company: 0 = the company itself. */
  readonly distance: number;
}

export interface DestinationClass {
  readonly dialled: string;
  readonly e164: string | null;
  readonly country: string | null;
  readonly kind: DestinationKind;
  readonly label: string;
  readonly microsPerMinute: number;
  /** The row that decided, null where the plan did. */
  readonly prefix: string | null;
}

const KIND_OF: Readonly<Partial<Record<NonNullable<NumberType>, DestinationKind>>> = {
  FIXED_LINE: 'fixed',
  FIXED_LINE_OR_MOBILE: 'fixed',
  VOIP: 'fixed',
  MOBILE: 'mobile',
  TOLL_FREE: 'toll-free',
  SHARED_COST: 'shared-cost',
  PREMIUM_RATE: 'premium',
  PERSONAL_NUMBER: 'premium',
  UAN: 'special',
  PAGER: 'special',
  VOICEMAIL: 'special',
};

/** Class of an outside number dialled in a company of `country`. */
export function classify(
  dialled: string,
  country: string | undefined,
  prefixes: readonly DestinationPrefix[] = [],
): DestinationClass {
  const plain = stripSeparators(dialled);
  const emergency = prefixes.find((row) => row.kind === 'emergency' && row.prefix === plain);
  if (emergency || isEmergencyNumber(plain, country)) {
    const base = plan(plain, { e164: null, country: country ?? null, kind: 'emergency' });
    return emergency ? { ...base, label: emergency.label, prefix: plain } : base;
  }
  const forms = numberForms(plain, country);
  const e164 = forms?.e164 ?? null;
  const row = longestPrefix(e164 ?? plain, prefixes);
  const found = e164 === null ? undefined : parsePhoneNumberFromString(e164)?.getType();
  const kind: DestinationKind = e164 === null ? 'special' : ((found && KIND_OF[found]) ?? 'unknown');
  const base = plan(plain, { e164, country: forms ? forms.country : (country ?? null), kind });
  if (!row) return base;
  return {
    ...base,
    country: row.country ?? base.country,
    kind: row.kind ?? base.kind,
    label: row.label,
    prefix: row.prefix,
    microsPerMinute: row.microsPerMinute ?? 0,
  };
}

function plan(dialled: string, known: Pick<DestinationClass, 'e164' | 'country' | 'kind'>): DestinationClass {
  return { dialled, ...known, label: '', microsPerMinute: 0, prefix: null };
}

function longestPrefix(number: string, prefixes: readonly DestinationPrefix[]): DestinationPrefix | null {
  let best: DestinationPrefix | null = null;
  for (const row of prefixes) {
    // an emergency number is exact: a longer one that begins like it is another number
    if (row.kind === 'emergency' || !number.startsWith(row.prefix)) continue;
    const longer = best === null || row.prefix.length > best.prefix.length;
    const nearer = best !== null && row.prefix.length === best.prefix.length && row.distance < best.distance;
    if (longer || nearer) best = row;
  }
  return best;
}
