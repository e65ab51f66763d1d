/**
 * Park slots: the flow's caller waits with music until somebody fetches him by the slot's number; after a time he goes back to who
 * parked him. The slot is claimed by io for this call, and freed when the caller leaves it in any way.
 */
import type { IoResult, MediaResult } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { bring } from './bringing.ts';
import { afterAnswer } from './legs.ts';
import type { Parking } from './machine.ts';
import { freeSlot } from './slot.ts';
import { fact, liveLeg, nextId, partyNumber, partyOf, startTimer, type Work } from './work.ts';

interface ParkAsk {
  readonly id: string;
  /** Id or extension; null = any that is free. */
  readonly slot: string | null;
}

/**
 * The flow's caller has come to a slot: whoever was led there waits in it; a user who dialled it himself fetches who waits there.
 */
export function startPark(work: Work, ask: ParkAsk, party: number): void {
  const caller = partyOf(work, party)?.coordinates;
  const wish = caller?.type === 'user' && !work.m.led ? 'retrieve' : 'park';
  const by = wish === 'park' ? (work.m.led?.by ?? null) : (caller?.id ?? null);
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'park', ask: ask.id, leg: null };
  work.m.asks[ask.id] = { kind: 'park', op, timer: null, attempt: null, spec: null };
  const who = { number: caller?.number ?? '', name: caller?.name ?? '' };
  work.commands.push({ kind: 'io.lookup', op, lookup: { what: 'park', slot: ask.slot, wish, by, who } });
}

/** The slot's answer. */
export function parkResult(work: Work, ask: string, result: IoResult | MediaResult): void {
  if (!work.m.asks[ask] || !work.m.flow) return;
  if (result.status === 'slot') wait(work, ask, result);
  else if (result.status === 'occupied') bring(work, ask, result.callId, { what: 'parked', slot: result.slot });
  else {
    delete work.m.asks[ask];
    const outcome = result.status === 'refused' ? 'forbidden' : 'not-found';
    work.notes.push({ note: 'reply', reply: { reply: 'connect', id: ask, outcome, userId: null, talkMs: 0 } });
  }
}

function wait(work: Work, ask: string, found: Extract<IoResult, { status: 'slot' }>): void {
  const caller = liveLeg(work, work.m.flow?.caller ?? null);
  if (!caller) return;
  const by = work.m.led?.by ?? null;
  const { slot, number, returnMs } = found;
  const timer = by === null ? null : startTimer(work, returnMs, { use: 'parking' });
  const parking: Parking = { ask, party: caller.leg.party, slot, number, by, timer, stage: 'waiting' };
  work.m.parking = parking;
  Object.assign(caller.leg, { sounding: true, sound: 'music' });
  afterAnswer(work, caller.id, { next: 'comfort', sound: 'music' });
  fact(work, { type: 'call.parked', slot, number, party: partyNumber(work, parking.party), by });
}

/** Nobody has fetched him in time: he goes back to who parked him; the flow hears when that fails. */
export function parkTimedOut(work: Work): void {
  const { parking } = work.m;
  if (parking?.stage !== 'waiting' || parking.by === null) return;
  const { ask, party, by } = parking;
  const open = work.m.asks[ask];
  freeSlot(work, parking, 'returned');
  if (!open) return;
  const attempt = openAttempt(work, { anchor: party, target: { type: 'user', id: by }, ask, forget: true });
  attempt.comfort = 'music';
  open.kind = 'connect';
  open.attempt = attempt.id;
  work.notes.push({ note: 'resolve', attempt: attempt.id });
}
