/** Ring groups, calendars, numbers. */
import { Calendar, Destination, RingStrategy } from '@callwright/engine/protocol';
import * as z from 'zod';
import {
  Country,
  Dialled,
  EntityNumber,
  Extension,
  Label,
  NamePrefix,
  PageQuery,
  pageOf,
  RingAlert,
  Time,
  Uuid,
} from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };

const ringMs = z.number().int().min(1000).max(600_000);
const groupFields = {
  name: Label,
  extension: Extension.nullable(),
  strategy: RingStrategy,
  memberRingMs: ringMs,
  totalRingMs: z.number().int().min(1000).max(3_600_000),
  visible: z.boolean().meta({ description: 'Shown to users' }),
  broadcast: z.boolean().meta({ description: 'Members answer by themselves and hear the caller' }),
  pickupDisabled: z.boolean(),
  memberLogin: z.boolean().meta({ description: 'Members log on and off at run time' }),
  stepMs: ringMs.nullable().meta({ description: 'Progressive: time between members; null: as long as one rings' }),
  primaryBusy: z.boolean().meta({ description: 'While the first member is occupied nobody is rung' }),
  followDiversion: z.boolean().meta({ description: 'Members are rung where their own diversion leads' }),
  calendarId: Uuid.nullable().meta({ description: 'Outside its hours the group is not rung' }),
  fallback: Destination.nullable().meta({ description: 'Where calls go that the group does not take' }),
  waitPromptId: Uuid.nullable().meta({ description: 'Heard by the caller before the ringing' }),
  comfort: z.enum(['ringback', 'music']).meta({ description: 'Heard by the caller while members ring' }),
  namePrefix: NamePrefix,
  alert: RingAlert,
};
const member = {
  userId: Uuid.nullable(),
  number: Dialled.nullable().meta({ description: 'An outside number instead of a user' }),
  ringMs: ringMs.nullable().meta({ description: 'Null: the group’s' }),
  delayMs: z.number().int().min(0).max(600_000),
  confirm: z.boolean().meta({ description: 'An outside number must press a key before it gets the caller' }),
  loggedIn: z.boolean(),
  weight: z.number().int().min(0).max(1000).meta({ description: 'Weighted random: chances in proportion' }),
};
const NewMember = z.strictObject({
  userId: member.userId.default(null),
  number: member.number.default(null),
  ringMs: member.ringMs.default(null),
  delayMs: member.delayMs.default(0),
  confirm: z.boolean().default(false),
  loggedIn: z.boolean().default(true),
  weight: member.weight.default(1),
});
const NewMembers = z.array(NewMember).max(200).meta({ description: 'In ring order; each a user or a number' });
export const RingGroupView = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    ...groupFields,
    members: z.array(z.strictObject(member)),
    createdAt: Time,
  })
  .meta({ id: 'RingGroup' });
export const NewRingGroup = z.strictObject({
  ...groupFields,
  extension: groupFields.extension.default(null),
  strategy: RingStrategy.default('all'),
  memberRingMs: ringMs.default(20_000),
  totalRingMs: groupFields.totalRingMs.default(60_000),
  visible: z.boolean().default(true),
  broadcast: z.boolean().default(false),
  pickupDisabled: z.boolean().default(false),
  memberLogin: z.boolean().default(false),
  stepMs: groupFields.stepMs.default(null),
  primaryBusy: z.boolean().default(false),
  followDiversion: z.boolean().default(false),
  calendarId: groupFields.calendarId.default(null),
  fallback: groupFields.fallback.default(null),
  waitPromptId: groupFields.waitPromptId.default(null),
  comfort: groupFields.comfort.default('ringback'),
  namePrefix: NamePrefix.default(''),
  alert: RingAlert.default(null),
  members: NewMembers.default([]),
});

const minute = z.number().int().min(0).max(1440);
const HolidayRules = z
  .strictObject({
    country: Country,
    region: z.string().max(20).nullable().default(null),
    hours: z
      .array(z.strictObject({ fromMinute: minute, toMinute: minute }))
      .max(20)
      .default([]),
  })
  .nullable()
  .meta({ description: 'Public holidays of a country with the hours on such days (none: closed)' });

export const CalendarView = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    name: z.string(),
    hours: Calendar,
    holidays: HolidayRules,
    createdAt: Time,
  })
  .meta({ id: 'Calendar' });
export const NewCalendar = z.strictObject({ name: Label, hours: Calendar, holidays: HolidayRules.default(null) });

const numberFields = {
  dialled: Dialled,
  kind: z.enum(['did', 'service']),
  /** Callers without a log-in may reach it. */
  public: z.boolean(),
  label: z.string().max(100),
  destination: Destination.nullable(),
};
export const NumberView = z
  .strictObject({ id: Uuid, number: EntityNumber, ...numberFields, createdAt: Time })
  .meta({ id: 'Number' });
export const NewNumber = z.strictObject({
  ...numberFields,
  public: z.boolean().default(false),
  label: numberFields.label.default(''),
  destination: numberFields.destination.default(null),
});

const directory = { scope: 'directory', company: true } as const;
const read = { scope: 'read', company: true } as const;

export const groupRoutes = {
  listRingGroups: defineRoute({
    ...read,
    id: 'listRingGroups',
    method: 'GET',
    path: '/ring-groups',
    tag: 'ring-groups',
    summary: 'Ring groups by number',
    query: PageQuery,
    body: null,
    answer: pageOf(RingGroupView),
  }),
  createRingGroup: defineRoute({
    ...directory,
    id: 'createRingGroup',
    method: 'POST',
    path: '/ring-groups',
    tag: 'ring-groups',
    summary: 'Make a ring group',
    body: NewRingGroup,
    status: 201,
    answer: RingGroupView,
    errors: [
      'API_NUMBER_TAKEN',
      'API_NAME_TAKEN',
      'API_UNKNOWN_MEMBER',
      'API_UNKNOWN_REFERENCE',
      'API_UNKNOWN_DESTINATION',
    ],
  }),
  getRingGroup: defineRoute({
    ...read,
    id: 'getRingGroup',
    method: 'GET',
    path: '/ring-groups/:id',
    tag: 'ring-groups',
    summary: 'One ring group',
    params: id,
    body: null,
    answer: RingGroupView,
  }),
  updateRingGroup: defineRoute({
    ...directory,
    id: 'updateRingGroup',
    method: 'PATCH',
    path: '/ring-groups/:id',
    tag: 'ring-groups',
    summary: 'Change a ring group',
    params: id,
    body: z.strictObject({ ...groupFields, members: NewMembers }).partial(),
    answer: RingGroupView,
    errors: [
      'API_NUMBER_TAKEN',
      'API_NAME_TAKEN',
      'API_UNKNOWN_MEMBER',
      'API_UNKNOWN_REFERENCE',
      'API_UNKNOWN_DESTINATION',
    ],
  }),
  deleteRingGroup: defineRoute({
    ...directory,
    id: 'deleteRingGroup',
    method: 'DELETE',
    path: '/ring-groups/:id',
    tag: 'ring-groups',
    summary: 'Delete a ring group',
    params: id,
    body: null,
    answer: null,
  }),
  listCalendars: defineRoute({
    ...read,
    id: 'listCalendars',
    method: 'GET',
    path: '/calendars',
    tag: 'calendars',
    summary: 'Calendars by number',
    query: PageQuery,
    body: null,
    answer: pageOf(CalendarView),
  }),
  createCalendar: defineRoute({
    ...directory,
    id: 'createCalendar',
    method: 'POST',
    path: '/calendars',
    tag: 'calendars',
    summary: 'Make a calendar of opening hours',
    body: NewCalendar,
    status: 201,
    answer: CalendarView,
    errors: ['API_NAME_TAKEN', 'API_HOLIDAYS_UNKNOWN'],
  }),
  getCalendar: defineRoute({
    ...read,
    id: 'getCalendar',
    method: 'GET',
    path: '/calendars/:id',
    tag: 'calendars',
    summary: 'One calendar',
    params: id,
    body: null,
    answer: CalendarView,
  }),
  updateCalendar: defineRoute({
    ...directory,
    id: 'updateCalendar',
    method: 'PATCH',
    path: '/calendars/:id',
    tag: 'calendars',
    summary: 'Change a calendar',
    params: id,
    body: z.strictObject({ name: Label, hours: Calendar, holidays: HolidayRules }).partial(),
    answer: CalendarView,
    errors: ['API_NAME_TAKEN', 'API_HOLIDAYS_UNKNOWN'],
  }),
  listHolidays: defineRoute({
    ...read,
    id: 'listHolidays',
    method: 'GET',
    path: '/holidays',
    tag: 'calendars',
    summary: 'Public holidays of a country in a year',
    query: {
      country: Country,
      region: z.string().max(20).optional(),
      year: z.string().regex(/^(19|20|21)[0-9]{2}$/),
    },
    body: null,
    answer: z.strictObject({ items: z.array(z.strictObject({ date: z.iso.date(), name: z.string() })) }),
    errors: ['API_HOLIDAYS_UNKNOWN'],
  }),
  deleteCalendar: defineRoute({
    ...directory,
    id: 'deleteCalendar',
    method: 'DELETE',
    path: '/calendars/:id',
    tag: 'calendars',
    summary: 'Delete a calendar',
    params: id,
    body: null,
    answer: null,
    errors: ['API_IN_USE'],
  }),
};

export const numberRoutes = {
  listNumbers: defineRoute({
    ...read,
    id: 'listNumbers',
    method: 'GET',
    path: '/numbers',
    tag: 'numbers',
    summary: 'Numbers and where they lead',
    query: { ...PageQuery, dialled: Dialled.optional() },
    body: null,
    answer: pageOf(NumberView),
  }),
  createNumber: defineRoute({
    ...directory,
    id: 'createNumber',
    method: 'POST',
    path: '/numbers',
    tag: 'numbers',
    summary: 'Make a number and say where it leads',
    body: NewNumber,
    status: 201,
    answer: NumberView,
    errors: ['API_NUMBER_TAKEN', 'API_UNKNOWN_DESTINATION'],
  }),
  getNumber: defineRoute({
    ...read,
    id: 'getNumber',
    method: 'GET',
    path: '/numbers/:id',
    tag: 'numbers',
    summary: 'One number',
    params: id,
    body: null,
    answer: NumberView,
  }),
  updateNumber: defineRoute({
    ...directory,
    id: 'updateNumber',
    method: 'PATCH',
    path: '/numbers/:id',
    tag: 'numbers',
    summary: 'Change label, publicity or destination',
    params: id,
    body: z
      .strictObject({ public: z.boolean(), label: numberFields.label, destination: numberFields.destination })
      .partial(),
    answer: NumberView,
    errors: ['API_UNKNOWN_DESTINATION'],
  }),
  deleteNumber: defineRoute({
    ...directory,
    id: 'deleteNumber',
    method: 'DELETE',
    path: '/numbers/:id',
    tag: 'numbers',
    summary: 'Delete a number',
    params: id,
    body: null,
    answer: null,
  }),
};
