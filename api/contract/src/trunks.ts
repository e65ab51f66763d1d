/** Trunks: ways to the outside, of any owner. */
import * as z from 'zod';
import { EntityNumber, Label, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const TRUNK_KINDS = ['carrier', 'isdn', 'gsm', 'analogue'] as const;
export const TRUNK_STATES = [
  'unknown',
  'registering',
  'registered',
  'refused',
  'reachable',
  'unreachable',
  'disabled',
] as const;
/** Names of codecs as SDP writes them (RFC 3551, RFC 7587). */
export const TRUNK_CODECS = [
  'PCMU',
  'PCMA',
  'G722',
  'OPUS',
  'G729',
  'GSM',
  'G723',
  'G726-32',
  'iLBC',
  'speex',
  'AMR',
  'AMR-WB',
  'H264',
  'VP8',
] as const;

/** A host name or an address, IPv6 in brackets. */
const Host = z.string().regex(/^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/);
const HostPort = z
  .string()
  .regex(/^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(:[1-9][0-9]{0,4})?$/);
/** Part of a SIP address or of a digest: no quotes, no blanks. */
const Token = z.string().regex(/^[\x21\x23-\x3b\x3d\x3f-\x7e]{1,128}$/);
const Digits = z.string().regex(/^\+?[0-9*#]{0,20}$/);

export const trunkFields = {
  name: Label,
  kind: z.enum(TRUNK_KINDS),
  /** `register`: we register there; `peer`: both sides know each other by address. */
  mode: z.enum(['register', 'peer']),
  enabled: z.boolean(),
  /** Companies below the owner may dial through it. */
  shared: z.boolean(),
  host: Host,
  /** Null: by the host's SRV records, else the transport's own port. */
  port: z.number().int().min(1).max(65_535).nullable(),
  transport: z.enum(['udp', 'tcp', 'tls']),
  /** `host:port` of outbound proxies, tried in order in place of host and port. */
  proxies: z.array(HostPort).max(4),
  authUser: Token.nullable(),
  /** The only realm whose challenges are answered; null: any. */
  realm: Token.nullable(),
  /** User part of our From and of the address that is registered; null: the number shown, the log-in. */
  fromUser: Token.nullable(),
  /** Host of our From; null: the trunk's host, or our own for a peer. */
  fromDomain: Host.nullable(),
  registerSeconds: z.number().int().min(60).max(86_400),
  /** How often a peer is asked whether it is there; 0: never. */
  optionsSeconds: z.number().int().min(0).max(3600),
  /** Addresses or blocks that its requests come from, beside its own address. */
  sources: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(50),
  /** Its P-Asserted-Identity is believed, and ours is sent to it (RFC 3325). */
  trusted: z.boolean(),
  /** In order of preference; empty: whatever we have. */
  codecs: z.array(z.enum(TRUNK_CODECS)).max(TRUNK_CODECS.length),
  /** Nothing but `codecs` is offered. */
  codecsForced: z.boolean(),
  /** Lines; null: no limit. */
  maxCalls: z.number().int().min(0).max(100_000).nullable(),
  callsPerSecond: z.number().min(0.01).max(10_000).nullable(),
  /** Whose number is shown outside: the caller's as given, the user's own, the trunk's, nobody's. */
  callerId: z.enum(['given', 'own', 'trunk', 'anonymous']),
  /** Shown where the caller has no number for the outside. */
  defaultNumber: z
    .string()
    .regex(/^\+?[0-9]{1,32}$/)
    .nullable(),
  defaultName: z.string().max(100),
  /** Which identity header goes out: asserted (to trusted trunks only), preferred, none. */
  identity: z.enum(['asserted', 'preferred', 'none']),
  /** Form of numbers it is given: `+39…`, `39…`, `0039…`, national inside the company's country, as dialled. */
  numberForm: z.enum(['e164', 'digits', 'international', 'national', 'dialled']),
  /** Leading characters taken off the number in that form, and what is put before the rest. */
  outboundStrip: z.number().int().min(0).max(20),
  outboundPrefix: Digits,
  /** Where the number of an incoming call stands: Request-URI or To. */
  calledFrom: z.enum(['request', 'to']),
  inboundStrip: z.number().int().min(0).max(20),
  inboundPrefix: Digits,
  /** It is told from whom a call was forwarded (Diversion, History-Info). */
  tellDiversion: z.boolean(),
};

export const TrunkView = z
  .strictObject({
    id: Uuid,
    ownerId: Uuid,
    /** Unique at its owner. */
    number: EntityNumber,
    ...trunkFields,
    /** As stored: forms that PostgreSQL writes are taken too. */
    sources: z.array(z.string()),
    codecs: z.array(z.string()),
    hasSecret: z.boolean(),
    state: z.enum(TRUNK_STATES),
    /** Since when it is in this state. */
    stateSince: Time,
    /** Final SIP status that put it there; null: nobody answered, or nothing was asked. */
    sipStatus: z.number().int().nullable(),
    registeredUntil: Time.nullable(),
    busyLines: z.number().int().min(0),
    createdAt: Time,
  })
  .meta({ id: 'Trunk' });

/** Password of the account; null: none. Never shown but by `showTrunkSecret`. */
const Secret = z
  .string()
  .regex(/^[\x20-\x7e]{1,200}$/)
  .nullable();

export const NewTrunk = z.strictObject({
  ...trunkFields,
  /** Owner; default: the asker’s own. */
  ownerId: Uuid.optional(),
  secret: Secret.default(null),
  kind: trunkFields.kind.default('carrier'),
  enabled: z.boolean().default(true),
  shared: z.boolean().default(false),
  port: trunkFields.port.default(null),
  transport: trunkFields.transport.default('udp'),
  proxies: trunkFields.proxies.default([]),
  authUser: trunkFields.authUser.default(null),
  realm: trunkFields.realm.default(null),
  fromUser: trunkFields.fromUser.default(null),
  fromDomain: trunkFields.fromDomain.default(null),
  registerSeconds: trunkFields.registerSeconds.default(3600),
  optionsSeconds: trunkFields.optionsSeconds.default(30),
  sources: trunkFields.sources.default([]),
  trusted: z.boolean().default(false),
  codecs: trunkFields.codecs.default([]),
  codecsForced: z.boolean().default(false),
  maxCalls: trunkFields.maxCalls.default(null),
  callsPerSecond: trunkFields.callsPerSecond.default(null),
  callerId: trunkFields.callerId.default('given'),
  defaultNumber: trunkFields.defaultNumber.default(null),
  defaultName: trunkFields.defaultName.default(''),
  identity: trunkFields.identity.default('asserted'),
  numberForm: trunkFields.numberForm.default('e164'),
  outboundStrip: trunkFields.outboundStrip.default(0),
  outboundPrefix: trunkFields.outboundPrefix.default(''),
  calledFrom: trunkFields.calledFrom.default('request'),
  inboundStrip: trunkFields.inboundStrip.default(0),
  inboundPrefix: trunkFields.inboundPrefix.default(''),
  tellDiversion: z.boolean().default(true),
});

/** What a company sees of a trunk that it may dial through. */
export const UsableTrunk = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    name: z.string(),
    kind: z.enum(TRUNK_KINDS),
    /** The company's own; else one shared by somebody above it. */
    own: z.boolean(),
    state: z.enum(TRUNK_STATES),
  })
  .meta({ id: 'UsableTrunk' });

const id = { id: Uuid };
const write = { scope: 'directory', tag: 'trunks' } as const;

export const trunkRoutes = {
  listTrunks: defineRoute({
    id: 'listTrunks',
    method: 'GET',
    path: '/trunks',
    tag: 'trunks',
    summary: 'Trunks of the owner and of all below it, with their state and busy lines',
    scope: 'read',
    query: PageQuery,
    body: null,
    answer: pageOf(TrunkView),
  }),
  createTrunk: defineRoute({
    ...write,
    id: 'createTrunk',
    method: 'POST',
    path: '/trunks',
    summary: 'Make a trunk',
    body: NewTrunk,
    status: 201,
    answer: TrunkView,
    errors: ['API_NAME_TAKEN', 'API_NOT_FOUND'],
  }),
  getTrunk: defineRoute({
    id: 'getTrunk',
    method: 'GET',
    path: '/trunks/:id',
    tag: 'trunks',
    summary: 'One trunk',
    scope: 'read',
    params: id,
    body: null,
    answer: TrunkView,
  }),
  updateTrunk: defineRoute({
    ...write,
    id: 'updateTrunk',
    method: 'PATCH',
    path: '/trunks/:id',
    summary: 'Change a trunk; it registers again under what it is now',
    params: id,
    body: z.strictObject({ ...trunkFields, secret: Secret }).partial(),
    answer: TrunkView,
    errors: ['API_NAME_TAKEN'],
  }),
  deleteTrunk: defineRoute({
    ...write,
    id: 'deleteTrunk',
    method: 'DELETE',
    path: '/trunks/:id',
    summary: 'Delete a trunk; calls that run go on',
    params: id,
    body: null,
    answer: null,
  }),
  showTrunkSecret: defineRoute({
    id: 'showTrunkSecret',
    method: 'GET',
    path: '/trunks/:id/secret',
    tag: 'trunks',
    summary: 'Password of a trunk; leaves a line in the audit log',
    scope: 'secrets',
    params: id,
    body: null,
    answer: z.strictObject({ authUser: z.string().nullable(), secret: z.string().nullable() }),
  }),
  listUsableTrunks: defineRoute({
    id: 'listUsableTrunks',
    method: 'GET',
    path: '/usable-trunks',
    tag: 'trunks',
    summary: 'Trunks that the company may dial through, its own first',
    scope: 'read',
    company: true,
    body: null,
    answer: z.strictObject({ items: z.array(UsableTrunk) }),
  }),
};
