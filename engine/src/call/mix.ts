/**
 * A conversation of several: a third party is added to two who talk, by key after a word with him or by a command, and the others go on
 * when one leaves, back to a plain conversation when two are left. A page is the same with one who speaks: the members of a group answer
 * by themselves and hear the caller.
 */
import type { MediaResult } from '../protocol/index.ts';
import { discardAttempt, endAttempt, stopRinging } from './attempt-end.ts';
import { dropHoldOps, settleHold } from './hold.ts';
import { afterAnswer, cutLeg } from './legs.ts';
import type { Attempt, Mix, Ring } from './machine.ts';
import { dropMixOps, forget, OUT, settleMix, talkers, tellIn, tellOut } from './mix-state.ts';
import { fact, legOf, legOp, liveLeg, nextId, partyOf, startTimer, type Work } from './work.ts';

/** As many as are in one call: larger meetings have a room. */
const MOST = 10;

const newMix = (work: Work, kind: Mix['kind'], told: number[]): Mix => ({
  room: `call-${nextId(work, 'mix').replaceAll('/', '-')}`,
  kind,
  others: [],
  inside: [],
  muted: [],
  told,
  stage: 'parting',
  waits: 0,
});

/** Why this conversation and a leg cannot be one; null when they can. `soon`: its parties may still be about to be joined. */
export function mixRefusal(work: Work, attempt: Attempt, leg: string | null, soon = false): string | null {
  if (attempt.stage !== 'talking' && !(soon && attempt.stage === 'joining')) return 'not-talking';
  if (talkers(attempt).length >= MOST) return 'full';
  const parties = talkers(attempt).map((party) => partyOf(work, party)?.leg ?? null);
  const legs = [...parties, leg].map((id) => legOf(work, id));
  if (legs.some((one) => one?.giving || one?.taking)) return 'moving';
  // a room is on one media instance (docs/adr/legs-on-two-instances.md)
  return new Set(legs.flatMap((one) => (one ? [one.instance] : []))).size > 1 ? 'two-instances' : null;
}

/** `party` joins the conversation; `joined` = the leg it is bridged with until now. */
export function addToTalk(work: Work, attempt: Attempt, party: number, joined: string | null = null): void {
  if (attempt.mix) {
    attempt.mix.others.push(party);
    partFirst(work, attempt, partyOf(work, party)?.leg ?? null, joined);
    begin(work, attempt);
    return;
  }
  const mix = newMix(work, 'meeting', attempt.peer === null ? [] : [attempt.peer]);
  mix.others.push(party);
  attempt.mix = mix;
  const [anchor, peer] = [liveLeg(work, attempt.anchor), liveLeg(work, attempt.peer)];
  // a hold by the phone goes on as not being heard
  if (!attempt.hold) partFirst(work, attempt, anchor?.id ?? null, peer?.id ?? null);
  attempt.hold = null;
  dropHoldOps(work, attempt);
  partFirst(work, attempt, partyOf(work, party)?.leg ?? null, joined);
  begin(work, attempt);
}

/** End a bridge before its legs enter the room. */
function partFirst(work: Work, attempt: Attempt, leg: string | null, other: string | null): void {
  if (!attempt.mix || leg === null || other === null) return;
  if (attempt.mix.stage !== 'closing') attempt.mix.stage = 'parting';
  attempt.mix.waits += 1;
  legOp(work, leg, { kind: 'media.unbridge', other }, { use: 'mix', attempt: attempt.id, act: 'part', leg });
}

function begin(work: Work, attempt: Attempt): void {
  const { mix } = attempt;
  if (!mix || mix.stage === 'closing' || mix.waits > 0) return;
  mix.stage = 'on';
  settleMix(work, attempt);
}

/** An operation of the room has come back. */
export function mixResult(
  work: Work,
  id: string,
  act: 'part' | 'enter' | 'leave',
  leg: string,
  result: MediaResult,
): void {
  const attempt = work.m.attempts[id];
  const mix = attempt?.mix;
  if (!attempt || !mix) return;
  const party = legOf(work, leg)?.party ?? 0;
  if (act === 'part') {
    mix.waits -= 1;
    if (mix.stage === 'closing') backToTwo(work, attempt);
    else begin(work, attempt);
  } else if (act === 'enter') {
    if (result.status === 'done') entered(work, attempt, party);
    else if (result.status === 'failed') {
      forget(attempt, party);
      cutLeg(work, leg, 'failed');
    }
  } else if (mix.stage === 'closing') {
    mix.waits -= 1;
    backToTwo(work, attempt);
  } else if (attempt.consult?.by === party && attempt.consult.stage === 'parting') {
    work.notes.push({ note: 'parted', attempt: id });
  }
}

function entered(work: Work, attempt: Attempt, party: number): void {
  if (party === attempt.anchor) for (const one of attempt.mix?.inside ?? []) tellIn(work, attempt, one);
  else if (attempt.mix?.inside.includes(attempt.anchor)) tellIn(work, attempt, party);
  // users who came by a command or a page may use keys, too
  work.notes.push({ note: 'joined', attempt: attempt.id });
}

/** The leg of somebody in the room has ended, or gone to another call: the others go on. True when that was all there is to do. */
export function mixLeft(work: Work, attempt: Attempt, party: number): boolean {
  const { mix } = attempt;
  if (!mix || !talkers(attempt).includes(party)) return false;
  const { anchor } = attempt;
  if (party === anchor && mix.kind === 'page') return false;
  if (attempt.consult?.by === party) attempt.consult = null;
  const told = [...mix.told];
  if (party === anchor) for (const one of told) tellOut(work, attempt, one);
  else tellOut(work, attempt, party);
  forget(attempt, party);
  if (party === attempt.peer) attempt.peer = null;
  mix.others = mix.others.filter((one) => one !== party);
  if (party === anchor) newAnchor(work, attempt, told);
  // whom he was adding is called for the others from now on
  for (const other of Object.values(work.m.attempts)) {
    if (other.addTo === attempt.id && other.anchor === party) other.anchor = attempt.anchor;
  }
  attempt.peer ??= mix.others.shift() ?? null;
  if (attempt.peer === null) {
    if (attempt.rings.length === 0) endAttempt(work, attempt, 'completed');
  } else if (mix.kind === 'meeting' && mix.others.length === 0) close(work, attempt);
  return true;
}

/** Whom the conversation was about has left: it is about the next one now, and no flow waits for it any more. */
function newAnchor(work: Work, attempt: Attempt, told: readonly number[]): void {
  const { mix } = attempt;
  const next = attempt.peer ?? mix?.others[0];
  if (next === undefined) return;
  if (attempt.peer === next) attempt.peer = null;
  if (mix) mix.others = mix.others.filter((one) => one !== next);
  attempt.anchor = next;
  for (const one of told) tellIn(work, attempt, one);
  if (attempt.ask !== null) delete work.m.asks[attempt.ask];
  attempt.ask = null;
  delete attempt.queue;
  work.notes.push({ note: 'drop-flow' });
}

/** Two are left: they leave the room and talk as two do. */
function close(work: Work, attempt: Attempt): void {
  const { mix } = attempt;
  if (!mix || mix.stage === 'closing') return;
  dropMixOps(work, attempt);
  mix.stage = 'closing';
  mix.waits = 0;
  for (const party of mix.inside) {
    const live = liveLeg(work, party);
    if (!live || live.leg.giving) continue;
    mix.waits += 1;
    legOp(work, live.id, OUT, { use: 'mix', attempt: attempt.id, act: 'leave', leg: live.id });
  }
  backToTwo(work, attempt);
}

function backToTwo(work: Work, attempt: Attempt): void {
  const { mix } = attempt;
  if (!mix || mix.waits > 0) return;
  // somebody was added while the last two were on their way out
  if (mix.others.length > 0) {
    Object.assign(mix, { stage: 'on', inside: [], muted: [] });
    settleMix(work, attempt);
    return;
  }
  attempt.mix = null;
  // as after a hold: joined again unless one of them holds
  attempt.hold = { stage: 'held', waits: 0, music: [] };
  settleHold(work, attempt);
}

/** Who was added has answered. */
export function addAnswered(work: Work, attempt: Attempt, leg: string): void {
  const party = takeRing(work, attempt, leg);
  const talk = work.m.attempts[attempt.addTo ?? ''];
  stopRinging(work, attempt, 'answered-elsewhere');
  const refused = talk ? mixRefusal(work, talk, leg) : 'not-talking';
  const { control } = attempt;
  discardAttempt(work, attempt, 'normal');
  if (control) fact(work, { type: 'control.done', id: control, action: 'add', ok: !refused, code: refused ?? 'done' });
  if (!talk || refused || party === null) cutLeg(work, leg, 'normal');
  else addToTalk(work, talk, party);
}

/** The ring is no ring any more: its user stays occupied by his party. */
function takeRing(work: Work, attempt: Attempt, leg: string): number | null {
  const party = partyOf(work, legOf(work, leg)?.party ?? null);
  const ring = attempt.rings.find((one) => one.leg === leg);
  if (!party || !ring) return null;
  attempt.rings = attempt.rings.filter((one) => one !== ring);
  if (ring.grant) party.grant = ring.grant;
  party.role = 'connected';
  return party.n;
}

/** A member of a group that is paged has answered: he hears the caller, who is answered by the first. */
export function pageJoined(work: Work, attempt: Attempt, ring: Ring): void {
  const party = takeRing(work, attempt, ring.leg);
  if (party === null) return;
  if (attempt.mix) {
    if (attempt.peer === null) attempt.peer = party;
    else attempt.mix.others.push(party);
    settleMix(work, attempt);
    return;
  }
  attempt.mix = { ...newMix(work, 'page', []), stage: 'on' };
  attempt.stage = 'talking';
  attempt.peer = party;
  attempt.talkFrom = work.at;
  if (attempt.ringFrom !== null) work.m.account.ringMs += work.at - attempt.ringFrom;
  attempt.ringFrom = null;
  work.m.account.connectedAt ??= work.at;
  work.m.account.connected = partyOf(work, party)?.coordinates ?? null;
  if (attempt.maxTalkMs) {
    const use = { use: 'attempt', attempt: attempt.id, what: 'talk' } as const;
    attempt.timers.push(startTimer(work, attempt.maxTalkMs, use));
  }
  const anchor = liveLeg(work, attempt.anchor);
  if (anchor) afterAnswer(work, anchor.id, { next: 'mix', attempt: attempt.id });
  settleMix(work, attempt);
}

/** A leg of the room is wanted by another call: it leaves first. The operation to wait for; null when it is in none. */
export function leaveForMove(work: Work, attempt: Attempt, id: string, giving: string): string | null {
  const party = legOf(work, id)?.party ?? 0;
  if (!attempt.mix?.inside.includes(party)) return null;
  forget(attempt, party);
  return legOp(work, id, OUT, { use: 'give', giving, ask: null, leg: id });
}
