/** Legs: adding, answering, cutting, ending, releasing them, and what telephony says of them. */
import type { Cause, Coordinates, DialTarget, Diversion, LegEventBody, MediaResult } from '../protocol/index.ts';
import { setHold, settleHoldTime } from './hold.ts';
import { nextLegLife } from './leg-life.ts';
import type { AfterAnswer, LegState, PartyState, Side } from './machine.ts';
import { fact, isAlive, legOf, legOp, nextId, partyNumber, partyOf, sendToPool, type Work } from './work.ts';

/** Add a party; without a leg it is an entity that only takes part (an IVR, a group). */
export function addParty(
  work: Work,
  role: PartyState['role'],
  coordinates: Coordinates,
  leg: string | null,
): PartyState {
  const party: PartyState = { n: work.m.parties.length + 1, role, coordinates, leg, grant: null, left: false };
  work.m.parties.push(party);
  fact(work, { type: 'party.added', party: partyNumber(work, party.n), role, coordinates, leg });
  return party;
}

export function newLeg(
  work: Work,
  init: Pick<LegState, 'party' | 'instance' | 'direction' | 'life' | 'sipCallId'>,
): LegState {
  return {
    ...init,
    processed: 0,
    startedAt: work.at,
    ringingAt: null,
    answeredAt: null,
    endedAt: null,
    cause: null,
    sipStatus: null,
    endedBy: null,
    codec: null,
    cut: null,
    dialPending: false,
    answering: false,
    afterAnswer: [],
    rung: false,
    sounding: false,
    heldAt: null,
    giving: null,
    taking: null,
  };
}

export interface DialOptions {
  readonly role: PartyState['role'];
  readonly coordinates: Coordinates;
  readonly target: DialTarget;
  readonly instance: string;
  readonly callerId: { readonly number: string; readonly name: string };
  readonly ringTimeoutMs: number;
  readonly autoAnswer: boolean;
  readonly diversions?: readonly Diversion[];
  readonly charged?: Coordinates;
  /** The number told as the one called, instead of the party's own. */
  readonly shown?: string;
  readonly alert?: string;
  /** Told to the called user. */
  readonly subject?: string;
}

/** Dial a new party; answers the leg's name. */
export function dialParty(work: Work, options: DialOptions): string {
  const id = nextId(work, 'leg');
  const party = addParty(work, options.role, options.coordinates, id);
  const leg = newLeg(work, {
    party: party.n,
    instance: options.instance,
    direction: 'outbound',
    life: 'dialling',
    sipCallId: null,
  });
  leg.dialPending = true;
  work.m.legs[id] = leg;
  if (options.charged) party.charged = options.charged;
  if (options.target.type === 'trunk' && options.target.limit)
    leg.limit = { ...options.target.limit, number: options.target.number, timer: null };
  const { target, callerId, autoAnswer, diversions = [] } = options;
  const ringTimeoutMs = Math.min(3_600_000, Math.max(1000, Math.round(options.ringTimeoutMs)));
  const body = {
    kind: 'leg.dial',
    target,
    callerId,
    called: options.coordinates,
    ringTimeoutMs,
    autoAnswer,
    ...(diversions.length > 0 ? { diversions: diversions.slice(-10) } : {}),
    ...(options.shown ? { shown: options.shown } : {}),
    ...(options.alert ? { alert: options.alert } : {}),
    ...(options.charged ? { charged: options.charged } : {}),
    ...(options.subject ? { subject: options.subject } : {}),
  } as const;
  legOp(work, id, body, { use: 'dial', leg: id });
  return id;
}

/** Do `then` on the leg now when it is answered, else answer it first. False when the leg can no longer be answered. */
export function afterAnswer(work: Work, id: string, then: AfterAnswer): boolean {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg) || leg.cut) return false;
  leg.afterAnswer.push(then);
  if (leg.life === 'answered') work.notes.push({ note: 'leg.ready', leg: id });
  else if (leg.direction === 'inbound' && !leg.answering) {
    leg.answering = true;
    legOp(work, id, { kind: 'leg.answer' }, { use: 'answer', leg: id });
  }
  return true;
}

/** 180 on the leg, once; with `early`, 183 and sound of ours before the answer. */
export function ringBack(work: Work, id: string, early = false): void {
  const leg = legOf(work, id);
  if (!leg || (leg.rung && (leg.early || !early)) || leg.direction !== 'inbound' || leg.life === 'answered') return;
  leg.rung = true;
  if (early) leg.early = true;
  legOp(work, id, { kind: 'leg.ring', earlyMedia: early }, null);
}

/** 183 with our media, so that the leg hears something before the answer. */
export function earlyMedia(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (leg?.direction !== 'inbound' || leg.life === 'answered') return;
  leg.rung = true;
  legOp(work, id, { kind: 'leg.ring', earlyMedia: true }, null);
}

/**
 * Hang up a leg whatever its state. A leg whose dial is still on its way is hung up again when the dial has answered; one that
 * moves between calls is left alone until it is known whose it is.
 */
export function cutLeg(work: Work, id: string, cause: Cause): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg) || leg.cut || leg.taking || leg.giving) return;
  // Only an INVITE of ours can be cancelled: one that we refuse was not cancelled by its caller, an answered leg is hung up.
  const cancels = leg.direction === 'outbound' && leg.life !== 'answered';
  leg.cut = cause === 'cancelled' && !cancels ? 'normal' : cause;
  sendHangup(work, id, leg.cut);
}

function sendHangup(work: Work, id: string, cause: Cause): void {
  legOp(work, id, { kind: 'leg.hangup', cause }, { use: 'hangup', leg: id });
}

/** The leg has ended: give the account, free its user, release it where telephony still holds it. */
export function endLeg(
  work: Work,
  id: string,
  end: { cause: Cause; sipStatus: number | null; by: Side },
  release: boolean,
): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  leg.life = nextLegLife(leg.life, 'end');
  Object.assign(leg, { endedAt: work.at, cause: end.cause, sipStatus: end.sipStatus, endedBy: end.by });
  leg.answering = false;
  leg.dialPending = false;
  leg.afterAnswer = [];
  settleHoldTime(work, leg);
  dropOps(work, id);
  const party = partyOf(work, leg.party);
  if (party && !party.left) leaveParty(work, party, end);
  if (release) legOp(work, id, { kind: 'leg.release', upTo: leg.processed }, null);
  leg.life = nextLegLife(leg.life, 'release');
  work.notes.push({ note: 'leg.ended', leg: id });
}

export function leaveParty(
  work: Work,
  party: PartyState,
  end: { cause: Cause; sipStatus: number | null; by: Side },
): void {
  party.left = true;
  freeUser(work, party);
  const { coordinates, n } = party;
  fact(work, { type: 'party.left', party: partyNumber(work, n), coordinates, ...end });
}

/** Tell the pool that a user is occupied by this party, when it is a user's. */
export function occupyUser(work: Work, party: PartyState): void {
  if (party.coordinates.type !== 'user' || !party.coordinates.id || party.grant) return;
  party.grant = nextId(work, 'occupy');
  const message = { id: nextId(work, 'message'), callId: work.callId, grant: party.grant };
  sendToPool(work, { type: 'pool.occupy', ...message, userId: party.coordinates.id });
}

export function freeUser(work: Work, party: PartyState): void {
  if (!party.grant) return;
  const message = { id: nextId(work, 'message'), callId: work.callId, grant: party.grant };
  party.grant = null;
  sendToPool(work, { type: 'pool.return', ...message });
}

/** Results of operations on a leg that is gone are awaited by nobody any more. */
export function dropOps(work: Work, id: string): void {
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.leg === id && use.use !== 'give' && use.use !== 'keep') delete work.m.ops[op];
  }
}

/** The leg is up: what waited for it may go on. */
export function legAnswered(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  const next = nextLegLife(leg.life, 'answer');
  leg.answering = false;
  const news = next !== leg.life;
  if (news) {
    leg.life = next;
    leg.answeredAt = work.at;
    const party = partyOf(work, leg.party);
    if (party)
      fact(work, { type: 'party.answered', party: partyNumber(work, party.n), coordinates: party.coordinates });
  }
  // a caller who was answered in the moment in which we let him go was answered
  if (news && leg.party === 1 && leg.direction === 'inbound') work.m.account.answeredAt ??= leg.answeredAt;
  // A cancelled leg whose answer crossed the CANCEL is hung up, never used.
  if (leg.cut && news) sendHangup(work, id, leg.cut);
  else if (!leg.cut) work.notes.push({ note: 'leg.answered', leg: id }, { note: 'leg.ready', leg: id });
  if (news && !leg.cut && leg.limit) work.notes.push({ note: 'leg.limited', leg: id });
}

/** News of a leg that is not a result or a REFER. */
export function legNews(work: Work, id: string, body: LegEventBody): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  const party = partyOf(work, leg.party);
  const who = party ? { party: partyNumber(work, party.n), coordinates: party.coordinates } : null;
  if ('trunk' in body && body.trunk) leg.trunk = body.trunk;
  if (body.type === 'ringing') {
    leg.life = nextLegLife(leg.life, 'ring');
    if (leg.ringingAt === null && leg.direction === 'outbound') {
      leg.ringingAt = work.at;
      if (who) fact(work, { type: 'party.ringing', ...who, early: body.early });
      work.notes.push({ note: 'leg.ringing', leg: id });
    }
  } else if (body.type === 'answered') {
    leg.codec = body.codec;
    leg.sipCallId = body.sipCallId;
    legAnswered(work, id);
  } else if (body.type === 'feature') {
    work.notes.push({ note: 'feature', leg: id, name: body.name });
  } else if (body.type === 'tap-ended') {
    work.notes.push({ note: 'tap-ended', leg: id, ended: body });
  } else if (body.type === 'deflected') {
    work.notes.push({ note: 'deflected', leg: id, target: body.target });
  } else if (body.type === 'hangup') {
    endLeg(work, id, { cause: body.cause, sipStatus: body.sipStatus, by: body.by }, true);
  } else if (body.type === 'held' || body.type === 'resumed') {
    setHold(work, id, 'phone', body.type === 'held');
  }
}

/** `leg.answer` has come back. */
export function answerResult(work: Work, id: string, result: MediaResult): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  if (result.status === 'done') legAnswered(work, id);
  else if (leg.life !== 'answered') {
    leg.answering = false;
    cutLeg(work, id, 'failed');
  }
}

/** `leg.dial` has come back. `numbered`: telephony made a leg of it, which is to be released. */
export function dialResult(work: Work, id: string, result: MediaResult, numbered: boolean): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg)) return;
  leg.dialPending = false;
  if (result.status !== 'done') {
    const cause: Cause = leg.cut ?? (result.status === 'gone' ? 'media-lost' : 'failed');
    endLeg(work, id, { cause, sipStatus: null, by: 'network' }, numbered);
  } else if (leg.cut) sendHangup(work, id, leg.cut);
}

/** `leg.hangup` has come back: a failed one leaves nothing to wait for. */
export function hangupResult(work: Work, id: string, result: MediaResult): void {
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg) || leg.dialPending) return;
  if (result.status === 'failed') {
    endLeg(work, id, { cause: leg.cut ?? 'failed', sipStatus: null, by: 'network' }, true);
  }
}
