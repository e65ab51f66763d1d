/** Coming to a call from another one: picking up what rings for somebody else, park slots. What io is asked and answers. */
import * as z from 'zod';
import { CallId, Coordinates, LegId } from './common.ts';

/**
 * What rings: for a user (id or extension), or for anybody in a group of `by`'s own when `user` is null. `by` is the user who wants to
 * pick it up. Answer: `ringing`, `not-found`, or `refused` without the right.
 */
export const RingingLookup = z.strictObject({
  what: z.literal('ringing'),
  user: z.string().max(400).nullable(),
  by: z.string().max(64).nullable(),
});

/**
 * A park slot (id or extension; null = any that is free), by a call that wants to put its caller there (`park`) or to fetch who is there
 * (`retrieve`). Parking claims the slot for the call that asks; asking again gives the same answer. `who` is shown to others.
 */
export const ParkLookup = z.strictObject({
  what: z.literal('park'),
  slot: z.string().max(400).nullable(),
  wish: z.enum(['park', 'retrieve']),
  by: z.string().max(64).nullable(),
  who: z.strictObject({ number: z.string().max(400), name: z.string().max(200) }),
});
/** The call's slot is free again. Answer: `not-found`. */
export const UnparkLookup = z.strictObject({ what: z.literal('unpark'), slot: z.string().max(64) });

/** A leg of another call that rings. */
export const RingingFound = z.strictObject({ status: z.literal('ringing'), callId: CallId, leg: LegId });
/** The slot is this call's from now on. `number`: what is dialled to fetch the caller. */
export const SlotTaken = z.strictObject({
  status: z.literal('slot'),
  slot: z.string().max(64),
  number: z.string().max(40),
  /** The caller goes back to who parked him after this time. */
  returnMs: z.number().int().min(1000).max(86_400_000),
  coordinates: Coordinates,
});
/** Somebody waits in the slot, in another call. */
export const SlotOccupied = z.strictObject({ status: z.literal('occupied'), callId: CallId, slot: z.string().max(64) });
