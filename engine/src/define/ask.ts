/**
 * Asks: what a flow machine or a group machine wants of the call machine, and the replies it gets.
 *
 * Flow and group machines never see legs. They speak of *the caller* (the flow's party) and of destinations; the call machine
 * turns asks into commands and answers with exactly one reply per ask, except that `cancel` withdraws an ask (it then gets no
 * reply). A caller's hang-up is not a reply: the call machine ends the flow machine.
 */
import * as z from 'zod';
import {
  Calendar,
  Cause,
  Destination,
  DialTarget,
  HttpRequest,
  IoResult,
  Lookup,
  MediaCollect,
  MediaRecord,
  Prompt,
  QueueNeeds,
  QueueOutcome,
  Recorded,
  SupervisionMode,
} from '../protocol/index.ts';

/** `<machine path>/<counter>`, unique in the call. */
const id = z.string();

/** Parameters of an interaction, without the addressing that the call machine adds. */
export const CollectSpec = MediaCollect.omit({ kind: true, op: true, leg: true, instance: true });
export type CollectSpec = z.infer<typeof CollectSpec>;

/** Parameters of a recording, without the addressing. */
export const RecordSpec = MediaRecord.omit({ kind: true, op: true, leg: true, instance: true });

/** What the caller hears while others ring. `ringback` is 180 when the caller is not answered yet. */
export const Comfort = z.enum(['ringback', 'music', 'none']);
export type Comfort = z.infer<typeof Comfort>;

/** What the caller hears while a node waits; `echo` sends his own sound back and needs an answered leg. */
export const Background = z.enum(['ringback', 'music', 'none', 'echo']);

export const Ask = z.discriminatedUnion('ask', [
  /** Play to the caller; answers the leg first when needed, unless `early`: then before the answer (183). Reply: `media`. */
  z.strictObject({
    ask: z.literal('play'),
    id,
    prompts: z.array(Prompt),
    clearDigits: z.boolean(),
    early: z.boolean().optional(),
  }),
  /** One interaction with the caller; answers the leg first when needed. Reply: `media`. */
  z.strictObject({ ask: z.literal('collect'), id, spec: CollectSpec }),
  /** Record what the caller says; answers the leg first when needed. Reply: `media`. */
  z.strictObject({ ask: z.literal('record'), id, spec: RecordSpec }),
  /** Background sound until the next ask to the caller; `music` and `echo` answer the leg first when needed. Reply: `ok`. */
  z.strictObject({ ask: z.literal('background'), id, sound: Background }),
  /** Answer the caller's leg now. Reply: `ok`. */
  z.strictObject({ ask: z.literal('answer'), id }),
  /**
   * Connect the caller with one target. Reply: `connect`, when nobody was reached, or, after a conversation, when the called
   * party has left and the caller is still there (`completed`).
   */
  z.strictObject({
    ask: z.literal('connect'),
    id,
    to: z.union([DialTarget, Destination.extend({ type: z.string() })]),
    ringTimeoutMs: z.number().int(),
    /** Number and name shown to the called party; null = the caller's own. */
    callerId: z.strictObject({ number: z.string(), name: z.string() }).nullable(),
    comfort: Comfort,
    /** Heard by whoever answers before he is joined; with `confirm` he accepts by 1, else he is let go. */
    announcement: z.array(Prompt).max(5).optional(),
    confirm: z.boolean().optional(),
    /** The called phone is asked to answer by itself. */
    autoAnswer: z.boolean().optional(),
    /** The conversation is ended after this time. */
    maxTalkMs: z.number().int().min(1000).nullable().optional(),
  }),
  /** Ring a group by its strategy. Reply: `connect`. */
  z.strictObject({
    ask: z.literal('ring-group'),
    id,
    groupId: z.string(),
    totalRingMs: z.number().int().nullable(),
    callerId: z.strictObject({ number: z.string(), name: z.string() }).nullable(),
    comfort: Comfort,
  }),
  /**
   * Send the caller away for good: REFER on his own dialog where `by` is `refer`, else connect and forget the flow.
   * Reply: `connect` only when the transfer failed.
   */
  z.strictObject({
    ask: z.literal('transfer'),
    id,
    to: z.union([DialTarget, Destination]),
    by: z.enum(['bridge', 'refer']),
    ringTimeoutMs: z.number().int(),
    /** The called side is told that this number was called, instead of its own. */
    shown: z.string().max(64).optional(),
  }),
  /**
   * Answer for a user (id or extension) whose phone rings; null = for anybody in a group of the caller's. The caller leaves for that
   * call; reply: `connect`, only when nobody rings or it may not be.
   */
  z.strictObject({ ask: z.literal('pick-up'), id, user: z.string().nullable() }),
  /**
   * Supervise whoever a user (id or extension) talks with. The caller leaves for that call; reply: `connect`, only when the user has no call
   * or it may not be.
   */
  z.strictObject({ ask: z.literal('supervise'), id, user: z.string(), mode: SupervisionMode }),
  /**
   * Wait in a park slot (id or extension; null = any that is free), or, when a user has dialled it himself, fetch who waits there. Reply:
   * `connect`, only when that cannot be, or when who parked the caller did not take him back.
   */
  z.strictObject({ ask: z.literal('park'), id, slot: z.string().nullable() }),
  /**
   * Wait in a queue (id or name) for an agent. Whoever left it by its key comes back to his place. `maxWaitMs`: instead of the queue's.
   * Reply: `queue`.
   */
  z.strictObject({
    ask: z.literal('queue'),
    id,
    queue: z.string(),
    needs: QueueNeeds,
    maxWaitMs: z.number().int().nullable(),
    callerId: z.strictObject({ number: z.string(), name: z.string() }).nullable(),
  }),
  /** Enter a meeting room (id or extension) and stay. Reply: `connect`, when that failed. */
  z.strictObject({
    ask: z.literal('conference'),
    id,
    room: z.string().max(400),
    moderator: z.boolean(),
    muted: z.boolean(),
  }),
  /**
   * Call the caller back under this number when his turn comes in the queue he has left by its key; he may hang up. Reply: `connect`,
   * at once: `completed`, or `not-found` when no place is kept for him.
   */
  z.strictObject({ ask: z.literal('callback'), id, number: z.string() }),
  /** End the call. No reply. */
  z.strictObject({ ask: z.literal('hangup'), id, cause: Cause }),
  /** Reply `timer` after `ms`. */
  z.strictObject({ ask: z.literal('timer'), id, ms: z.number().int() }),
  /** Reply: `io`. */
  z.strictObject({ ask: z.literal('request'), id, request: HttpRequest }),
  /** Reply: `io`. */
  z.strictObject({ ask: z.literal('lookup'), id, lookup: Lookup }),
  /** A line in the call's log. No reply. */
  z.strictObject({ ask: z.literal('log'), id, level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  /** Withdraw an ask that has no reply yet: stops its operation, legs or timer. No reply. */
  z.strictObject({ ask: z.literal('cancel'), id, target: z.string() }),
]);
export type Ask = z.infer<typeof Ask>;
export type AskKind = Ask['ask'];

/** How an attempt to reach somebody ended. */
export const ConnectOutcome = z.enum([
  'completed',
  'busy',
  'no-answer',
  'rejected',
  'unavailable',
  'not-found',
  'forbidden',
  'failed',
]);
export type ConnectOutcome = z.infer<typeof ConnectOutcome>;

export const Reply = z.discriminatedUnion('reply', [
  z.strictObject({ reply: z.literal('ok'), id }),
  z.strictObject({
    reply: z.literal('media'),
    id,
    result: z.discriminatedUnion('status', [
      z.strictObject({ status: z.literal('done') }),
      z.strictObject({ status: z.literal('interrupted') }),
      z.strictObject({
        status: z.literal('collected'),
        mode: z.string(),
        value: z.string(),
        confidence: z.number(),
        tries: z.number(),
      }),
      z.strictObject({
        status: z.literal('not-collected'),
        reason: z.enum(['no-input', 'no-match']),
        value: z.string(),
        tries: z.number(),
      }),
      Recorded,
      z.strictObject({ status: z.literal('failed'), code: z.string(), message: z.string() }),
    ]),
  }),
  z.strictObject({
    reply: z.literal('connect'),
    id,
    outcome: ConnectOutcome,
    userId: z.string().nullable(),
    talkMs: z.number().int(),
  }),
  z.strictObject({
    reply: z.literal('queue'),
    id,
    outcome: QueueOutcome,
    userId: z.string().nullable(),
    waitedMs: z.number().int(),
    talkMs: z.number().int(),
  }),
  z.strictObject({ reply: z.literal('timer'), id }),
  z.strictObject({ reply: z.literal('io'), id, result: IoResult }),
  /** Somebody outside told the flow to go on (control `continue`); only a node that waits listens. */
  z.strictObject({ reply: z.literal('continue'), id }),
]);
export type Reply = z.infer<typeof Reply>;
export { Calendar };
