/**
 * Giving a leg to another call (design §4, moving a leg): stop what runs on it, take the results, offer it, queue what is heard
 * after the offered number. The offer is withdrawn after 5 s by the same conditional update that would have committed it.
 */
import type { EngineEvent, JsonValue, MediaResult, Message } from '../protocol/index.ts';
import { stopTalking } from './attempt-end.ts';
import { leaveParty } from './legs.ts';
import { disarmLimit } from './limit.ts';
import type { Giving } from './machine.ts';
import { leaveForMove, mixLeft } from './mix.ts';
import { OUT, settleMix, talkers } from './mix-state.ts';
import { pauseSound } from './queue-sound.ts';
import { carryOn, closedForMove, closeForMove, recordingToGive } from './recording.ts';
import { leaveRoomForMove } from './room.ts';
import { sayingToGive } from './saying.ts';
import { followed, followLeg, follows, supervisorsOf } from './supervision.ts';
import { describeLeg } from './taking.ts';
import {
  cancelTimer,
  fact,
  isAlive,
  legOf,
  legOp,
  nextId,
  partyOf,
  sendToCall,
  startTimer,
  type Work,
} from './work.ts';

const OFFER_MS = 5000;

type LegAsk = Extract<Message, { type: 'leg.ask' }>;
type Refusal = Extract<Message, { type: 'leg.refuse' }>['reason'];

/** Another call asks for a leg of ours. */
export function legAsked(work: Work, ask: LegAsk): void {
  const chosen = choose(work, ask);
  if (chosen === 'unknown-leg' && isBeingJoined(work, ask)) {
    // the phone was quicker than we: it refers whom it has only just reached; whoever asks has patience of its own
    work.m.heldAsks = [...(work.m.heldAsks ?? []), ask];
    return;
  }
  if (typeof chosen === 'string') {
    refuse(work, ask.from, ask.id, chosen);
    return;
  }
  stopOperations(work, ask, chosen.leg);
}

/** Two parties were joined: whoever asked for one of them meanwhile is answered. */
export function answerHeldAsks(work: Work): void {
  const held = work.m.heldAsks ?? [];
  delete work.m.heldAsks;
  for (const ask of held) legAsked(work, ask);
}

function isBeingJoined(work: Work, { leg, peerOf }: LegAsk): boolean {
  if (leg !== null || !peerOf) return false;
  const party = legOf(work, peerOf)?.party ?? 0;
  return Object.values(work.m.attempts).some(
    ({ stage, anchor, peer }) => stage === 'joining' && (anchor === party || peer === party),
  );
}

function refuse(work: Work, to: string, ask: string, reason: Refusal): void {
  sendToCall(work, to, { type: 'leg.refuse', id: nextId(work, 'message'), from: work.callId, ask, reason });
}

function choose(work: Work, ask: LegAsk): { leg: string } | Refusal {
  // who supervised a leg that has gone follows it, whatever becomes of this call
  const follower = ask.leg !== null && follows(work, ask.leg);
  if (work.m.life === 'ended' || (work.m.life === 'ending' && !follower)) return 'ending';
  const id = ask.leg ?? (ask.peerOf ? joinedWith(work, ask.peerOf) : outsideLeg(work));
  const leg = legOf(work, id);
  if (!id || !leg || !isAlive(leg) || (work.m.supervisions?.[id] && !follower)) return 'unknown-leg';
  if (leg.giving || leg.taking) return 'already-moving';
  if (leg.cut) return 'ending';
  return leg.life === 'answered' ? { leg: id } : 'not-answered';
}

function joinedWith(work: Work, id: string): string | null {
  const party = legOf(work, id)?.party ?? 0;
  for (const { stage, anchor, peer, mix } of Object.values(work.m.attempts)) {
    if (stage !== 'talking' || mix || (anchor !== party && peer !== party)) continue;
    return partyOf(work, anchor === party ? peer : anchor)?.leg ?? null;
  }
  return null;
}

/** The answered leg that is not a user's; with users only, the party the call serves. */
function outsideLeg(work: Work): string | null {
  const answered = Object.entries(work.m.legs).filter(
    ([id, leg]) => leg.life === 'answered' && !leg.cut && !leg.taking && !work.m.supervisions?.[id],
  );
  const outside = answered.filter(([, leg]) => partyOf(work, leg.party)?.coordinates.type !== 'user');
  const [first] = outside.length > 0 ? outside : answered;
  if (first) return first[0];
  return Object.entries(work.m.legs).find(([, leg]) => isAlive(leg) && !leg.taking)?.[0] ?? null;
}

function stopOperations(work: Work, ask: LegAsk, id: string): void {
  const giving: Giving = {
    id: nextId(work, 'give'),
    leg: id,
    to: ask.from,
    ask: ask.id,
    waiting: [],
    held: [],
    stage: 'stopping',
    timer: null,
    queue: [],
    attempt: null,
    lastNumber: 0,
  };
  work.m.givings[giving.id] = giving;
  legOf(work, id)!.giving = giving.id;
  const room = leaveRoomForMove(work, id);
  if (room !== null) {
    giving.held.push({ ask: room, result: null });
    giving.waiting.push(legOp(work, id, OUT, { use: 'give', giving: giving.id, ask: null, leg: id }));
  }
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use === 'ask' && use.ask === room) delete work.m.ops[op];
    else if (use.leg === id && (use.use === 'ask' || use.use === 'bridge')) holdOp(work, giving, op);
  }
  const said = sayingToGive(work, id);
  giving.held.push(...said.held);
  for (const op of [...said.waiting, ...pauseSound(work, id)]) holdOp(work, giving, op);
  const closing = closeForMove(work, giving);
  if (closing) giving.waiting.push(closing);
  partForMove(work, giving);
  offerWhenQuiet(work, giving);
}

/** Stop one operation; what it answers is kept for the flow in case the leg stays. */
function holdOp(work: Work, giving: Giving, op: string): void {
  const use = work.m.ops[op];
  const ask = use?.use === 'ask' ? use.ask : null;
  if (use?.use === 'bridge') giving.attempt = use.attempt;
  if (ask !== null) {
    giving.held.push({ ask, result: null });
    legOp(work, giving.leg, { kind: 'media.stop', target: op }, null);
  }
  work.m.ops[op] = { use: 'give', giving: giving.id, ask, leg: giving.leg };
  giving.waiting.push(op);
}

function partForMove(work: Work, giving: Giving): void {
  const party = legOf(work, giving.leg)?.party;
  const attempts = Object.values(work.m.attempts);
  const attempt = attempts.find((one) => one.stage === 'talking' && talkers(one).includes(party ?? 0));
  if (!attempt) return;
  giving.attempt = attempt.id;
  if (attempt.mix) {
    const left = leaveForMove(work, attempt, giving.leg, giving.id);
    if (left) giving.waiting.push(left);
    return;
  }
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use !== 'hold' || use.attempt !== attempt.id) continue;
    work.m.ops[op] = { use: 'give', giving: giving.id, ask: null, leg: giving.leg };
    giving.waiting.push(op);
  }
  const other = partyOf(work, attempt.anchor === party ? attempt.peer : attempt.anchor)?.leg;
  stopTalking(work, attempt);
  attempt.stage = 'joining';
  if (!other) return;
  const use = { use: 'give', giving: giving.id, ask: null, leg: giving.leg } as const;
  giving.waiting.push(legOp(work, giving.leg, { kind: 'media.unbridge', other }, use));
}

/** An operation that had to come back before the offer has come back. */
export function stoppedResult(work: Work, id: string, op: string, ask: string | null, result: MediaResult): void {
  const giving = work.m.givings[id];
  if (!giving) return;
  giving.waiting = giving.waiting.filter((one) => one !== op);
  closedForMove(work, giving, op, result);
  const held = giving.held.find((one) => one.ask === ask);
  if (held) held.result = result as unknown as JsonValue;
  offerWhenQuiet(work, giving);
}

function offerWhenQuiet(work: Work, giving: Giving): void {
  if (giving.waiting.length > 0 || giving.stage !== 'stopping') return;
  const leg = describeLeg(work, giving.leg);
  if (!leg) return;
  giving.stage = 'offered';
  giving.lastNumber = leg.lastNumber;
  giving.timer = startTimer(work, OFFER_MS, { use: 'giving', giving: giving.id });
  const recording = recordingToGive(giving);
  const supervisors = supervisorsOf(work, giving.leg);
  const offered = {
    ...leg,
    ...(recording ? { recording } : {}),
    ...(supervisors.length > 0 ? { supervisors } : {}),
  };
  const message = { id: nextId(work, 'message'), from: work.callId, ask: giving.ask, offered };
  sendToCall(work, giving.to, { type: 'leg.offer', ...message });
}

/** The offer was not taken in time: take the leg back, unless the receiver was quicker. */
export function offerExpired(work: Work, id: string): void {
  const giving = work.m.givings[id];
  if (giving?.stage !== 'offered') return;
  giving.stage = 'keeping';
  const { leg, lastNumber } = giving;
  legOp(work, leg, { kind: 'leg.take', giver: work.callId, lastNumber }, { use: 'keep', giving: id, leg });
}

/** Our own `leg.take` has come back; the events that were queued meanwhile are answered for the caller to take. */
export function keepResult(work: Work, id: string, result: MediaResult): EngineEvent[] {
  const giving = work.m.givings[id];
  const leg = legOf(work, giving?.leg ?? null);
  if (!giving || !leg) return [];
  const queue = giving.queue as unknown as EngineEvent[];
  // A leg that hung up while it was offered is nobody else's: there was nothing left to take.
  const hungUp = queue.some((event) => event.type === 'leg' && event.body.type === 'hangup');
  if (result.status !== 'done' && !hungUp) {
    legGone(work, giving);
    return [];
  }
  delete work.m.givings[id];
  leg.giving = null;
  for (const { ask, result: held } of giving.held) {
    work.notes.push({ note: 'held', leg: giving.leg, ask, result: held as unknown as MediaResult | null });
  }
  const mixed = work.m.attempts[giving.attempt ?? ''];
  if (mixed?.mix) settleMix(work, mixed);
  else if (giving.attempt) work.notes.push({ note: 'rejoin', attempt: giving.attempt });
  carryOn(work, giving.leg, recordingToGive(giving));
  work.notes.push({ note: 'leg.ready', leg: giving.leg });
  return queue;
}

type Moved = Extract<Message, { type: 'leg.moved' }>;

/** Telephony: the row's update is committed, the leg belongs to `to`. */
export function legMoved(work: Work, moved: Moved): void {
  if (moved.to === work.callId) return;
  const giving = Object.values(work.m.givings).find((one) => one.leg === moved.leg);
  if (giving) legGone(work, giving);
}

/** The leg is the receiver's: this call has lost its purpose and ends. */
function legGone(work: Work, giving: Giving): void {
  delete work.m.givings[giving.id];
  cancelTimer(work, giving.timer);
  const leg = legOf(work, giving.leg);
  if (!leg) return;
  disarmLimit(work, leg);
  followLeg(work, giving.leg);
  const end = { cause: 'transferred', sipStatus: null, by: 'local' } as const;
  Object.assign(leg, { life: 'released', giving: null, endedAt: work.at, cause: end.cause, endedBy: end.by });
  for (const [op, use] of Object.entries(work.m.ops)) if (use.leg === giving.leg) delete work.m.ops[op];
  fact(work, { type: 'leg.moved', leg: giving.leg, direction: 'out', callId: giving.to });
  const followedIt = followed(work, giving.leg);
  const party = partyOf(work, leg.party);
  if (party) leaveParty(work, party, end);
  if (followedIt) return;
  const attempt = work.m.attempts[giving.attempt ?? ''];
  // where several talk the others go on
  if (attempt && mixLeft(work, attempt, leg.party)) return;
  work.notes.push({ note: 'end', cause: 'transferred', by: 'platform' });
}

/** The leg has ended, or the call is ending, before anything was committed. */
export function cancelGiving(work: Work, id: string): void {
  const giving = work.m.givings[id];
  if (!giving) return;
  delete work.m.givings[id];
  cancelTimer(work, giving.timer);
  for (const [op, use] of Object.entries(work.m.ops)) if ('giving' in use && use.giving === id) delete work.m.ops[op];
  const leg = legOf(work, giving.leg);
  if (leg) leg.giving = null;
  if (giving.stage === 'stopping') refuse(work, giving.to, giving.ask, 'ending');
}

/** True when events of the leg are to be queued: they may already be the receiver's. */
export function queuesEvents(work: Work, leg: string): Giving | null {
  const giving = work.m.givings[legOf(work, leg)?.giving ?? ''];
  return giving && giving.stage !== 'stopping' ? giving : null;
}
