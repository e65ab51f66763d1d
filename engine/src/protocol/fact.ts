/**
 * Facts and records: what the outside may learn of a call. Records are numbered per call in the call's state and written keyed
 * (call, number), repeats ignored, hence once. CDR, trace, replay, webhooks and partners read only this stream (design §3).
 */
import * as z from 'zod';
import { At, Cause, Coordinates, Destination, Json, LegId, LegTrunk } from './common.ts';
import { QueueFacts } from './queue.ts';
import { RecordingFacts } from './recording.ts';
import { ForwardReason } from './ring-plan.ts';
import { SupervisionFacts } from './supervision.ts';

const party = z.number().int().positive();

/** One final disposition per call. */
export const Disposition = z.enum([
  'answered',
  'no-answer',
  'busy',
  'rejected',
  'unavailable',
  'cancelled',
  'congestion',
  'failed',
  'media-lost',
]);
export type Disposition = z.infer<typeof Disposition>;

/** A decision of routing (`routing/route.ts`), as the trace tells it. */
export const CallRouted = z.strictObject({
  reason: z.string().max(40),
  rule: z.strictObject({ id: z.string().max(64), name: z.string().max(200), position: z.number().int() }).nullable(),
  destination: Destination.nullable(),
  passed: z.number().int().nonnegative(),
});
export type CallRouted = z.infer<typeof CallRouted>;

/** A call to an emergency number: what was dialled, by whom, and where help is needed. */
export const EmergencyCall = z.strictObject({
  number: z.string().max(64),
  userId: z.string().max(64).nullable(),
  site: z
    .strictObject({
      id: z.string().max(64),
      name: z.string().max(200),
      street: z.string().max(400),
      postalCode: z.string().max(40),
      city: z.string().max(200),
      region: z.string().max(200),
      country: z.string().max(2),
      location: z.string().max(400),
      /** Number shown to the emergency service; null = the caller's own. */
      emergencyNumber: z.string().max(64).nullable(),
    })
    .nullable(),
});
export type EmergencyCall = z.infer<typeof EmergencyCall>;

/** Final account of one leg. Times are epoch ms; seconds are derived by readers. */
export const LegSummary = z.strictObject({
  leg: LegId,
  party,
  direction: z.enum(['inbound', 'outbound']),
  coordinates: Coordinates,
  startedAt: At,
  ringingAt: At.nullable(),
  answeredAt: At.nullable(),
  endedAt: At.nullable(),
  cause: Cause.nullable(),
  sipStatus: z.number().int().nullable(),
  endedBy: z.enum(['remote', 'local', 'network']).nullable(),
  codec: z.string().nullable(),
  /** Who pays for it when that is not the calling party: the last who forwarded the call. */
  charged: Coordinates.optional(),
  sipCallId: z.string().nullable(),
  instance: z.string(),
  /** The trunk an outbound leg went through; an inbound one's is its coordinates. */
  trunk: LegTrunk.optional(),
});
export type LegSummary = z.infer<typeof LegSummary>;

/** Call detail record: the account of a call, written with its last fact. */
export const Cdr = z.strictObject({
  number: z.number().int().positive(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  externalId: z.string().nullable(),
  disposition: Disposition,
  cause: Cause,
  endedBy: z.enum(['calling', 'called', 'platform']),
  startedAt: At,
  answeredAt: At.nullable(),
  connectedAt: At.nullable(),
  endedAt: At,
  /** Sums over the call. */
  ringMs: z.number().int(),
  ivrMs: z.number().int(),
  talkMs: z.number().int(),
  holdMs: z.number().int(),
  calling: Coordinates,
  called: Coordinates,
  connected: Coordinates.nullable(),
  revision: z.string(),
  /** Node ids entered, in order (first 200). */
  path: z.array(z.string()),
  legs: z.array(LegSummary),
});
export type Cdr = z.infer<typeof Cdr>;

export const Fact = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call.started'), calling: Coordinates, called: Coordinates, revision: z.string() }),
  /** Where routing led the call and why: `rule` is set when a rule of the company decided, `passed` counts those that did not fit. */
  CallRouted.extend({ type: z.literal('call.routed') }),
  /** Placing the call, or a leg of it, was refused by a check of admission. */
  z.strictObject({
    type: z.literal('call.refused'),
    number: z.string().max(64),
    code: z.string().max(40),
    check: z.string().max(40),
    by: z.string().max(40),
  }),
  /** A leg to the outside was ended: its account has reached a spend cap, or it has lasted as long as the company lets calls last. */
  z.strictObject({
    type: z.literal('leg.limited'),
    party: z.number().int().positive(),
    by: z.enum(['spend-cap', 'max-duration']),
  }),
  /** An emergency number is called: from which site, whose address went with it. */
  EmergencyCall.extend({ type: z.literal('emergency.called') }),
  /** A party joined the call; `role` is its part at that moment. One that supervises takes no part in the conversation. */
  z.strictObject({
    type: z.literal('party.added'),
    party,
    role: z.enum(['calling', 'called', 'connected', 'supervising']),
    coordinates: Coordinates,
    leg: LegId.nullable(),
  }),
  z.strictObject({ type: z.literal('party.ringing'), party, coordinates: Coordinates, early: z.boolean() }),
  z.strictObject({ type: z.literal('party.answered'), party, coordinates: Coordinates }),
  z.strictObject({ type: z.literal('party.held'), party, coordinates: Coordinates }),
  z.strictObject({ type: z.literal('party.resumed'), party, coordinates: Coordinates }),
  z.strictObject({
    type: z.literal('party.left'),
    party,
    coordinates: Coordinates,
    cause: Cause,
    sipStatus: z.number().int().nullable(),
    by: z.enum(['remote', 'local', 'network']),
  }),
  z.strictObject({ type: z.literal('parties.connected'), a: party, b: party }),
  z.strictObject({ type: z.literal('parties.parted'), a: party, b: party }),
  z.strictObject({
    type: z.literal('party.transferred'),
    party,
    to: Coordinates,
    /** For whoever is rung. */
    note: z.string().max(500).optional(),
  }),
  /** A call for `from` goes to `to` instead; `from` is charged for what follows. */
  z.strictObject({
    type: z.literal('party.forwarded'),
    from: Coordinates,
    to: Coordinates,
    reason: ForwardReason,
    note: z.string().max(500),
  }),
  /** A user was not rung, or his forwarding not followed, and why. */
  z.strictObject({
    type: z.literal('user.refused'),
    coordinates: Coordinates,
    why: z.enum(['dnd', 'away', 'anonymous', 'blocked', 'forward-loop']),
  }),
  /** `by` has answered for `rung`, whose phone rang. */
  z.strictObject({ type: z.literal('party.picked-up'), rung: Coordinates, by: Coordinates }),
  /** A party waits in a park slot, put there by a user, and has left it. */
  z.strictObject({
    type: z.literal('call.parked'),
    slot: z.string(),
    number: z.string(),
    party,
    by: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('call.unparked'),
    slot: z.string(),
    number: z.string(),
    why: z.enum(['retrieved', 'returned', 'abandoned']),
  }),
  /** A party is in a meeting room, is heard there or not, and has left it. */
  z.strictObject({ type: z.literal('conference.joined'), room: z.string(), party, moderator: z.boolean() }),
  z.strictObject({ type: z.literal('conference.muted'), room: z.string(), party, muted: z.boolean() }),
  z.strictObject({ type: z.literal('conference.left'), room: z.string(), party }),
  /** A leg left for, or came from, another call. */
  z.strictObject({ type: z.literal('leg.moved'), leg: LegId, direction: z.enum(['in', 'out']), callId: z.string() }),
  /** The call is in another flow than the one it began with, or, with null, in none any more. */
  z.strictObject({ type: z.literal('flow.changed'), revision: z.string().nullable() }),
  /** A flow node was entered / left, with the reason of the decision (never a digit). */
  z.strictObject({ type: z.literal('node.entered'), node: z.string(), nodeNumber: z.number().int(), kind: z.string() }),
  z.strictObject({ type: z.literal('node.left'), node: z.string(), outcome: z.string(), reason: z.string().max(500) }),
  /** An entry was made; how long, never what. */
  z.strictObject({
    type: z.literal('input.collected'),
    node: z.string(),
    length: z.number().int(),
    tries: z.number().int(),
  }),
  z.strictObject({
    type: z.literal('log'),
    node: z.string(),
    level: z.enum(['info', 'warn', 'error']),
    text: z.string().max(1000),
  }),
  z.strictObject({
    type: z.literal('group.ringing'),
    groupId: z.string(),
    coordinates: Coordinates,
    strategy: z.string(),
  }),
  z.strictObject({
    type: z.literal('group.ended'),
    groupId: z.string(),
    outcome: z.string(),
    userId: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('control.done'),
    id: z.string(),
    action: z.string(),
    ok: z.boolean(),
    code: z.string(),
  }),
  ...QueueFacts,
  ...RecordingFacts,
  ...SupervisionFacts,
  z.strictObject({ type: z.literal('call.ended'), cdr: Cdr }),
]);
export type Fact = z.infer<typeof Fact>;

/** One numbered line of a call's stream. `event` lines are the engine's own inputs, kept for trace and replay. */
export const CallRecord = z.strictObject({
  n: z.number().int().positive(),
  at: At,
  stream: z.enum(['fact', 'event']),
  type: z.string(),
  body: Json,
});
export type CallRecord = z.infer<typeof CallRecord>;
