/**
 * Receiving a leg from another call (design §4, moving a leg): ask for it, take it by one conditional update, join it with a party
 * of ours. Before the commit the leg is the giver's, after it ours.
 */
import type { Coordinates, MediaResult, Message, OfferedLeg, SupervisionMode } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { discardAttempt, stopTalking } from './attempt-end.ts';
import { addParty, cutLeg, newLeg, occupyUser } from './legs.ts';
import type { Attempt, LegState, Taking } from './machine.ts';
import { carryOn } from './recording.ts';
import { leaveSlot } from './slot.ts';
import { enter, refusalOf } from './supervision.ts';
import { forgetFlow, join } from './talk.ts';
import { cancelTimer, fact, legOf, legOp, nextId, partyOf, sendToCall, startTimer, type Work } from './work.ts';

/** Longer than the giver keeps its offer: who is not heard by then has ended. */
const ANSWER_MS = 8000;

export interface TakingInit {
  readonly from: string;
  readonly leg: string | null;
  readonly peerOf: string | null;
  readonly anchor: number;
  readonly leaver: number | null;
  /** Command from outside that waits for the outcome. */
  readonly control: string | null;
  /** It is to supervise a leg of ours. */
  readonly supervise?: { readonly leg: string; readonly mode: SupervisionMode; readonly by: string };
  /** It answers for a leg that rings. */
  readonly pickUp?: { readonly attempt: string; readonly leg: string };
}

export function startTaking(work: Work, init: TakingInit): void {
  const id = nextId(work, 'take');
  const { from, anchor, leaver, control, leg, peerOf, pickUp = null, supervise } = init;
  const timer = startTimer(work, ANSWER_MS, { use: 'taking', taking: id });
  work.m.takings[id] = {
    id,
    from,
    leg: null,
    coordinates: null,
    stage: 'asked',
    anchor,
    leaver,
    control,
    timer,
    pickUp,
    ...(supervise ? { supervise } : {}),
  };
  sendToCall(work, from, { type: 'leg.ask', id, from: work.callId, leg, peerOf });
}

type Offer = Extract<Message, { type: 'leg.offer' }>;

/** The giver offers. An offer nobody waits for lapses at the giver. */
export function offered(work: Work, offer: Offer): void {
  const taking = work.m.takings[offer.ask];
  if (taking?.stage !== 'asked' || taking.from !== offer.from || work.m.life !== 'serving') return;
  const { leg: id, instance, direction, answeredAt, startedAt, lastNumber, sipCallId, codec, trunk } = offer.offered;
  const leg = newLeg(work, { party: 0, instance, direction, life: 'answered', sipCallId: sipCallId ?? null });
  Object.assign(leg, { codec: codec ?? null, ...(trunk ? { trunk } : {}) });
  Object.assign(leg, { processed: lastNumber, answeredAt, startedAt, taking: taking.id });
  if (offer.offered.held) Object.assign(leg, { holds: ['phone'], heldAt: work.at });
  work.m.legs[id] = leg;
  taking.stage = 'taking';
  taking.leg = id;
  if (offer.offered.limit) leg.limit = { ...offer.offered.limit, timer: null };
  taking.coordinates = offer.offered.coordinates;
  if (offer.offered.recording) taking.recording = offer.offered.recording;
  if (offer.offered.supervisors) taking.supervisors = offer.offered.supervisors;
  cancelTimer(work, taking.timer);
  legOp(work, id, { kind: 'leg.take', giver: taking.from, lastNumber }, { use: 'take', taking: taking.id, leg: id });
}

/** `leg.take` has come back. */
export function takeResult(work: Work, id: string, result: MediaResult): void {
  const taking = work.m.takings[id];
  const leg = legOf(work, taking?.leg ?? null);
  if (!taking?.leg || !leg || !taking.coordinates) return;
  if (result.status !== 'done') {
    failTaking(work, id, 'not-committed');
    return;
  }
  delete work.m.takings[id];
  leg.taking = null;
  fact(work, { type: 'leg.moved', leg: taking.leg, direction: 'in', callId: taking.from });
  const party = addParty(work, taking.supervise ? 'supervising' : 'connected', taking.coordinates, taking.leg);
  leg.party = party.n;
  occupyUser(work, party);
  if (leg.limit) work.notes.push({ note: 'leg.limited', leg: taking.leg });
  finishControl(work, taking, true, 'done');
  carryOn(work, taking.leg, taking.recording);
  if (work.m.life !== 'serving') cutLeg(work, taking.leg, 'normal');
  else if (taking.supervise) superviseWith(work, taking.leg, taking.supervise, party.coordinates);
  else if (taking.pickUp) answerFor(work, taking.pickUp, taking.leg, party.coordinates);
  else {
    if (work.m.parking?.party === taking.anchor) leaveSlot(work, 'retrieved');
    seat(work, taking, taking.leg);
  }
  if (work.m.life === 'serving') askForSupervisors(work, taking, taking.leg);
}

/** Who heard the leg where it comes from goes on hearing it. */
function askForSupervisors(work: Work, { from, supervisors = [] }: Taking, leg: string): void {
  const party = legOf(work, leg)?.party;
  if (!party) return;
  for (const { leg: theirs, mode, by } of supervisors) {
    const base = { from, leg: theirs, peerOf: null, anchor: party, leaver: null, control: null };
    startTaking(work, { ...base, supervise: { leg, mode, by } });
  }
}

/** The leg has come to supervise one of ours, if that is still there. */
function superviseWith(
  work: Work,
  leg: string,
  { leg: target, mode, by }: NonNullable<Taking['supervise']>,
  who: Coordinates,
): void {
  if (refusalOf(work, target, who)) cutLeg(work, leg, 'normal');
  else enter(work, { leg, target, mode, by, on: false, told: false });
}

/** The leg takes the place of one that rings; when that was answered meanwhile, it came too late. */
function answerFor(work: Work, pickUp: NonNullable<Taking['pickUp']>, leg: string, by: Coordinates): void {
  const attempt = work.m.attempts[pickUp.attempt];
  const ring = attempt?.rings.find((one) => one.leg === pickUp.leg);
  if (!attempt || !ring || attempt.stage !== 'ringing') {
    cutLeg(work, leg, 'answered-elsewhere');
    return;
  }
  const rung = partyOf(work, legOf(work, ring.leg)?.party ?? null)?.coordinates;
  if (rung) fact(work, { type: 'party.picked-up', rung, by });
  attempt.plan = null;
  join(work, attempt, leg);
}

/** Join the leg with its anchor: in the place of whom it talked with, else in the place of the flow. */
function seat(work: Work, taking: Taking, leg: string): void {
  const attempt = attemptOf(work, taking);
  const leaver = partyOf(work, attempt.peer ?? taking.leaver)?.leg;
  stopTalking(work, attempt);
  attempt.peer = null;
  if (leaver) cutLeg(work, leaver, 'transferred');
  join(work, attempt, leg);
}

/** The attempt that goes on with the new party. */
function attemptOf(work: Work, taking: Taking): Attempt {
  const attempts = Object.values(work.m.attempts);
  const talking = attempts.find((one) => one.stage === 'talking' && [one.anchor, one.peer].includes(taking.anchor));
  if (talking?.anchor === taking.anchor) return talking;
  // The anchor of the conversation leaves, or there was none: the flow has nobody left to serve.
  for (const attempt of attempts) discardAttempt(work, attempt, 'transferred', attempt === talking);
  const target = { type: 'call', id: taking.from };
  const attempt = openAttempt(work, { anchor: taking.anchor, target, forget: true });
  forgetFlow(work, attempt);
  return attempt;
}

/** The leg is not to be had. */
export function failTaking(work: Work, id: string, code: string): void {
  const taking = work.m.takings[id];
  if (!taking) return;
  delete work.m.takings[id];
  cancelTimer(work, taking.timer);
  if (taking.leg) delete work.m.legs[taking.leg];
  finishControl(work, taking, false, code);
}

function finishControl(work: Work, taking: Taking, ok: boolean, code: string): void {
  if (taking.control) fact(work, { type: 'control.done', id: taking.control, action: 'join', ok, code });
}

/** What an offer says of a leg. */
export function describeLeg(work: Work, id: string): OfferedLeg | null {
  const leg = legOf(work, id);
  const party = partyOf(work, leg?.party ?? null);
  if (!leg || !party) return null;
  return {
    leg: id,
    instance: leg.instance,
    direction: leg.direction,
    answered: leg.life === 'answered',
    answeredAt: leg.answeredAt,
    startedAt: leg.startedAt,
    coordinates: party.coordinates,
    ...(leg.sipCallId ? { sipCallId: leg.sipCallId } : {}),
    ...(leg.codec ? { codec: leg.codec } : {}),
    ...(leg.trunk ? { trunk: leg.trunk } : {}),
    ...(leg.holds?.includes('phone') ? { held: true } : {}),
    ...(leg.limit ? { limit: limitOf(leg.limit) } : {}),
    lastNumber: leg.processed,
  };
}

const limitOf = ({ timer: _ours, warned: _said, ...limit }: NonNullable<LegState['limit']>) => limit;
