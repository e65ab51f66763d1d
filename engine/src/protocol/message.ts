/**
 * Messages between machines that run in different workflows: call ↔ call (moving a leg) and call ↔ pool (who is free).
 * Each carries an id and is repeatable: the receiver ignores an id it has seen (design §4).
 */
import * as z from 'zod';
import { At, CallId, Coordinates, InstanceName, LegId, LegTrunk, OpId, TalkLimit } from './common.ts';
import { AgentMessage, QueueMessages, QueueReplies } from './queue.ts';
import { OfferedRecording } from './recording.ts';
import { RoomTold } from './room.ts';
import { SupervisionMode } from './supervision.ts';

/** State of a leg as offered by its giver. */
/** Who supervises a leg that goes to another call; `by`: who asked for it. */
export const Supervisor = z.strictObject({ leg: LegId, mode: SupervisionMode, by: z.string().max(200) });
export type Supervisor = z.infer<typeof Supervisor>;

export const OfferedLeg = z.strictObject({
  leg: LegId,
  instance: InstanceName,
  direction: z.enum(['inbound', 'outbound']),
  answered: z.boolean(),
  answeredAt: At.nullable(),
  startedAt: At,
  coordinates: Coordinates,
  /** What its CDR says of the dialog: absent as long as it is not known. */
  sipCallId: z.string().optional(),
  codec: z.string().optional(),
  trunk: LegTrunk.optional(),
  /** It was recorded; the recording there is closed. */
  recording: OfferedRecording.optional(),
  /** Its phone holds at this moment. */
  held: z.boolean().optional(),
  /** It goes to the outside, and may not last for ever. */
  limit: TalkLimit.extend({ number: z.string().max(64) }).optional(),
  /** Legs of the giver that supervise it, and are to go on doing so: the receiver asks for them too. */
  supervisors: z.array(Supervisor).max(10).optional(),
  /** Highest leg event number the giver has processed. */
  lastNumber: z.number().int(),
});
export type OfferedLeg = z.infer<typeof OfferedLeg>;

export const CallMessage = z.discriminatedUnion('type', [
  /**
   * Receiver → giver: give me this leg; or, when `leg` is null, the leg joined with `peerOf` (attended transfer), or your only
   * answered outside leg.
   */
  z.strictObject({
    type: z.literal('leg.ask'),
    id: z.string(),
    from: CallId,
    leg: LegId.nullable(),
    peerOf: LegId.nullable().optional(),
  }),
  /**
   * Giver → receiver: ask me for this leg; its party wants to answer for a leg that rings with you, or to fetch who is parked with you.
   * Refused by `leg.refuse`, whose `ask` is this message's id.
   */
  z.strictObject({
    type: z.literal('leg.bring'),
    id: z.string(),
    from: CallId,
    leg: LegId,
    by: Coordinates,
    where: z.discriminatedUnion('what', [
      z.strictObject({ what: z.literal('ringing'), leg: LegId }),
      z.strictObject({ what: z.literal('parked'), slot: z.string().max(64) }),
      /** Its party wants to supervise this leg of yours. */
      z.strictObject({ what: z.literal('supervised'), leg: LegId, mode: SupervisionMode }),
    ]),
  }),
  /** Giver → receiver: operations are stopped, here is the leg; the offer stands for 5 s. */
  z.strictObject({ type: z.literal('leg.offer'), id: z.string(), from: CallId, ask: z.string(), offered: OfferedLeg }),
  /** Giver → receiver: cannot be given. */
  z.strictObject({
    type: z.literal('leg.refuse'),
    id: z.string(),
    from: CallId,
    ask: z.string(),
    reason: z.enum(['unknown-leg', 'not-answered', 'ending', 'already-moving']),
  }),
  /** Telephony → giver, after the row's commit: the leg is the receiver's (signalled by telephony). */
  z.strictObject({ type: z.literal('leg.moved'), id: z.string(), leg: LegId, to: CallId }),
  RoomTold,
]);

/** What a call asks of its company's pool. */
export const PoolMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pool.request'),
    id: z.string(),
    callId: CallId,
    /** Operation that waits for the grants. */
    request: OpId,
    /** Users in ring order. */
    candidates: z.array(z.string()).min(1).max(200),
    /** `all`: every free candidate now and each that becomes free; `one`: one at a time, the next after `pool.next`. */
    want: z.enum(['all', 'one']),
    /** `round-robin` begins after the member rung last, `cyclic` after the one who answered last. */
    order: z.enum(['given', 'random', 'round-robin', 'cyclic']),
    /** Key under which a rotation pointer is kept, e.g. the group id. */
    rotation: z.string().nullable(),
    seed: z.number().int(),
    /** Ring even a user who is occupied (call waiting), e.g. for a direct dial where the user allows it. */
    allowBusy: z.boolean(),
    /** Those of the candidates who may be rung while they talk. */
    waiting: z.array(z.string()).max(200).optional(),
    /** While this user is occupied nobody is granted: the request is exhausted at once. */
    unlessBusy: z.string().nullable().optional(),
    /**
     * While candidates are occupied the request stands this long before the call is told that nobody is free: one who has just hung up is
     * free as soon as his call has said so.
     */
    patienceMs: z.number().int().min(0).optional(),
  }),
  /** More candidates for a standing request, after those it has. */
  z.strictObject({
    type: z.literal('pool.add'),
    id: z.string(),
    callId: CallId,
    request: OpId,
    candidates: z.array(z.string()).min(1).max(200),
  }),
  /** The grant's user has answered: rotations that follow answers go on from here. */
  z.strictObject({ type: z.literal('pool.answered'), id: z.string(), callId: CallId, grant: z.string() }),
  /** The call has used up a `one` grant without answer: offer the next candidate. The old grant is returned. */
  z.strictObject({ type: z.literal('pool.next'), id: z.string(), callId: CallId, request: OpId, grant: z.string() }),
  z.strictObject({ type: z.literal('pool.withdraw'), id: z.string(), callId: CallId, request: OpId }),
  /** The grant is in use: the user's leg is dialled. A grant not confirmed in 10 s is taken back. */
  z.strictObject({ type: z.literal('pool.confirm'), id: z.string(), callId: CallId, grant: z.string() }),
  z.strictObject({ type: z.literal('pool.return'), id: z.string(), callId: CallId, grant: z.string() }),
  /** A user is occupied by his own call (he placed it); the pool only takes note. Freed by `pool.return` of `grant`. */
  z.strictObject({
    type: z.literal('pool.occupy'),
    id: z.string(),
    callId: CallId,
    grant: z.string(),
    userId: z.string(),
  }),
  ...QueueMessages,
  AgentMessage,
]);
export type PoolMessage = z.infer<typeof PoolMessage>;

/** What the pool tells a call. */
export const PoolReply = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pool.grant'),
    id: z.string(),
    request: OpId,
    grant: z.string(),
    userId: z.string(),
  }),
  /** Nobody is free now (the request stands), or the candidates of a `one` request are used up (`exhausted`). */
  z.strictObject({ type: z.literal('pool.none'), id: z.string(), request: OpId, exhausted: z.boolean() }),
  z.strictObject({ type: z.literal('pool.revoked'), id: z.string(), grant: z.string() }),
  ...QueueReplies,
]);
export type PoolReply = z.infer<typeof PoolReply>;

export const Message = z.discriminatedUnion('type', [
  ...CallMessage.options,
  ...PoolMessage.options,
  ...PoolReply.options,
]);
export type Message = z.infer<typeof Message>;
