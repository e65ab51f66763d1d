/** Opening hours, holidays, time zones. */
import * as z from 'zod';
import { changesAfter, openingAt } from '../../src/define/calendar.ts';
import { type ConfigProblem, defineNode } from '../../src/define/define-node.ts';
import { entityReference, Template } from '../../src/define/fields.ts';
import type { Calendar } from '../../src/protocol/io.ts';

/** HH:MM; 24:00 is the end of the day. */
const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/);
const Hours = z.strictObject({ from: Clock, to: Clock });

const config = z.strictObject({
  calendar: Template.min(1)
    .max(200)
    .optional()
    .meta({ title: 'Shared calendar', titleFr: 'Calendrier partagé', widget: 'calendar', order: 1 }),
  timeZone: z
    .string()
    .max(60)
    .optional()
    .meta({ title: 'Time zone', titleFr: 'Fuseau horaire', widget: 'text', order: 2 }),
  weekly: z
    .array(Hours.extend({ days: z.array(z.number().int().min(1).max(7)).min(1).max(7) }))
    .max(50)
    .default([])
    .meta({ title: 'Opening hours', titleFr: 'Heures d’ouverture', widget: 'hours', order: 3 }),
  dates: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        name: z.string().max(100).default(''),
        hours: z.array(Hours).max(10).default([]),
      }),
    )
    .max(200)
    .default([])
    .meta({
      title: 'Holidays and special days',
      titleFr: 'Jours fériés et jours particuliers',
      widget: 'hours',
      order: 4,
    }),
});
type Config = z.infer<typeof config>;

export type Outcomes<C> = 'open' | 'closed' | 'holiday' | (C extends { calendar: string } ? 'unavailable' : never);

function minuteOf(clock: string): number {
  const [hour = '0', minute = '0'] = clock.split(':');
  return Number(hour) * 60 + Number(minute);
}

const range = (hours: z.infer<typeof Hours>) => ({ fromMinute: minuteOf(hours.from), toMinute: minuteOf(hours.to) });

/** The node's own hours as a calendar. */
function ownCalendar(c: Config, timeZone: string): Calendar {
  return {
    timeZone: c.timeZone ?? timeZone,
    weekly: c.weekly.map((hours) => ({ ...range(hours), days: hours.days })),
    dates: c.dates.map(({ date, name, hours }) => ({ date, name, hours: hours.map(range) })),
  };
}

const sameEnds = (hours: z.infer<typeof Hours>) => hours.from === hours.to;

export default defineNode({
  kind: 'schedule',
  version: 1,
  title: { en: 'Schedule', fr: 'Horaires' },
  description: {
    en: 'Goes on by opening hours and holidays.',
    fr: 'Continue selon les heures d’ouverture et les jours fériés.',
  },
  icon: 'calendar',
  category: 'decide',
  config,
  summary: (c) => {
    const text = c.calendar ?? c.weekly.map((hours) => `${hours.from}–${hours.to}`).join(', ');
    return { en: text, fr: text };
  },
  outcomes: (c) =>
    c.calendar === undefined ? ['open', 'closed', 'holiday'] : ['open', 'closed', 'holiday', 'unavailable'],
  references: (c) => [
    ...(c.calendar ? entityReference(['calendar'], 'calendar', c.calendar) : []),
    ...(c.timeZone ? [{ to: 'time-zone' as const, path: ['timeZone'], name: c.timeZone }] : []),
  ],
  check: (c): ConfigProblem[] => [
    ...c.weekly.flatMap((hours, index): ConfigProblem[] =>
      sameEnds(hours) ? [{ code: 'FLW_HOURS', path: ['weekly', index, 'to'] }] : [],
    ),
    ...c.dates.flatMap((day, index) =>
      day.hours.flatMap((hours, at): ConfigProblem[] =>
        sameEnds(hours) ? [{ code: 'FLW_HOURS', path: ['dates', index, 'hours', at, 'to'] }] : [],
      ),
    ),
  ],
  probe: (c, from, timeZone) => {
    const calendar = ownCalendar(c, timeZone);
    const dates = c.dates.flatMap(({ date }) => {
      // the middle of the special day, whatever the zone's offset
      const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
      const noon = Date.UTC(year, month - 1, day, 12);
      return noon >= from ? [noon, ...changesAfter(calendar, noon - 86_400_000, 2)] : [];
    });
    return { instants: [...changesAfter(calendar, from, 8).slice(0, 4), ...dates].slice(0, 40) };
  },
  behaviour: (c) => ({
    initial: 'reading',
    stages: {
      reading: {
        enter: (scope) => {
          if (c.calendar !== undefined) return { stage: 'looking-up' };
          return { outcome: openingAt(ownCalendar(c, scope.locale.timeZone), scope.at) };
        },
      },
      'looking-up': {
        asks: (scope) => [
          {
            ask: 'lookup',
            lookup: {
              what: 'calendar',
              id: scope
                .text(c.calendar ?? '')
                .trim()
                .slice(0, 200),
            },
          },
        ],
        on: {
          io: ({ result }, scope) => {
            if (result.status === 'calendar')
              return { outcome: openingAt(result.calendar, scope.at), reason: 'shared calendar' };
            return { outcome: 'unavailable', reason: result.status };
          },
        },
      },
    },
  }),
  example: {
    timeZone: 'Europe/Paris',
    weekly: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' }],
    dates: [{ date: '2027-12-25', name: 'Christmas' }],
  },
  variants: [{ calendar: 'opening-hours' }],
  migrations: [],
});
