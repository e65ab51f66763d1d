/**
 * Calendars: local time of an instant in an IANA zone, and whether opening hours are on (docs/adr/calendars.md).
 *
 * Pure, with pinned zone data (`zones.gen.ts`): the same instant gives the same answer in every process and at replay, whatever
 * time zone data the machine has. Only instant → local is needed, so no local time is ever ambiguous.
 */
import type { Calendar } from '../protocol/io.ts';
import { ZONE_INDEX, ZONE_TABLES } from './zones.gen.ts';

export interface LocalTime {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** HH:MM. */
  readonly time: string;
  /** 1 = Monday … 7 = Sunday. */
  readonly weekday: number;
  /** Minutes since local midnight. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** True for an IANA zone name the engine has data for. */
export function isTimeZone(name: string): boolean {
  return Object.hasOwn(ZONE_INDEX, name);
}

/** Offset of a zone at an instant, in minutes east of UTC. An unknown zone counts as UTC; lint refuses it before. */
export function offsetMinutes(at: number, zone: string): number {
  const table = isTimeZone(zone) ? ZONE_TABLES[ZONE_INDEX[zone]!]! : [0];
  const minute = Math.floor(at / MINUTE_MS);
  let low = 0;
  let high = (table.length - 1) / 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (table[middle * 2 - 1]! <= minute) low = middle;
    else high = middle - 1;
  }
  return table[low * 2]!;
}

/** Wall clock of an instant (epoch ms) in a zone. */
export function localTime(at: number, zone: string): LocalTime {
  const local = Math.floor(at / MINUTE_MS) + offsetMinutes(at, zone);
  const day = Math.floor(local / DAY_MINUTES);
  const minute = local - day * DAY_MINUTES;
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    date: isoDate(day),
    time: `${two(Math.floor(minute / 60))}:${two(minute % 60)}`,
    // 1970-01-01 was a Thursday
    weekday: ((((day + 3) % 7) + 7) % 7) + 1,
    minute,
  };
}

/** Proleptic Gregorian date of a day number since 1970-01-01, by years of 365.2425 days that begin on 1 March. */
function isoDate(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

/** Whether a calendar is open: `holiday` = the date is listed and its own hours are not on. */
export type Opening = 'open' | 'closed' | 'holiday';

/** State of a calendar at an instant. A range ends before `toMinute`; one whose end is not after its start runs over midnight. */
export function openingAt(calendar: Calendar, at: number): Opening {
  const today = localTime(at, calendar.timeZone);
  // a shift that began yesterday may still be on
  const yesterday = localTime(at - (today.minute + 1) * MINUTE_MS, calendar.timeZone);
  const open =
    hoursOf(calendar, today).some(
      (hours) => today.minute >= hours.fromMinute && (wraps(hours) || today.minute < hours.toMinute),
    ) || hoursOf(calendar, yesterday).some((hours) => wraps(hours) && today.minute < hours.toMinute);
  if (open) return 'open';
  return specialDate(calendar, today) ? 'holiday' : 'closed';
}

type Hours = { readonly fromMinute: number; readonly toMinute: number };
const wraps = (hours: Hours): boolean => hours.toMinute <= hours.fromMinute;
const specialDate = (calendar: Calendar, day: LocalTime) => calendar.dates.find((special) => special.date === day.date);

function hoursOf(calendar: Calendar, day: LocalTime): readonly Hours[] {
  return specialDate(calendar, day)?.hours ?? calendar.weekly.filter((range) => range.days.includes(day.weekday));
}

/** Instants at which the calendar changes within the next `days` days, for state exploration. */
export function changesAfter(calendar: Calendar, from: number, days: number): number[] {
  const start = from - (from % MINUTE_MS);
  const found: number[] = [];
  let last = openingAt(calendar, from);
  for (let at = start; at < start + days * DAY_MINUTES * MINUTE_MS; at += 15 * MINUTE_MS) {
    const state = openingAt(calendar, at);
    if (state !== last) found.push(at);
    last = state;
  }
  return found;
}
