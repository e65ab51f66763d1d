import { expect, test } from 'vitest';
import type { Calendar } from '../protocol/io.ts';
import { changesAfter, isTimeZone, localTime, offsetMinutes, openingAt } from './calendar.ts';
import { ZONE_INDEX } from './zones.gen.ts';

const at = (iso: string) => Date.parse(iso);

test.each([
  ['2026-03-29T00:59:59Z', 'Europe/Paris', '2026-03-29', '01:59', 7],
  ['2026-03-29T01:00:00Z', 'Europe/Paris', '2026-03-29', '03:00', 7],
  ['2026-10-25T00:30:00Z', 'Europe/Paris', '2026-10-25', '02:30', 7],
  ['2026-10-25T01:30:00Z', 'Europe/Paris', '2026-10-25', '02:30', 7],
  ['2026-01-01T00:00:00Z', 'America/New_York', '2025-12-31', '19:00', 3],
  ['2026-07-01T00:00:00Z', 'Asia/Kolkata', '2026-07-01', '05:30', 3],
  ['2026-07-01T00:00:00Z', 'Australia/Lord_Howe', '2026-07-01', '10:30', 3],
  ['2026-01-01T00:00:00Z', 'Australia/Lord_Howe', '2026-01-01', '11:00', 4],
  ['2024-02-29T12:00:00Z', 'UTC', '2024-02-29', '12:00', 4],
  ['2040-07-01T12:00:00Z', 'Europe/Rome', '2040-07-01', '14:00', 7],
])('%s in %s', (iso, zone, date, time, weekday) => {
  expect(localTime(at(iso), zone)).toMatchObject({ date, time, weekday });
});

test('an unknown zone counts as UTC and is told apart', () => {
  expect(isTimeZone('Europe/Nowhere')).toBe(false);
  expect(isTimeZone('constructor')).toBe(false);
  expect(offsetMinutes(at('2026-07-01T00:00:00Z'), 'Europe/Nowhere')).toBe(0);
});

test('the zone data agrees with the platform’s wherever both know the zone, but for rules younger than the platform’s', () => {
  let compared = 0;
  let different = 0;
  for (const zone of Object.keys(ZONE_INDEX).filter((_, index) => index % 5 === 0)) {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      dateStyle: 'short',
      timeStyle: 'short',
    });
    for (let instant = Date.UTC(2020, 0, 2); instant < Date.UTC(2030, 0, 1); instant += 86_400_000 * 17.3) {
      const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
      compared += 1;
      if (`${parts.hour}:${parts.minute}` !== localTime(instant, zone).time) different += 1;
    }
  }
  expect(compared).toBeGreaterThan(20_000);
  expect(different / compared).toBeLessThan(0.005);
});

const calendar: Calendar = {
  timeZone: 'Europe/Paris',
  weekly: [
    { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 },
    // Saturday night, into Sunday
    { days: [6], fromMinute: 1320, toMinute: 120 },
  ],
  dates: [{ date: '2026-05-01', name: 'Labour Day', hours: [] }],
};

test.each([
  ['2026-06-01T06:59:59Z', 'closed'],
  ['2026-06-01T07:00:00Z', 'open'],
  ['2026-06-01T15:59:59Z', 'open'],
  ['2026-06-01T16:00:00Z', 'closed'],
  ['2026-05-01T08:00:00Z', 'holiday'],
  ['2026-06-06T20:00:00Z', 'open'],
  ['2026-06-06T23:30:00Z', 'open'],
  ['2026-06-07T00:00:00Z', 'closed'],
  // the night the clock goes forward: 02:00 never comes, 03:00 is past the end
  ['2026-03-28T21:00:00Z', 'open'],
  ['2026-03-29T00:59:00Z', 'open'],
  ['2026-03-29T01:00:00Z', 'closed'],
])('%s is %s', (iso, state) => {
  expect(openingAt(calendar, at(iso))).toBe(state);
});

test('changes are found for exploration', () => {
  const changes = changesAfter(calendar, at('2026-06-01T00:00:00Z'), 1);
  expect(changes.map((instant) => new Date(instant).toISOString())).toEqual([
    '2026-06-01T07:00:00.000Z',
    '2026-06-01T16:00:00.000Z',
  ]);
});
