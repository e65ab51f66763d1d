/**
 * Telephone numbers: from what somebody dialled to E.164 and back (ITU-T E.164; plans of the countries by libphonenumber-js).
 *
 * Pure. `country` is the company's, ISO 3166-1 alpha-2; an unknown one counts as none, and then only international forms are read.
 */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A number in the forms that calls, rules and restrictions speak of. */
export interface NumberForms {
  /** As it was dialled, separators removed. */
  readonly dialled: string;
  /** `+` and at most 15 digits. */
  readonly e164: string;
  /** As written inside its own country, e.g. `0612345678`; digits only. */
  readonly national: string;
  /** Country the number belongs to; null where several share a code or none owns it (+800, +883). */
  readonly country: string | null;
}

const SEPARATORS = /[\s().\-/\u00a0\u202f]/g;
/** Shorter numbers are extensions and service numbers: no country's plan is asked about them. */
const SUBSCRIBER = /^\+?[0-9]{5,20}$/;

/** Removes what people write between digits. */
export const stripSeparators = (text: string): string => text.replace(SEPARATORS, '');

/** True for a country whose numbering plan is known. */
export const isCountry = (country: string): boolean => isSupportedCountry(country);

const parsed = (dialled: string, country: string | undefined) => {
  const digits = stripSeparators(dialled);
  if (!SUBSCRIBER.test(digits)) return null;
  const text = digits.startsWith('00') ? `+${digits.slice(2)}` : digits;
  const home = country !== undefined && isSupportedCountry(country) ? (country as CountryCode) : undefined;
  const number = parsePhoneNumberFromString(text, home);
  return number?.isPossible() && number.number.length <= 16 ? number : null;
};

/** All forms of a dialled number, read in the company's country; null when it is no number of any plan (an extension, a short code). */
export function numberForms(dialled: string, country?: string): NumberForms | null {
  const number = parsed(dialled, country);
  if (!number) return null;
  const national = number.formatNational().replace(/[^0-9]/g, '');
  return { dialled: stripSeparators(dialled), e164: number.number, national, country: number.country ?? null };
}

/** A dialled number in E.164, as written or in the company's country; null when it is none. */
export const toE164 = (dialled: string, country?: string): string | null => parsed(dialled, country)?.number ?? null;

/** How people read it: national inside the company's country, else international. The text itself when it is no such number. */
export function displayNumber(number: string, country?: string): string {
  const found = parsed(number, country);
  if (!found) return number;
  return found.country !== undefined && found.country === country
    ? found.formatNational()
    : found.formatInternational();
}

/**
 * Spellings under which a number may stand in a directory or a pattern: as given, without separators, E.164, and as written inside the
 * company's country when it is one of its numbers. Distinct, the given one first.
 */
export function spellings(dialled: string, country?: string): readonly string[] {
  const plain = stripSeparators(dialled);
  const found = parsed(plain, country);
  const e164 = found?.number ?? (/^[1-9][0-9]{6,14}$/.test(plain) ? `+${plain}` : null);
  const home = found?.country !== undefined && found.country === country;
  const national = home ? [found.formatNational().replace(/[^0-9]/g, '')] : [];
  return [...new Set([dialled, plain, ...(e164 ? [e164] : []), ...national])];
}
