/** How a user wants to be reached, as it stands when his call comes: decided by an io worker from his mode, rules and lists. */
import * as z from 'zod';
import { Coordinates, Destination, DialTarget, Prompt } from './common.ts';

/** Why a call went to somebody else than the one called. Words of RFC 5806 where it has them. */
export const ForwardReason = z.enum([
  'always',
  'busy',
  'no-answer',
  'unreachable',
  'diverted',
  'filtered',
  'deflected',
]);
export type ForwardReason = z.infer<typeof ForwardReason>;

/** Where a call goes instead. `shown`: whose number the new party sees, the caller's or the account's that forwards. */
export const Forward = z.strictObject({
  to: Destination,
  shown: z.enum(['caller', 'account']),
  reason: ForwardReason,
});
export type Forward = z.infer<typeof Forward>;

/** A member of a ring group: a user, or an outside number (then `coordinates.type` is `number`, and `userId` a name for it in the pool). */
export const RingGroupMember = z.strictObject({
  userId: z.string(),
  coordinates: Coordinates,
  /** Can be rung: a registered contact, a number that may be dialled, and not logged out of the group. */
  registered: z.boolean(),
  ringMs: z.number().int().min(1000).max(600_000).nullable().optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  weight: z.number().int().min(0).max(1000).optional(),
  callWaiting: z.boolean().optional(),
  /** How an outside number is dialled. */
  target: DialTarget.optional(),
  /** Whoever answers there accepts by a key before he gets the caller; the others ring on meanwhile. */
  confirm: z.boolean().optional(),
});

export const RingPlan = z.strictObject({
  /** The user is not to be rung at all, and why; a `forward` rule for the outcome it means still holds. */
  refuse: z.enum(['dnd', 'away', 'anonymous', 'blocked']).nullable(),
  always: Forward.nullable(),
  busy: Forward.nullable(),
  noAnswer: Forward.extend({ afterMs: z.number().int().min(1000).max(600_000) }).nullable(),
  unreachable: Forward.nullable(),
  /** Number shown where a rule says `account`. */
  accountNumber: z.string().max(64),
  /** Heard by the caller before anybody rings. */
  preAnswer: Prompt.nullable(),
  /** Heard by the caller, again and again, instead of the ringing tone. */
  ringback: Prompt.nullable().optional(),
  /** Heard by the user who answers; he accepts by 1, refuses by 2, sends to his voicemail or no-answer rule by 3. */
  screening: Prompt.nullable(),
  /** The caller is asked for his name first, which takes the place of `screening`. */
  recordName: z.boolean().optional(),
  /** Who rings beside the user's own phones, each after a delay (follow-me). */
  followMe: z.array(RingGroupMember).max(20).optional(),
});
export type RingPlan = z.infer<typeof RingPlan>;

/** Who calls, as far as a plan may depend on it. `by` = the user who transfers the call. */
export const PlanCaller = z.strictObject({
  number: z.string().max(400),
  userId: z.string().nullable(),
  by: z.string().nullable(),
});
export type PlanCaller = z.infer<typeof PlanCaller>;
