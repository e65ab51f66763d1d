/** Owners, accounts, sessions, API keys, audit. */
import * as z from 'zod';
import { Email, Label, Language, PageQuery, Password, pageOf, Time, Uuid } from './fields.ts';
import { ENTITLEMENT_NAMES, type Entitlement, SCOPES } from './permissions.ts';
import { defineRoute } from './route.ts';

export const OwnerKind = z.enum(['platform', 'reseller', 'company']);
export const Role = z.enum(['platform', 'reseller', 'company', 'supervisor', 'agent', 'user']);

export const OwnerSettings = z.strictObject({
  language: Language.optional(),
  /** IANA. */
  timeZone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{1,60}$/)
    .optional(),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  /** ISO 4217. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  retentionDays: z.number().int().min(1).max(3650).optional(),
  /** Recordings and voicemail messages, where shorter than calls. */
  recordingDays: z.number().int().min(1).max(3650).optional(),
  voicemailDays: z.number().int().min(1).max(3650).optional(),
  /** The platform's: lines of the audit log. */
  auditDays: z.number().int().min(30).max(3650).optional(),
  devicesPerUser: z.number().int().min(1).max(100).optional(),
  /** Contacts registered at a time under one SIP log-in; 10 when absent. */
  contactsPerLogin: z.number().int().min(1).max(100).optional(),
  /** Calls at once of a user without a limit of its own. */
  callsPerUser: z.number().int().min(1).max(100).optional(),
  /** SIP passwords are not shown to the company's own administrators. */
  hideSecrets: z.boolean().optional(),
  maxCalls: z.number().int().min(0).max(100_000).optional(),
  /** A call to the outside lasts no longer. */
  maxCallMinutes: z.number().int().min(1).max(10_000).optional(),
  /** What calls and flows record is turned into text by the nearest recogniser. */
  transcribeCalls: z.boolean().optional(),
  /** A flow is published only when tests take every one of its arrows. */
  testedFlowsOnly: z.boolean().optional(),
  /** Company meant when a platform or reseller names none. */
  homeCompany: Uuid.optional(),
});

const Flags = z.strictObject(
  Object.fromEntries(ENTITLEMENT_NAMES.map((name) => [name, z.boolean()])) as Record<Entitlement, z.ZodBoolean>,
);

const line = z.string().max(200);
export const OwnerProfile = z.strictObject({
  organisation: line.optional(),
  contact: line.optional(),
  email: z.string().max(200).optional(),
  telephone: z.string().max(40).optional(),
  address: z.string().max(500).optional(),
});

export const Owner = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    parentId: Uuid.nullable(),
    kind: OwnerKind,
    name: z.string(),
    settings: OwnerSettings,
    profile: OwnerProfile,
    /** As set here; what is off above is off here, whatever stands here. */
    entitlements: Flags.partial(),
    /** What holds. */
    entitled: Flags,
    suspended: z.boolean(),
    createdAt: Time,
  })
  .meta({ id: 'Owner' });

export const Account = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    ownerId: Uuid,
    email: z.string(),
    name: z.string(),
    role: Role,
    /** The directory user this person is. */
    userId: Uuid.nullable(),
    disabled: z.boolean(),
    createdAt: Time,
  })
  .meta({ id: 'Account' });

export const Session = z
  .strictObject({
    via: z.enum(['key', 'session']),
    ownerId: Uuid,
    ownerKind: OwnerKind,
    /** Company that routes act on when none is named. */
    company: Uuid.nullable(),
    accountId: Uuid.nullable(),
    /** The directory user the account belongs to. */
    userId: Uuid.nullable(),
    /** Of the account, when there is one. */
    email: z.string().nullable(),
    name: z.string().nullable(),
    role: Role,
    scopes: z.array(z.enum(SCOPES)),
  })
  .meta({ id: 'Session' });

export const ApiKey = z
  .strictObject({
    id: Uuid,
    ownerId: Uuid,
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(SCOPES)).nullable(),
    createdAt: Time,
    lastUsedAt: Time.nullable(),
    revoked: z.boolean(),
  })
  .meta({ id: 'ApiKey' });

export const AuditLine = z.strictObject({
  id: z.number().int(),
  at: Time,
  ownerId: Uuid.nullable(),
  actor: z.strictObject({ type: z.string(), id: z.string() }),
  action: z.string(),
  entity: z.strictObject({ type: z.string(), id: z.string() }).nullable(),
  detail: z.unknown(),
});

const id = { id: Uuid };

export const identityRoutes = {
  logIn: defineRoute({
    id: 'logIn',
    method: 'POST',
    path: '/session',
    tag: 'session',
    summary: 'Log in with e-mail address and password; sets the session cookie',
    scope: 'public',
    body: z.strictObject({ email: z.string().max(200), password: z.string().max(200) }),
    answer: Session,
    errors: ['API_LOGIN_FAILED', 'API_LOCKED_OUT'],
  }),
  getSession: defineRoute({
    id: 'getSession',
    method: 'GET',
    path: '/session',
    tag: 'session',
    summary: 'Who is asking, and what may be done',
    scope: 'any',
    body: null,
    answer: Session,
  }),
  logOut: defineRoute({
    id: 'logOut',
    method: 'DELETE',
    path: '/session',
    tag: 'session',
    summary: 'Log out',
    scope: 'any',
    body: null,
    answer: null,
  }),
  listOwners: defineRoute({
    id: 'listOwners',
    method: 'GET',
    path: '/owners',
    tag: 'owners',
    summary: 'The asking owner and all below it',
    scope: 'read',
    query: PageQuery,
    body: null,
    answer: pageOf(Owner),
  }),
  createOwner: defineRoute({
    id: 'createOwner',
    method: 'POST',
    path: '/owners',
    tag: 'owners',
    summary: 'Make a reseller or a company; a company comes with the built-in flows',
    scope: 'admin',
    body: z.strictObject({
      parentId: Uuid.optional().meta({ description: 'Default: the asking owner' }),
      kind: z.enum(['reseller', 'company']),
      name: Label,
      settings: OwnerSettings.default({}),
      profile: OwnerProfile.default({}),
      entitlements: Flags.partial().default({}),
    }),
    status: 201,
    answer: Owner,
    errors: ['API_PARENT_REFUSED'],
  }),
  getOwner: defineRoute({
    id: 'getOwner',
    method: 'GET',
    path: '/owners/:id',
    tag: 'owners',
    summary: 'One owner',
    scope: 'read',
    params: id,
    body: null,
    answer: Owner,
  }),
  updateOwner: defineRoute({
    id: 'updateOwner',
    method: 'PATCH',
    path: '/owners/:id',
    tag: 'owners',
    summary: 'Change name or settings, suspend or resume',
    scope: 'admin',
    params: id,
    body: z.strictObject({
      name: Label.optional(),
      settings: OwnerSettings.optional(),
      profile: OwnerProfile.optional(),
      entitlements: Flags.partial().optional().meta({ description: 'Only by somebody above the owner' }),
      suspended: z.boolean().optional(),
    }),
    answer: Owner,
  }),
  deleteOwner: defineRoute({
    id: 'deleteOwner',
    method: 'DELETE',
    path: '/owners/:id',
    tag: 'owners',
    summary: 'Delete a company, or a reseller with nothing below it; its calls stay for as long as they are kept',
    scope: 'admin',
    params: id,
    body: null,
    answer: null,
    errors: ['API_IN_USE'],
  }),
  listAccounts: defineRoute({
    id: 'listAccounts',
    method: 'GET',
    path: '/accounts',
    tag: 'accounts',
    summary: 'Accounts of the asking owner and all below it',
    scope: 'admin',
    query: PageQuery,
    body: null,
    answer: pageOf(Account),
  }),
  createAccount: defineRoute({
    id: 'createAccount',
    method: 'POST',
    path: '/accounts',
    tag: 'accounts',
    summary: 'Make an account that can log in',
    scope: 'admin',
    body: z.strictObject({
      ownerId: Uuid.optional(),
      email: Email,
      name: z.string().max(100).default(''),
      role: Role,
      userId: Uuid.nullable().default(null).meta({ description: 'The directory user this person is' }),
      password: Password,
    }),
    status: 201,
    answer: Account,
    errors: ['API_NAME_TAKEN', 'API_NOT_FOUND', 'API_UNKNOWN_REFERENCE'],
  }),
  updateAccount: defineRoute({
    id: 'updateAccount',
    method: 'PATCH',
    path: '/accounts/:id',
    tag: 'accounts',
    summary: 'Change name, password, role or user, disable; a new password and disabling end its sessions',
    scope: 'admin',
    params: id,
    body: z.strictObject({
      name: z.string().max(100).optional(),
      password: Password.optional(),
      disabled: z.boolean().optional(),
      role: Role.optional(),
      userId: Uuid.nullable().optional(),
    }),
    answer: Account,
    errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE'],
  }),
  listApiKeys: defineRoute({
    id: 'listApiKeys',
    method: 'GET',
    path: '/api-keys',
    tag: 'api-keys',
    summary: 'API keys of the asking owner and all below it',
    scope: 'admin',
    query: PageQuery,
    body: null,
    answer: pageOf(ApiKey),
  }),
  createApiKey: defineRoute({
    id: 'createApiKey',
    method: 'POST',
    path: '/api-keys',
    tag: 'api-keys',
    summary: 'Make an API key; it is shown this once',
    scope: 'admin',
    body: z.strictObject({
      ownerId: Uuid.optional(),
      name: Label,
      scopes: z.array(z.enum(SCOPES)).max(SCOPES.length).optional(),
    }),
    status: 201,
    answer: z.strictObject({ ...ApiKey.shape, key: z.string() }),
    errors: ['API_NOT_FOUND', 'API_NOT_ENTITLED'],
  }),
  revokeApiKey: defineRoute({
    id: 'revokeApiKey',
    method: 'DELETE',
    path: '/api-keys/:id',
    tag: 'api-keys',
    summary: 'Revoke an API key at once',
    scope: 'admin',
    params: id,
    body: null,
    answer: null,
  }),
  listAudit: defineRoute({
    id: 'listAudit',
    method: 'GET',
    path: '/audit',
    tag: 'audit',
    summary: 'Who did what, newest first',
    scope: 'admin',
    query: PageQuery,
    body: null,
    answer: pageOf(AuditLine),
  }),
};
