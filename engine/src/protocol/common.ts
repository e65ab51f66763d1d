/**
 * Vocabulary shared by commands, events and facts: identifiers, coordinates, destinations, prompts, causes.
 *
 * Everything here is plain JSON. Times are milliseconds since the Unix epoch and end in `at` or `…Ms`; durations end in `…Ms`.
 */
import * as z from 'zod';

/** Milliseconds since the Unix epoch. */
export const At = z.number().int().nonnegative();

/** UUID of a call, minted before its workflow starts (design §4). */
export const CallId = z.uuid();
/** Identifier of a leg, unique on the installation: `<callId>/leg/<counter>`; the leg keeps it when it moves to another call. */
export const LegId = z.string().min(1).max(160);
/** Identifier of one operation of a machine: `<callId>/<machine path>/<counter>`; media operations are idempotent by it. */
export const OpId = z.string().min(1).max(200);
/** Identifier of a timer, named like an operation. */
export const TimerId = z.string().min(1).max(200);
/** Name of a media instance, `<name>.<epoch>`: one boot of telephony with its media server. */
export const InstanceName = z.string().min(1).max(100);
/** SHA-256 of a published revision in lower-case hex. */
export const RevisionHash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A destination from the registry: what a number, a key or a command can lead to. `type` is open on purpose
 * (user, flow, ring-group, number, sip …); later issues add types without touching this file.
 */
export const Destination = z.strictObject({ type: z.string().min(1).max(40), id: z.string().min(1).max(400) });
export type Destination = z.infer<typeof Destination>;

/**
 * Who a party is to the outside: entity type, entity id (null for an unknown outside number) and the number shown.
 * `entityNumber` is the entity's positive integer in its company, when it has one.
 */
export const Coordinates = z.strictObject({
  type: z.string().min(1).max(40),
  id: z.string().max(400).nullable(),
  entityNumber: z.number().int().positive().nullable().default(null),
  number: z.string().max(400),
  name: z.string().max(200).default(''),
  /** The number in E.164, where it is one of a country's plan; `number` is the form dialled or received. */
  e164: z.string().max(16).optional(),
});
export type Coordinates = z.infer<typeof Coordinates>;

/** Why a leg, party or call ended. Field-standard words; the SIP status and Q.850 cause ride beside them. */
export const Cause = z.enum([
  'normal',
  'busy',
  'no-answer',
  'rejected',
  'unavailable',
  'not-found',
  'forbidden',
  'cancelled',
  'answered-elsewhere',
  'congestion',
  'incompatible',
  'transferred',
  'media-lost',
  'timeout',
  'failed',
]);
export type Cause = z.infer<typeof Cause>;

/** One thing to be heard. Audio is named by its unique name in the company; content hashes are pinned at publishing. */
export const PromptItem = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio'), name: z.string().min(1).max(200), hash: z.string().optional() }),
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(4000), language: z.string().optional() }),
  z.strictObject({
    type: z.literal('tone'),
    /** Sine components in Hz, e.g. [440] or [697, 1209]. */
    frequenciesHz: z.array(z.number().min(20).max(4000)).min(1).max(4),
    onMs: z.number().int().min(10).max(60_000),
    offMs: z.number().int().min(0).max(60_000).default(0),
    repeat: z.number().int().min(1).max(1000).default(1),
  }),
  /** A recording of the company, by id. */
  z.strictObject({ type: z.literal('recording'), id: z.uuid() }),
  z.strictObject({ type: z.literal('silence'), ms: z.number().int().min(10).max(60_000) }),
  z.strictObject({
    type: z.literal('value'),
    as: z.enum(['digits', 'number', 'date', 'time', 'datetime', 'money']),
    value: z.string().max(200),
    /** ISO 4217, for `money`. */
    currency: z.string().length(3).optional(),
    language: z.string().optional(),
    /** IANA zone, for dates and times. */
    timeZone: z.string().optional(),
    pii: z.boolean().optional(),
  }),
]);
export type PromptItem = z.infer<typeof PromptItem>;

/** A prompt as it is played: items in order; `bargeIn` says whether a key may cut it. */
export const Prompt = z.strictObject({ items: z.array(PromptItem).min(1).max(50), bargeIn: z.boolean().default(true) });
export type Prompt = z.infer<typeof Prompt>;

/** How long a leg to the outside may last from its answer on; null = without limit. */
export const TalkLimit = z.strictObject({
  /** User on whose account it is; null = the company's. */
  account: z.string().max(64).nullable(),
  /** Until the nearest spend cap is reached, as things stand; asked again while it lasts (`allowance`). */
  leftMs: z.number().int().min(0).nullable(),
  /** At the most, by the company's settings. */
  mostMs: z.number().int().min(1000).nullable(),
});
export type TalkLimit = z.infer<typeof TalkLimit>;

/**
 * What a leg can be dialled to. `user` rings every registered contact of the user as one leg. `trunk` is an outside number through the
 * first trunk of the list that takes the call: the next is tried when one has no line, does not respond or fails (5xx, 503), never
 * when the called party is busy or declines.
 */
export const DialTarget = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), userId: z.string(), loginIds: z.array(z.string()).optional() }),
  z.strictObject({ type: z.literal('number'), number: z.string().min(1).max(64) }),
  z.strictObject({
    type: z.literal('sip'),
    uri: z.string().min(1).max(400),
    /** Of a peer reached by an INVITE template: From, P-Asserted-Identity and To, each a SIP address or its user part. */
    from: z.string().max(400).optional(),
    identity: z.string().max(400).optional(),
    dnis: z.string().max(400).optional(),
  }),
  z.strictObject({
    type: z.literal('trunk'),
    trunkIds: z.array(z.string().min(1).max(64)).min(1).max(10),
    number: z.string().min(1).max(64),
    /** An emergency call: the address where help is needed, one line, sent along. */
    emergency: z.string().max(1000).optional(),
    limit: TalkLimit.optional(),
  }),
]);
export type DialTarget = z.infer<typeof DialTarget>;

/** The trunk that a leg goes through, as its events and the CDR name it. */
export const LegTrunk = z.strictObject({
  id: z.string().min(1).max(64),
  /** Its positive integer at its owner. */
  number: z.number().int().positive(),
  name: z.string().max(200),
});
export type LegTrunk = z.infer<typeof LegTrunk>;

/** A way to ring, by a name that the phones know: sent as `info` of Alert-Info. */
export const Alert = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);

/** One forwarding that a call has been through. `reason`: a word of RFC 5806, or another. */
export const Diversion = z.strictObject({ number: z.string().max(400), reason: z.string().max(40) });
export type Diversion = z.infer<typeof Diversion>;

/** JSON as carried by variables and HTTP answers. */
export const Json: z.ZodType<JsonValue> = z.json();
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Language and region a call is served in; a flow may change `language` while it runs. */
export const Locale = z.strictObject({
  language: z.string().min(2).max(10),
  /** IANA time zone of the company. */
  timeZone: z.string(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().length(2),
  /** ISO 4217. */
  currency: z.string().length(3),
});
export type Locale = z.infer<typeof Locale>;
