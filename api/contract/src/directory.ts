/** Ring groups, calendars, numbers. */
import { Calendar, Destination, RingStrategy } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Dialled, EntityNumber, Extension, Label, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };

const ringMs = z.number().int().min(1000).max(600_000);
const groupFields = {
  name: Label,
  extension: Extension.nullable(),
  strategy: RingStrategy,
  memberRingMs: ringMs,
  totalRingMs: z.number().int().min(1000).max(3_600_000),
  /** User ids in ring order. */
  members: z.array(Uuid).max(200),
};
export const RingGroupView = z
  .strictObject({ id: Uuid, number: EntityNumber, ...groupFields, createdAt: Time })
  .meta({ id: 'RingGroup' });
export const NewRingGroup = z.strictObject({
  ...groupFields,
  extension: groupFields.extension.default(null),
  strategy: RingStrategy.default('all'),
  memberRingMs: ringMs.default(20_000),
  totalRingMs: groupFields.totalRingMs.default(60_000),
  members: groupFields.members.default([]),
});

export const CalendarView = z
  .strictObject({ id: Uuid, number: EntityNumber, name: z.string(), hours: Calendar })
  .meta({ id: 'Calendar' });
export const NewCalendar = z.strictObject({ name: Label, hours: Calendar });

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
    errors: ['API_NUMBER_TAKEN', 'API_NAME_TAKEN', 'API_UNKNOWN_MEMBER'],
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
    body: z.strictObject(groupFields).partial(),
    answer: RingGroupView,
    errors: ['API_NUMBER_TAKEN', 'API_NAME_TAKEN', 'API_UNKNOWN_MEMBER'],
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
    errors: ['API_NAME_TAKEN'],
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
    body: NewCalendar.partial(),
    answer: CalendarView,
    errors: ['API_NAME_TAKEN'],
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
