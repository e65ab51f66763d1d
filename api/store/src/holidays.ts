/**
 * Public holidays by country (date-holidays; its data are CC BY-SA 3.0 from Wikipedia and others, see docs/guides/directory.md), put
 * into a calendar when it is looked up, so that nobody has to type next year's.
 */
import type { Calendar } from '@callwright/engine';
import type Holidays from 'date-holidays';

export interface HolidayRules {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** State or region as the library names it, e.g. `BY` in DE; null: the whole country's only. */
  readonly region: string | null;
  /** Hours on such a day; empty: closed. */
  readonly hours: Calendar['dates'][number]['hours'];
}

export interface Holiday {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly name: string;
}

type Library = typeof Holidays;
let library: Promise<Library> | undefined;

/** Loaded at the first use: its tables are large. */
const load = (): Promise<Library> => {
  library ??= import('date-holidays').then((module) => module.default);
  return library;
};

const cache = new Map<string, readonly Holiday[]>();
const CACHED = 500;

/** Public holidays of a year in order; null when the country or region is unknown. Names in `language` where the library has them. */
export async function publicHolidays(
  country: string,
  region: string | null,
  year: number,
  language = 'en',
): Promise<readonly Holiday[] | null> {
  const key = JSON.stringify([country, region, year, language]);
  const known = cache.get(key);
  if (known) return known;
  const Library = await load();
  const whole = new Library(country);
  // an unknown country has no rules at all; an unknown region falls back to its country, or throws where that borrows another's days
  if (!Object.hasOwn(whole.getCountries(), country)) return null;
  if (region !== null && !Object.hasOwn(whole.getStates(country) ?? {}, region)) return null;
  const rules = region === null ? whole : new Library(country, region);
  rules.setLanguages([language, 'en']);
  const found = rules
    .getHolidays(year)
    .filter((h) => h.type === 'public')
    // one that lasts several days is one entry a day
    .flatMap((h) => daysOf(h.date.slice(0, 10), h.start, h.end).map((date) => ({ date, name: h.name.slice(0, 100) })));
  if (cache.size >= CACHED) cache.clear();
  cache.set(key, found);
  return found;
}

const DAY_MS = 86_400_000;

function daysOf(first: string, start: Date, end: Date): string[] {
  const count = Math.max(1, Math.min(31, Math.round((end.getTime() - start.getTime()) / DAY_MS)));
  const at = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: count }, (_, i) => new Date(at + i * DAY_MS).toISOString().slice(0, 10));
}

/**
 * The calendar with the public holidays around `now` (last year to next year) as dates. A date that stands in the calendar itself
 * wins; rules of an unknown country add nothing.
 */
export async function withHolidays(hours: Calendar, rules: HolidayRules | null, now: Date): Promise<Calendar> {
  if (!rules) return hours;
  const own = new Set(hours.dates.map((d) => d.date));
  const year = now.getUTCFullYear();
  const dates = [...hours.dates];
  for (const y of [year - 1, year, year + 1]) {
    for (const { date, name } of (await publicHolidays(rules.country, rules.region, y)) ?? []) {
      if (own.has(date)) continue;
      own.add(date);
      dates.push({ date, name, hours: [...rules.hours] });
    }
  }
  return { ...hours, dates };
}
