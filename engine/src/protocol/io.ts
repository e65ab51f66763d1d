/** What an io worker is asked and answers: HTTP requests of flows and live look-ups. */
import * as z from 'zod';
import { Alert, Cause, Coordinates, Destination, Json, Prompt, TalkLimit } from './common.ts';
import {
  CallerListed,
  CallerListLookup,
  ContactFound,
  ContactLookup,
  NoticeLookup,
  NoticeQueued,
  UserModeFound,
  UserModeLookup,
} from './company.ts';
import { EmergencyCall } from './fact.ts';
import { ParkLookup, RingingFound, RingingLookup, SlotOccupied, SlotTaken, UnparkLookup } from './joining.ts';
import { MailLookup, MailQueued } from './mail.ts';
import { NamesFound, NamesLookup } from './names.ts';
import { AgentDone, AgentLookup, InstanceFound, InstanceLookup, QueueFound, QueueLookup } from './queue.ts';
import {
  MailboxFound,
  MailboxLookup,
  RecordingFound,
  RecordingLookup,
  VoicemailFound,
  VoicemailLookup,
} from './recording.ts';
import { PlanCaller, RingGroupMember, RingPlan } from './ring-plan.ts';
import {
  RoomActed,
  RoomActLookup,
  RoomEntered,
  RoomEnterLookup,
  RoomFound,
  RoomLeaveLookup,
  RoomLookup,
} from './room.ts';
import { ScriptAnswered, ScriptCall } from './script.ts';
import { SupervisedFound, SupervisedLookup } from './supervision.ts';

/** An outgoing HTTP request. Retries apply to safe methods only unless `retryUnsafe`; an idempotency key is always sent. */
export const HttpRequest = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string().max(4000),
  headers: z.record(z.string(), z.string().max(4000)),
  body: z.string().max(100_000).nullable(),
  timeoutMs: z.number().int().min(100).max(60_000),
  retries: z.number().int().min(0).max(5),
  retryUnsafe: z.boolean(),
  /** The address is that of a script: what it is told goes into the query, and its answer is read as its dialect says. Result: `script`. */
  script: ScriptCall.optional(),
});
export type HttpRequest = z.infer<typeof HttpRequest>;

/** Id of the user on whose account a leg would be placed; null or absent = the company's own. Admission asks it (`admission/`). */
const account = z.string().max(64).nullable().optional();

/**
 * What can be looked up live while a call runs. `id` is the entity's id or its unique name in the company (ring group, calendar,
 * flow). Open by `what`; each answer has its schema below.
 */
export const Lookup = z.discriminatedUnion('what', [
  /** A user: extension, name, language, whether any contact is registered. Admission is asked where there is an `account`. */
  z.strictObject({ what: z.literal('user'), id: z.string(), caller: PlanCaller.optional(), account }),
  /** A ring group with its members in order. Admission is asked where there is an `account`. */
  z.strictObject({ what: z.literal('ring-group'), id: z.string(), account }),
  /** A dialled number of the company, extension or outside: what it leads to. With `trunks` it is outside, and dialled by these. */
  z.strictObject({
    what: z.literal('number'),
    number: z.string().max(64),
    account,
    trunks: z.array(z.string().min(1).max(64)).min(1).max(10).optional(),
  }),
  /** How long a call to the number that is going on may last yet. Answer: `allowance`. */
  z.strictObject({ what: z.literal('allowance'), number: z.string().max(64), account }),
  /** A destination: its coordinates and, for a flow, the published revision with its closure. */
  z.strictObject({ what: z.literal('destination'), destination: Destination, account }),
  /** Opening hours and holidays by id. */
  z.strictObject({ what: z.literal('calendar'), id: z.string() }),
  RingingLookup,
  SupervisedLookup,
  RecordingLookup,
  ParkLookup,
  UnparkLookup,
  VoicemailLookup,
  MailboxLookup,
  MailLookup,
  UserModeLookup,
  CallerListLookup,
  ContactLookup,
  NoticeLookup,
  QueueLookup,
  AgentLookup,
  InstanceLookup,
  RoomLookup,
  NamesLookup,
  RoomEnterLookup,
  RoomLeaveLookup,
  RoomActLookup,
]);
export type Lookup = z.infer<typeof Lookup>;

/** How a ring group rings its members; each strategy is a file in `group/strategies`. */
export const RingStrategy = z.enum([
  'all',
  'sequence',
  'progressive',
  'first-available',
  'first-not-on-phone',
  'random',
  'weighted-random',
  'enterprise',
  'rollover',
  'round-robin',
  'cyclic',
]);
export type RingStrategy = z.infer<typeof RingStrategy>;

/** A ring group as the group machine needs it; member order is the ring order. */
export const RingGroup = z.strictObject({
  id: z.string(),
  coordinates: Coordinates,
  strategy: RingStrategy,
  /** How long one member rings (sequence, random, round robin) or all ring (all). */
  memberRingMs: z.number().int().min(1000).max(600_000),
  /** How long the whole group is tried. */
  totalRingMs: z.number().int().min(1000).max(3_600_000),
  /** Progressive: time between one member and the next. */
  stepMs: z.number().int().min(1000).max(600_000).optional(),
  /** While the first member listed is occupied nobody is rung. */
  primary: z.boolean().optional(),
  /** Members answer by themselves and hear the caller, all of them (paging). */
  broadcast: z.boolean().optional(),
  /** Outside its hours nobody is rung. */
  closed: z.boolean().optional(),
  /** Where calls go that nobody takes. */
  fallback: Destination.optional(),
  /** Heard by the caller before the ringing. */
  waitPrompt: Prompt.optional(),
  /** What he hears while members ring, unless a flow says otherwise; absent = the ringing tone. */
  comfort: z.enum(['ringback', 'music']).optional(),
  /** Before the caller's name on the members' phones. */
  namePrefix: z.string().max(40).optional(),
  /** How the members' phones ring, for those that know several ways. */
  alert: Alert.optional(),
  members: z.array(RingGroupMember).max(200),
});
export type RingGroup = z.infer<typeof RingGroup>;

export const LookupUser = z.strictObject({
  userId: z.string(),
  coordinates: Coordinates,
  language: z.string(),
  registered: z.boolean(),
  /** The user may be rung while occupied (call waiting); absent = no. */
  callWaiting: z.boolean().optional(),
  /** How he wants to be reached by the caller named in the look-up; absent = rung wherever he is registered. */
  plan: RingPlan.optional(),
});

/** Opening hours per weekday (1 = Monday … 7 = Sunday), local minutes of the day, and closed or special dates. */
export const Calendar = z.strictObject({
  timeZone: z.string(),
  weekly: z.array(
    z.strictObject({
      days: z.array(z.number().int().min(1).max(7)),
      fromMinute: z.number().int().min(0).max(1440),
      toMinute: z.number().int().min(0).max(1440),
    }),
  ),
  /** ISO dates (YYYY-MM-DD) with their own hours; empty `hours` = closed all day. */
  dates: z.array(
    z.strictObject({
      date: z.iso.date(),
      name: z.string().max(100),
      hours: z.array(z.strictObject({ fromMinute: z.number().int(), toMinute: z.number().int() })),
    }),
  ),
});
export type Calendar = z.infer<typeof Calendar>;

/** Answers of `io.*` commands, carried by an `op.result` event. */
export const IoResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('http'), httpStatus: z.number().int(), body: Json, truncated: z.boolean() }),
  z.strictObject({ status: z.literal('user'), user: LookupUser }),
  z.strictObject({ status: z.literal('ring-group'), group: RingGroup }),
  z.strictObject({ status: z.literal('calendar'), calendar: Calendar }),
  /**
   * Resolved number or destination. For a flow: the published revision to run and its closure (`RevisionClosure`); a runner adds
   * the closure to its environment before it steps the machine.
   */
  z.strictObject({
    status: z.literal('destination'),
    destination: Destination,
    coordinates: Coordinates,
    revision: z.string().nullable(),
    closure: Json.nullable(),
    /** An outside number: ids of the trunks to dial it through, best first. */
    trunks: z.array(z.string().min(1).max(64)).min(1).max(10).optional(),
    /** A peer to be dialled by this template instead of being looked up again. */
    peer: z
      .strictObject({
        uri: z.string().min(1).max(400),
        from: z.string().max(400).optional(),
        identity: z.string().max(400).optional(),
        dnis: z.string().max(400).optional(),
      })
      .optional(),
    /** It is an emergency number. */
    emergency: EmergencyCall.optional(),
    /** Of an outside number: how long a call there may last. */
    limit: TalkLimit.optional(),
  }),
  /** Until the account's nearest cap is reached; null = no cap. */
  z.strictObject({ status: z.literal('allowance'), leftMs: z.number().int().min(0).nullable() }),
  RingingFound,
  SupervisedFound,
  RecordingFound,
  SlotTaken,
  SlotOccupied,
  VoicemailFound,
  MailQueued,
  UserModeFound,
  CallerListed,
  ContactFound,
  NoticeQueued,
  ...MailboxFound.options,
  QueueFound,
  AgentDone,
  InstanceFound,
  RoomFound,
  NamesFound,
  RoomEntered,
  RoomActed,
  ScriptAnswered,
  z.strictObject({ status: z.literal('not-found') }),
  /** It is there, and placing the call was refused: by a check of admission, or by a rule that hangs up. */
  z.strictObject({
    status: z.literal('refused'),
    code: z.string().max(40),
    check: z.string().max(40),
    by: z.string().max(40),
    cause: Cause,
  }),
  z.strictObject({
    status: z.literal('io-failed'),
    code: z.enum(['timeout', 'refused', 'unreachable', 'bad-answer', 'too-large', 'failed']),
    message: z.string().max(500),
  }),
]);
export type IoResult = z.infer<typeof IoResult>;
