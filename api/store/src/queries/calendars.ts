/** Calendars of opening hours, with the public holidays of a country put in when they are looked up. */
import type { Calendar } from '@callwright/engine';
import { sql } from 'kysely';
import { type HolidayRules, withHolidays } from '../holidays.ts';
import { companyResource, type Entity, type Patch } from './resource.ts';
import type { CompanyScope, Db, Page } from './scope.ts';

export interface CalendarFields {
  readonly name: string;
  readonly hours: Calendar;
  /** Null: only the dates that stand in `hours`. */
  readonly holidays: HolidayRules | null;
}

export type CalendarRow = Entity<CalendarFields>;

const rows = companyResource<CalendarFields>({
  table: 'calendar',
  type: 'calendar',
  columns: { name: 'name', hours: 'hours', holidays: 'holidays' },
  json: ['hours', 'holidays'],
});

export const getCalendar = (db: Db, scope: CompanyScope, id: string): Promise<CalendarRow | null> =>
  rows.get(db, scope, id);

export const listCalendars = (db: Db, scope: CompanyScope, after: number, limit: number): Promise<Page<CalendarRow>> =>
  rows.list(db, scope, { after, limit });

/** Throws 23505 on a taken name. Repeating it with the same id returns what is there. */
export const createCalendar = (
  db: Db,
  scope: CompanyScope,
  id: string,
  name: string,
  hours: Calendar,
  holidays: HolidayRules | null = null,
): Promise<CalendarRow> => rows.create(db, scope, id, { name, hours, holidays });

/** Throws 23505 on a taken name; null when unknown. */
export const updateCalendar = (
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Patch<CalendarFields>,
): Promise<CalendarRow | null> => rows.update(db, scope, id, fields);

export const deleteCalendar = (db: Db, scope: CompanyScope, id: string): Promise<boolean> => rows.remove(db, scope, id);

/** What a running call or a routing rule reads: hours and dates, holidays among them, by the calendar's id or name. */
export async function calendarInForce(
  db: Db,
  companyId: string,
  idOrName: string,
  now: Date = new Date(),
): Promise<Calendar | null> {
  const { rows: found } = await sql<{ hours: Calendar; holidays: HolidayRules | null }>`
    select hours, holidays from calendar where company_id = ${companyId} and (id::text = ${idOrName} or name = ${idOrName})
    order by id::text = ${idOrName} desc limit 1`.execute(db);
  return found[0] ? withHolidays(found[0].hours, found[0].holidays, now) : null;
}
