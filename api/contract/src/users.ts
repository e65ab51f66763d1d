/** Users, their devices and SIP log-ins. */
import * as z from 'zod';
import { Dialled, Email, EntityNumber, Extension, Language, PageQuery, pageOf, Time, Uuid } from './fields.ts';
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
