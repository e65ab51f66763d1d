/** Supervision: somebody hears a call that others have, speaks to one of them or to all. What is asked, answered and told of it. */
import * as z from 'zod';
import { CallId, InstanceName, LegId, OpId } from './common.ts';

/** `listen`: heard by nobody; `whisper`: heard by the supervised party only; `barge`: heard by all. */
export const SupervisionMode = z.enum(['listen', 'whisper', 'barge']);
export type SupervisionMode = z.infer<typeof SupervisionMode>;

/**
 * The leg hears both sides of `target`, a leg of the same call, and speaks as `mode` says; again with another mode changes that, `target`
 * null ends it. `done` as soon as it hears; it goes on whatever becomes of the target's own conversation, until the target ends.
 */
export const MediaSupervise = z.strictObject({
  kind: z.literal('media.supervise'),
  op: OpId,
  leg: LegId,
  instance: InstanceName,
  target: LegId.nullable(),
  mode: SupervisionMode,
});
export type MediaSupervise = z.infer<typeof MediaSupervise>;

/**
 * Whom `user` (id or extension) talks with now, for the user `by` who wants to supervise him. Answer: `supervised`, `not-found` when he has no
 * call, or `refused` without the right. A line of the audit log goes with it, once per `key`.
 */
export const SupervisedLookup = z.strictObject({
  what: z.literal('supervised'),
  key: z.string().max(200),
  user: z.string().max(400),
  by: z.string().max(64).nullable(),
  mode: SupervisionMode,
});
/** A leg of another call that is answered. */
export const SupervisedFound = z.strictObject({ status: z.literal('supervised'), callId: CallId, leg: LegId });

const party = z.number().int().positive();

/** What the outside learns of it; nothing of it is for the eyes of those supervised. `of`: the party supervised. */
export const SupervisionFacts = [
  z.strictObject({
    type: z.literal('supervision.started'),
    party,
    of: party,
    mode: SupervisionMode,
    /** Who asked for it. */
    by: z.string().max(200),
  }),
  z.strictObject({ type: z.literal('supervision.changed'), party, of: party, mode: SupervisionMode }),
  /**
   * Also of one that never began. `code`: `left` = the supervisor's doing, `over` = whom it was of has gone, `moved` = it goes on in the call that
   * has him now, `stopped` = by command, else why it could not be.
   */
  z.strictObject({ type: z.literal('supervision.ended'), party, of: party, code: z.string().max(60) }),
] as const;
