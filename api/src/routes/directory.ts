/** Ring groups, calendars, numbers; and whatever else is of the directory. */
import { groupRoutes, numberRoutes } from '@callwright/api-contract';
import type { Destination } from '@callwright/engine';
import {
  type CalendarRow,
  createCalendar,
  createNumber,
  createRingGroup,
  deleteCalendar,
  deleteNumber,
  deleteRingGroup,
  destinationExists,
  getCalendar,
  getNumber,
  getRingGroup,
  type HolidayRules,
  listCalendars,
  listNumbers,
  listRingGroups,
  type NumberRow,
  publicHolidays,
  type RingGroupRow,
  settingsOfCompany,
  updateCalendar,
  updateNumber,
  updateRingGroup,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { callerListHandlers } from './caller-lists.ts';
import { csvHandlers } from './csv.ts';
import { equipmentHandlers } from './equipment.ts';
import { externalIdHandlers } from './external-ids.ts';
import { ldapHandlers } from './ldap-connections.ts';
import { meHandlers } from './me.ts';
import { phonebookHandlers } from './phonebooks.ts';
import { userAndDeviceHandlers } from './users.ts';

const ringGroup = (row: RingGroupRow) => ({
  id: row.id,
  number: row.number,
  name: row.name,
  extension: row.extension,
  strategy: row.strategy,
  memberRingMs: row.member_ring_ms,
  totalRingMs: row.total_ring_ms,
  visible: row.visible,
  broadcast: row.broadcast,
  pickupDisabled: row.pickup_disabled,
  memberLogin: row.member_login,
  stepMs: row.step_ms,
  primaryBusy: row.primary_busy,
  followDiversion: row.follow_diversion,
  calendarId: row.calendar_id,
  fallback: row.fallback_type === null ? null : { type: row.fallback_type, id: row.fallback_id ?? '' },
  waitPromptId: row.wait_prompt_id,
  comfort: row.comfort,
  namePrefix: row.name_prefix,
  alert: row.alert,
  members: [...row.members],
  createdAt: iso(row.created_at),
});

const calendar = ({ holidays, createdAt, ...row }: CalendarRow) => ({
  ...row,
  holidays: holidays && { ...holidays, hours: [...holidays.hours] },
  createdAt: iso(createdAt),
});

/** Throws `API_HOLIDAYS_UNKNOWN` for a country or region without rules. */
async function checkHolidays(rules: HolidayRules | null | undefined): Promise<void> {
  if (rules && !(await publicHolidays(rules.country, rules.region, new Date().getUTCFullYear())))
    throw new ApiError('API_HOLIDAYS_UNKNOWN');
}

const number = (row: NumberRow) => ({
  id: row.id,
  number: row.number,
  dialled: row.dialled,
  kind: row.kind,
  public: row.public,
  label: row.label,
  destination: row.destination_type === null ? null : { type: row.destination_type, id: row.destination_id ?? '' },
  createdAt: iso(row.created_at),
});

function gone(deleted: boolean): undefined {
  if (!deleted) throw new ApiError('API_NOT_FOUND');
  return undefined;
}

function groupHandlers({ store: { db } }: Services): Implementation[] {
  const mustExist = async ({ company }: Context, destination: Destination | null | undefined): Promise<void> => {
    if (destination && destination.type !== 'hang-up' && !(await destinationExists(db, company, destination)))
      throw new ApiError('API_UNKNOWN_DESTINATION');
  };
  return [
    implement(groupRoutes.listRingGroups, async ({ query }, { company }) => {
      const { items, next } = await listRingGroups(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(ringGroup), next };
    }),
    implement(groupRoutes.createRingGroup, async ({ body }, context) => {
      await mustExist(context, body.fallback);
      return ringGroup(await createRingGroup(db, context.company, context.mintId, body));
    }),
    implement(groupRoutes.getRingGroup, async ({ params }, { company }) =>
      ringGroup(found(await getRingGroup(db, company, params.id))),
    ),
    implement(groupRoutes.updateRingGroup, async ({ params, body }, context) => {
      await mustExist(context, body.fallback);
      return ringGroup(found(await updateRingGroup(db, context.company, params.id, body)));
    }),
    implement(groupRoutes.deleteRingGroup, async ({ params }, { company, audit }) => {
      gone(await deleteRingGroup(db, company, params.id));
      await audit({ action: 'ring-group.deleted', entity: { type: 'ring-group', id: params.id } });
    }),
    implement(groupRoutes.listCalendars, async ({ query }, { company }) => {
      const { items, next } = await listCalendars(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(calendar), next };
    }),
    implement(groupRoutes.createCalendar, async ({ body }, { company, mintId }) => {
      await checkHolidays(body.holidays);
      return calendar(await createCalendar(db, company, mintId, body.name, body.hours, body.holidays));
    }),
    implement(groupRoutes.listHolidays, async ({ query }, { company }) => {
      const { language } = await settingsOfCompany(db, company);
      const days = await publicHolidays(query.country, query.region ?? null, Number(query.year), language);
      if (!days) throw new ApiError('API_HOLIDAYS_UNKNOWN');
      return { items: [...days] };
    }),
    implement(groupRoutes.getCalendar, async ({ params }, { company }) =>
      calendar(found(await getCalendar(db, company, params.id))),
    ),
    implement(groupRoutes.updateCalendar, async ({ params, body }, { company }) => {
      await checkHolidays(body.holidays);
      return calendar(found(await updateCalendar(db, company, params.id, body)));
    }),
    implement(groupRoutes.deleteCalendar, async ({ params }, { company, audit }) => {
      gone(await deleteCalendar(db, company, params.id));
      await audit({ action: 'calendar.deleted', entity: { type: 'calendar', id: params.id } });
    }),
  ];
}

function numberHandlers({ store: { db } }: Services): Implementation[] {
  const check = async (context: Context, destination: Destination | null | undefined): Promise<void> => {
    if (destination && !(await destinationExists(db, context.company, destination)))
      throw new ApiError('API_UNKNOWN_DESTINATION');
  };
  return [
    implement(numberRoutes.listNumbers, async ({ query }, { company }) => {
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.dialled === undefined ? {} : { dialled: query.dialled }),
      };
      const { items, next } = await listNumbers(db, company, filter);
      return { items: items.map(number), next };
    }),
    implement(numberRoutes.createNumber, async ({ body }, context) => {
      await check(context, body.destination);
      return number(await createNumber(db, context.company, context.mintId, body));
    }),
    implement(numberRoutes.getNumber, async ({ params }, { company }) =>
      number(found(await getNumber(db, company, params.id))),
    ),
    implement(numberRoutes.updateNumber, async ({ params, body }, context) => {
      await check(context, body.destination);
      return number(found(await updateNumber(db, context.company, params.id, body)));
    }),
    implement(numberRoutes.deleteNumber, async ({ params }, { company, audit }) => {
      gone(await deleteNumber(db, company, params.id));
      await audit({ action: 'number.deleted', entity: { type: 'number', id: params.id } });
    }),
  ];
}

export function directoryHandlers(services: Services): Implementation[] {
  return [
    ...userAndDeviceHandlers(services),
    ...equipmentHandlers(services),
    ...phonebookHandlers(services),
    ...callerListHandlers(services),
    ...meHandlers(services),
    ...ldapHandlers(services),
    ...csvHandlers(services),
    ...externalIdHandlers(services),
    ...groupHandlers(services),
    ...numberHandlers(services),
  ];
}
