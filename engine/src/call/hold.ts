/**
 * Holding: a party that holds leaves the conversation for a while, whoever it talks with hears music, until it retrieves. A hold
 * comes from the phone (re-INVITE) or by a command; both may stand at once. Each operation waits for the one before, so that a
 * quick retrieve never overtakes the hold it ends.
 */
import type { MediaResult } from '../protocol/index.ts';
import type { Attempt, HoldBy, LegState } from './machine.ts';
import { settleMix, talkers } from './mix-state.ts';
import { fact, isAlive, legOf, legOp, liveLeg, partyNumber, partyOf, type Work } from './work.ts';

/** Note that a leg's party holds, or no longer does; the first hold and the last retrieval are told. */
export function setHold(work: Work, id: string, by: HoldBy, on: boolean): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  const before = leg.holds ?? [];
  const after = on ? [...new Set([...before, by])] : before.filter((one) => one !== by);
  if (after.length === before.length) return;
  leg.holds = after;
  if (before.length === 0) leg.heldAt = work.at;
  else if (after.length === 0) settleHoldTime(work, leg);
  else return;
  const party = partyOf(work, leg.party);
  if (!party) return;
  const type = on ? 'party.held' : 'party.resumed';
  fact(work, { type, party: partyNumber(work, party.n), coordinates: party.coordinates });
  work.notes.push({ note: 'hold', leg: id });
}

/** Account for the time a leg's party has held. */
export function settleHoldTime(work: Work, leg: LegState): void {
  if (leg.heldAt !== null) work.m.account.holdMs += work.at - leg.heldAt;
  leg.heldAt = null;
}

/** The conversation this leg takes part in. */
export function talkOf(work: Work, id: string): Attempt | null {
  const party = legOf(work, id)?.party;
  if (!party) return null;
  const attempts = Object.values(work.m.attempts);
  const talks = attempts.filter((one) => one.stage === 'talking' && talkers(one).includes(party));
  // who consults talks with the one he consults
  return talks.find((one) => one.consult?.by !== party) ?? talks[0] ?? null;
}

const holds = (work: Work, party: number | null): boolean =>
  (legOf(work, partyOf(work, party)?.leg ?? null)?.holds ?? []).length > 0;

/** Bring a conversation to where its parties want it: joined, or parted with music for whoever waits. */
export function settleHold(work: Work, attempt: Attempt): void {
  if (attempt.mix) {
    settleMix(work, attempt);
    return;
  }
  if (attempt.stage !== 'talking' || attempt.hold?.waits) return;
  const { hold } = attempt;
  const wanted = attempt.consult != null || holds(work, attempt.anchor) || holds(work, attempt.peer);
  if (!hold) {
    if (wanted) startHold(work, attempt);
  } else if (!wanted) rejoin(work, attempt, hold);
  else playMusic(work, attempt, hold);
}

function startHold(work: Work, attempt: Attempt): void {
  const [anchor, peer] = [liveLeg(work, attempt.anchor), liveLeg(work, attempt.peer)];
  if (!anchor || !peer) return;
  attempt.hold = { stage: 'parting', waits: 1, music: [] };
  legOp(work, anchor.id, { kind: 'media.unbridge', other: peer.id }, holdUse(attempt, anchor.id));
}

function rejoin(work: Work, attempt: Attempt, hold: NonNullable<Attempt['hold']>): void {
  const [anchor, peer] = [liveLeg(work, attempt.anchor), liveLeg(work, attempt.peer)];
  if (!anchor || !peer) return;
  attempt.hold = { stage: 'joining', waits: hold.waits + 1, music: [] };
  anchor.leg.sounding = false;
  peer.leg.sounding = false;
  legOp(work, anchor.id, { kind: 'media.bridge', other: peer.id }, holdUse(attempt, anchor.id));
}

/** Music for those who wait, silence for those who hold. */
function playMusic(work: Work, attempt: Attempt, hold: NonNullable<Attempt['hold']>): void {
  const sides = [attempt.anchor, attempt.peer].flatMap((n) => (n === null ? [] : [n]));
  const music = sides.filter((n) => !holds(work, n) && attempt.consult?.by !== n);
  let waits = 0;
  for (const n of sides) {
    const side = liveLeg(work, n);
    const plays = music.includes(n);
    if (!side || plays === hold.music.includes(n)) continue;
    Object.assign(side.leg, { sounding: plays, sound: 'music' });
    const sound = plays ? 'music' : 'none';
    legOp(work, side.id, { kind: 'media.background', sound }, holdUse(attempt, side.id));
    waits += 1;
  }
  attempt.hold = { stage: 'held', waits, music };
  if (waits === 0 && attempt.consult?.stage === 'parting') work.notes.push({ note: 'parted', attempt: attempt.id });
}

const holdUse = (attempt: Attempt, leg: string) => ({ use: 'hold', attempt: attempt.id, leg }) as const;

/** An operation of a hold has come back. */
export function holdResult(work: Work, id: string, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  if (!attempt?.hold) return;
  attempt.hold.waits -= 1;
  if (attempt.hold.stage === 'joining') {
    if (result.status === 'failed') {
      work.notes.push({ note: 'broken', attempt: id });
      return;
    }
    attempt.hold = null;
  }
  settleHold(work, attempt);
}

/** The conversation is over: what its hold began is nobody's any more, and a hold by command has lost its meaning. */
export function dropHold(work: Work, attempt: Attempt): void {
  for (const n of [attempt.anchor, attempt.peer]) {
    const leg = liveLeg(work, n);
    if (leg) setHold(work, leg.id, 'command', false);
  }
  if (!attempt.hold) return;
  attempt.hold = null;
  dropHoldOps(work, attempt);
}

/** Nobody waits any more for what a hold's operations answer. */
export function dropHoldOps(work: Work, attempt: Attempt): void {
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use === 'hold' && use.attempt === attempt.id) delete work.m.ops[op];
  }
}
