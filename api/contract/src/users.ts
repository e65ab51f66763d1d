/** Users, their devices and SIP log-ins. */
import * as z from 'zod';
import {
  Dialled,
  Email,
  EntityNumber,
  Extension,
  Language,
  PageQuery,
  Pin,
  pageOf,
  Time,
  Uuid,
  WrittenNumber,
} from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };

const userNumbers = z
  .strictObject({
    office: WrittenNumber.nullable().optional(),
    home: WrittenNumber.nullable().optional(),
    mobile: WrittenNumber.nullable().optional(),
    fax: WrittenNumber.nullable().optional(),
  })
  .meta({ description: 'Other numbers of the user; null removes one' });

export const UserModeName = z.enum(['normal', 'dnd', 'away', 'divert']);
/** Names of codecs as SDP writes them; those that are none of ours are passed on between two phones that have them. */
export const CODECS = [
  'PCMA',
  'PCMU',
  'G722',
  'opus',
  'G729',
  'G726-32',
  'G723',
  'GSM',
  'iLBC',
  'speex',
  'AMR',
  'AMR-WB',
  'T38',
  'H264',
  'VP8',
] as const;

const userFields = {
  extension: Extension,
  givenName: z.string().max(100),
  familyName: z.string().max(100),
  email: Email.nullable(),
  language: Language.nullable(),
  /** Number shown to the outside. */
  outboundNumber: Dialled.nullable(),
  callWaiting: z.boolean(),
  siteId: Uuid.nullable(),
  departmentId: Uuid.nullable(),
  phrase: z.string().max(200).meta({ description: 'What colleagues read beside the name' }),
  mode: UserModeName.meta({ description: 'What callers meet' }),
  modeUntil: Time.nullable().meta({ description: 'Then the mode is normal again; null: until changed' }),
  modeNote: z.string().max(200),
  divertNumber: Dialled.nullable().meta({ description: 'Where mode divert leads' }),
  phonebookId: Uuid.nullable().meta({ description: 'Preferred address book' }),
  maxCalls: z.number().int().min(1).max(100).nullable().meta({ description: 'Calls at once; null: the company’s' }),
  visible: z.boolean().meta({ description: 'Shown to colleagues' }),
  recordCalls: z.boolean(),
  pickupRight: z.boolean().meta({ description: 'May take calls that ring at members of the same group' }),
  faxRight: z.boolean().meta({ description: 'Sees the faxes of all numbers' }),
  planOnly: z.boolean().meta({ description: 'No calls beyond what the plan includes' }),
  blockPremium: z.boolean().meta({ description: 'No calls to premium-rate numbers' }),
  ringbackPromptId: Uuid.nullable().meta({ description: 'Callers hear it instead of the ring tone' }),
  codecMode: z.enum(['preferred', 'forced']).nullable(),
  codecs: z.array(z.enum(CODECS)).max(CODECS.length).nullable(),
  missedCallMail: z.boolean().meta({ description: 'Mailed of missed calls, where an e-mail address is known' }),
};

export const User = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    ...userFields,
    email: z.string().nullable(),
    codecs: z.array(z.string()).nullable(),
    numbers: z.strictObject({
      office: z.string().optional(),
      home: z.string().optional(),
      mobile: z.string().optional(),
      fax: z.string().optional(),
    }),
    hasPin: z.boolean(),
    suspended: z.boolean(),
    registered: z.boolean(),
    createdAt: Time,
  })
  .meta({ id: 'User' });

const written = {
  ...userFields,
  numbers: userNumbers,
  pin: Pin.nullable().meta({ description: 'For rights from phones that are not the user’s' }),
  suspended: z.boolean(),
};

export const NewUser = z.strictObject({
  ...z.strictObject(written).partial().shape,
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

const DeviceType = z.enum(['unknown', 'reserved', 'sip', 'usb', 'dect', 'mobile']);
const deviceFields = {
  type: DeviceType,
  name: z.string().max(100),
  mac: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .nullable(),
  model: z.string().max(100).nullable(),
  port: z.number().int().min(0).max(1000).nullable().meta({ description: 'Line of an adapter or base station' }),
  handset: z.string().max(60).nullable().meta({ description: 'Which handset of a base station' }),
  dialNumber: Dialled.nullable().meta({ description: 'What a mobile device is called at' }),
  transport: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']).nullable(),
  autoAnswer: z.boolean(),
};

export const Device = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    userId: Uuid.nullable(),
    ...deviceFields,
    mac: z.string().nullable(),
    sip: z
      .strictObject({
        username: z.string(),
        realm: z.string(),
        disabled: z.boolean(),
        /** The user's log-in, that other devices have too. */
        shared: z.boolean(),
      })
      .nullable(),
    registered: z.boolean(),
    /** Of the last REGISTER of its log-in. */
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
    lastRegisteredAt: Time.nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Device' });

export const NewDevice = z.strictObject({
  type: DeviceType.default('sip'),
  name: deviceFields.name.default(''),
  mac: deviceFields.mac.default(null),
  model: deviceFields.model.default(null),
  port: deviceFields.port.default(null),
  handset: deviceFields.handset.default(null),
  dialNumber: deviceFields.dialNumber.default(null),
  transport: deviceFields.transport.default(null),
  autoAnswer: z.boolean().default(false),
  login: z
    .enum(['own', 'user', 'none'])
    .optional()
    .meta({ description: 'SIP log-in: its own, the user’s (made on first use), or none; default: own, a mobile none' }),
  username: SipUsername.optional().meta({ description: 'Of a log-in that is made; default: made up' }),
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
    query: {
      ...PageQuery,
      extension: Extension.optional(),
      department: Uuid.optional(),
      site: Uuid.optional(),
      search: z.string().max(100).optional().meta({ description: 'Part of name, e-mail or extension' }),
    },
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
    errors: ['API_NUMBER_TAKEN', 'API_UNKNOWN_REFERENCE', 'API_NOT_ENTITLED'],
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
    body: z.strictObject(written).partial(),
    answer: User,
    errors: ['API_NUMBER_TAKEN', 'API_UNKNOWN_REFERENCE', 'API_NOT_ENTITLED'],
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
    errors: ['API_NAME_TAKEN', 'API_DEVICE_LIMIT'],
  }),
  listCompanyDevices: defineRoute({
    ...read,
    id: 'listCompanyDevices',
    method: 'GET',
    path: '/devices',
    tag: 'devices',
    summary: 'All devices by number',
    query: PageQuery,
    body: null,
    answer: pageOf(Device),
  }),
  getDevice: defineRoute({
    ...read,
    id: 'getDevice',
    method: 'GET',
    path: '/devices/:id',
    tag: 'devices',
    summary: 'One device',
    params: id,
    body: null,
    answer: Device,
  }),
  updateDevice: defineRoute({
    ...directory,
    id: 'updateDevice',
    method: 'PATCH',
    path: '/devices/:id',
    tag: 'devices',
    summary: 'Change a device',
    params: id,
    body: z.strictObject(deviceFields).partial(),
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
