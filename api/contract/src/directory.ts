/** Users, devices and SIP log-ins, ring groups, calendars, numbers. */
import { Calendar, Destination, RingStrategy } from '@callwright/engine';
import * as z from 'zod';
import { Dialled, Email, EntityNumber, Extension, Label, Language, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };

const userFields = {
  extension: Extension,
  givenName: z.string().max(100),
  familyName: z.string().max(100),
  email: Email.nullable(),
  language: Language.nullable(),
  /** Number shown to the outside. */
  outboundNumber: Dialled.nullable(),
  callWaiting: z.boolean(),
};

export const User = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    ...userFields,
    email: z.string().nullable(),
    registered: z.boolean(),
    createdAt: Time,
  })
  .meta({ id: 'User' });

export const NewUser = z.strictObject({
  extension: Extension,
  givenName: userFields.givenName.default(''),
  familyName: userFields.familyName.default(''),
  email: userFields.email.default(null),
  language: userFields.language.default(null),
  outboundNumber: userFields.outboundNumber.default(null),
  callWaiting: z.boolean().default(false),
});

/** A SIP log-in name: unique on the platform, never the extension. */
export const SipUsername = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{2,63}$/);

export const Device = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    userId: Uuid.nullable(),
    type: z.string(),
    name: z.string(),
    mac: z.string().nullable(),
    model: z.string().nullable(),
    autoAnswer: z.boolean(),
    sip: z.strictObject({ username: z.string(), realm: z.string(), disabled: z.boolean() }).nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Device' });

export const NewDevice = z.strictObject({
  name: z.string().max(100).default(''),
  mac: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .nullable()
    .default(null),
  model: z.string().max(100).nullable().default(null),
  autoAnswer: z.boolean().default(false),
  username: SipUsername.optional().meta({ description: 'Default: made up' }),
});

export const SipSecret = z
  .strictObject({ username: z.string(), realm: z.string(), password: z.string() })
  .meta({ id: 'SipSecret' });

export const Registration = z.strictObject({
  contact: z.string(),
  received: z.string(),
  userAgent: z.string(),
  registeredAt: Time,
  expiresAt: Time,
});

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

export const userRoutes = {
  listUsers: defineRoute({
    ...read,
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    tag: 'users',
    summary: 'Users by number',
    query: { ...PageQuery, extension: Extension.optional() },
    body: null,
    answer: pageOf(User),
  }),
  createUser: defineRoute({
    ...directory,
    id: 'createUser',
    method: 'POST',
    path: '/users',
    tag: 'users',
    summary: 'Make a user',
    body: NewUser,
    status: 201,
    answer: User,
    errors: ['API_NUMBER_TAKEN'],
  }),
  getUser: defineRoute({
    ...read,
    id: 'getUser',
    method: 'GET',
    path: '/users/:id',
    tag: 'users',
    summary: 'One user',
    params: id,
    body: null,
    answer: User,
  }),
  updateUser: defineRoute({
    ...directory,
    id: 'updateUser',
    method: 'PATCH',
    path: '/users/:id',
    tag: 'users',
    summary: 'Change a user',
    params: id,
    body: z.strictObject(userFields).partial(),
    answer: User,
    errors: ['API_NUMBER_TAKEN'],
  }),
  deleteUser: defineRoute({
    ...directory,
    id: 'deleteUser',
    method: 'DELETE',
    path: '/users/:id',
    tag: 'users',
    summary: 'Delete a user; its log-ins stop at once',
    params: id,
    body: null,
    answer: null,
  }),
  listDevices: defineRoute({
    ...read,
    id: 'listDevices',
    method: 'GET',
    path: '/users/:id/devices',
    tag: 'devices',
    summary: 'Devices of a user',
    params: id,
    body: null,
    answer: z.strictObject({ items: z.array(Device) }),
  }),
  createDevice: defineRoute({
    ...directory,
    id: 'createDevice',
    method: 'POST',
    path: '/users/:id/devices',
    tag: 'devices',
    summary: 'Make a device with a SIP log-in of its own',
    params: id,
    body: NewDevice,
    status: 201,
    answer: Device,
    errors: ['API_NAME_TAKEN'],
  }),
  listRegistrations: defineRoute({
    ...read,
    id: 'listRegistrations',
    method: 'GET',
    path: '/users/:id/registrations',
    tag: 'devices',
    summary: 'Where a user’s phones are registered now',
    params: id,
    body: null,
    answer: z.strictObject({ items: z.array(Registration) }),
  }),
  deleteDevice: defineRoute({
    ...directory,
    id: 'deleteDevice',
    method: 'DELETE',
    path: '/devices/:id',
    tag: 'devices',
    summary: 'Delete a device with its log-in',
    params: id,
    body: null,
    answer: null,
  }),
  showDeviceSecret: defineRoute({
    id: 'showDeviceSecret',
    method: 'GET',
    path: '/devices/:id/secret',
    tag: 'devices',
    summary: 'Show the SIP password; leaves a line in the audit log',
    scope: 'secrets',
    company: true,
    params: id,
    body: null,
    answer: SipSecret,
  }),
  replaceDeviceSecret: defineRoute({
    id: 'replaceDeviceSecret',
    method: 'POST',
    path: '/devices/:id/secret',
    tag: 'devices',
    summary: 'Make a new SIP password; phones with the old one are unregistered',
    scope: 'secrets',
    company: true,
    params: id,
    body: null,
    answer: SipSecret,
  }),
};

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
