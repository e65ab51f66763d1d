/** Meeting rooms: what io is asked before somebody enters, and answers. */
import * as z from 'zod';
import { Coordinates } from './common.ts';

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
