/** Meeting rooms: what io is asked before somebody enters and when he leaves, and answers; what members tell each other. */
import * as z from 'zod';
import { CallId, Coordinates, InstanceName, Prompt } from './common.ts';

/** A room by id or extension. `pin` null = none was typed yet. Answer: `room`, `not-found`, or `refused` (wrong PIN, locked). */
export const RoomLookup = z.strictObject({
  what: z.literal('room'),
  id: z.string().max(400),
  /** Personal: never kept. */
  pin: z.string().max(32).nullable(),
});

export const RoomFound = z.strictObject({
  status: z.literal('room'),
  room: z.string().max(64),
  coordinates: Coordinates,
  /** A PIN must be typed first. */
  pinNeeded: z.boolean(),
  moderator: z.boolean(),
});

/**
 * The call that asks takes a seat in the room, on its media instance; asking again gives the same answer. Answer: `room-entered`,
 * `not-found`, or `refused`: `full`, `locked`, or `other-instance` where the members are on another one.
 */
export const RoomEnterLookup = z.strictObject({
  what: z.literal('room-enter'),
  room: z.string().max(64),
  moderator: z.boolean(),
  instance: InstanceName,
  who: z.strictObject({
    userId: z.string().max(64).nullable(),
    number: z.string().max(400),
    name: z.string().max(200),
  }),
});
export const RoomEntered = z.strictObject({
  status: z.literal('room-entered'),
  room: z.string().max(64),
  /** A moderator must be there first. */
  waits: z.boolean(),
  /** Calls of the others, who may come in now that a moderator is there. */
  opens: z.array(CallId).max(500),
  /** Who comes and goes is said. */
  announce: z.boolean(),
  /** The recorded name of the user who enters. */
  name: Prompt.nullable(),
  record: z.boolean(),
});

/** The call's seat is free again. Answer: `not-found`. */
export const RoomLeaveLookup = z.strictObject({ what: z.literal('room-leave'), room: z.string().max(64) });

/** What a moderator does by key: locks the room or opens it, or picks whom the rest is about. Answer: `room-acted`. */
export const RoomActLookup = z.strictObject({
  what: z.literal('room-act'),
  room: z.string().max(64),
  act: z.enum(['lock', 'others', 'last']),
});
export const RoomActed = z.strictObject({
  status: z.literal('room-acted'),
  locked: z.boolean(),
  /** Calls of all others who are no moderators; of `last` the one who came last. */
  calls: z.array(CallId).max(500),
});

/** One member's call → another's: come in, be heard or not, leave. */
export const RoomTold = z.strictObject({
  type: z.literal('room.told'),
  id: z.string(),
  room: z.string().max(64),
  tell: z.enum(['open', 'mute', 'leave']),
});
