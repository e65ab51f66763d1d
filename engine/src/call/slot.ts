/** Leaving a park slot, in whatever way. */
import type { Parking } from './machine.ts';
import { cancelTimer, fact, nextId, type Work } from './work.ts';

/** The caller has left the slot: fetched by somebody, or gone. */
export function leaveSlot(work: Work, why: 'retrieved' | 'abandoned'): void {
  if (work.m.parking) freeSlot(work, work.m.parking, why);
}

/** The slot is free again, and why. */
export function freeSlot(
  work: Work,
  { slot, number, timer }: Parking,
  why: 'retrieved' | 'returned' | 'abandoned',
): void {
  cancelTimer(work, timer);
  work.m.parking = null;
  fact(work, { type: 'call.unparked', slot, number, why });
  // nobody waits for the answer; a slot whose call has ended is free anyhow
  work.commands.push({ kind: 'io.lookup', op: nextId(work, 'io'), lookup: { what: 'unpark', slot } });
}
