/** Routing of notes: what one part of the call machine says, handed to the part it concerns. */
import type { Coordinates } from '../protocol/index.ts';
import { askResult, performAsk, takeAsk } from './asks.ts';
import { resolveAttempt, sendRefer } from './attempt.ts';
import { discardAttempt, endAttempt } from './attempt-end.ts';
import { sendBring } from './bringing.ts';
import { nextCallLife } from './call-life.ts';
import { askTarget, completeConsult, consultOver, keysPressed, watchKeys, watchRoomKeys } from './consult.ts';
import { beginEnd } from './ending.ts';
import { leaveFlow, replyToFlow, runFlow } from './flow-run.ts';
import { missed } from './forwarding.ts';
import { answerHeldAsks, cancelGiving } from './giving.ts';
import { recordName } from './greeting.ts';
import { settleHold, talkOf } from './hold.ts';
import { armLimit, disarmLimit } from './limit.ts';
import type { Attempt, LegState } from './machine.ts';
import { mixLeft } from './mix.ts';
import { settleMix } from './mix-state.ts';
import { callbackAnswered, callbackFailed, callbackMissed, callbackReached, dropCallbacks } from './queue-callback.ts';
import { sound } from './queue-sound.ts';
import { recordCall, recordingFailed, recordingOver } from './recording.ts';
import { mindRecording, recordKeys, talkRecorded } from './recording-policy.ts';
import { phoneDeflects, referred } from './redirect.ts';
import { ringAnswered, ringEnded, ringHeard } from './ring.ts';
import { cutSaying, sayingOver } from './saying.ts';
import { callSecond } from './second-party.ts';
import { supervise, supervisionOver, supervisorPressed } from './supervision.ts';
import { failTaking } from './taking.ts';
import { bridge, peerLeft } from './talk.ts';
import { legOf, legOp, type Note, type Work } from './work.ts';

/** Notes routed in one step; more means that parts of the machine chase each other. */
const MAX_NOTES = 5000;

/** Route notes until none is left. */
export function route(work: Work): void {
  for (let taken = 0; work.notes.length > 0; taken += 1) {
    if (taken === MAX_NOTES) {
      work.notes.length = 0;
      beginEnd(work, 'failed', 'platform');
    }
    const note = work.notes.shift();
    if (note) handle(work, note);
  }
}

function handle(work: Work, note: Note): void {
  switch (note.note) {
    case 'ask':
      takeAsk(work, note.ask);
      return;
    case 'reply':
      replyToFlow(work, note.reply);
      return;
    case 'leg.ringing':
      eachRinging(work, note.leg, ringHeard);
      return;
    case 'leg.answered':
      answered(work, note.leg);
      return;
    case 'leg.ready':
      ready(work, note.leg);
      return;
    case 'leg.limited':
      armLimit(work, note.leg);
      return;
    case 'leg.ended':
      legOver(work, note.leg);
      return;
    case 'hold':
      settleTalk(work, note.leg);
      return;
    case 'refer':
      referred(work, note.leg, note.refer);
      return;
    case 'serve':
      serve(work, note.revision, note.caller, note.called);
      return;
    case 'give-up':
      dropCallbacks(work);
      return;
    case 'first-answered':
      firstAnswered(work, work.m.first ?? 1);
      return;
    case 'drop-flow':
      leaveFlow(work);
      return;
    case 'resolve':
    case 'rejoin':
    case 'broken':
    case 'missed':
    case 'consult-over':
    case 'parted':
    case 'joined':
      aboutAttempt(work, note);
      return;
    case 'in-room':
      watchRoomKeys(work, note.party);
      return;
    case 'feature':
      if (supervisorPressed(work, note.leg, note.name) || recordKeys(work, note.leg, note.name)) return;
      keysPressed(work, note.leg, note.name);
      return;
    case 'tap-ended':
      recordingFailed(work, note.leg, note.ended);
      return;
    case 'talk-over':
      talkRecorded(work);
      return;
    case 'deflected':
      phoneDeflects(work, note.leg, note.target);
      return;
    case 'held':
      // What the move cut short is done again; what had ended in time counts.
      if (note.result && note.result.status !== 'interrupted') askResult(work, note.ask, note.result);
      else performAsk(work, note.leg, note.ask);
      return;
    default:
      // who was to be called back is tried again
      if (note.of && callbackFailed(work, note.of)) return;
      beginEnd(work, note.cause, note.by);
      return;
  }
}

function legOver(work: Work, leg: string): void {
  recordingOver(work, leg);
  sayingOver(work, leg);
  supervisionOver(work, leg);
  ended(work, leg);
}

function settleTalk(work: Work, leg: string): void {
  const talk = talkOf(work, leg);
  if (talk) settleHold(work, talk);
}

/** As was asked for when the call was placed. */
function recordFromStart(work: Work, attempt: Attempt): void {
  attempt.record = false;
  recordCall(work, { act: 'start', leg: null, announce: true }, 'order');
}

type AttemptNote = Extract<Note, { readonly attempt: string }>;

/** What concerns an attempt; one that is gone meanwhile has nothing to hear. */
function aboutAttempt(work: Work, note: AttemptNote): void {
  const attempt = work.m.attempts[note.attempt];
  if (!attempt) return;
  if (note.note === 'resolve') resolveAttempt(work, attempt);
  else if (note.note === 'rejoin') bridge(work, attempt.id);
  else if (note.note === 'broken') endAttempt(work, attempt, 'failed');
  else if (note.note === 'consult-over') consultOver(work, attempt.id);
  else if (note.note === 'parted') askTarget(work, attempt);
  else if (note.note === 'joined') {
    callbackReached(work, attempt.id);
    if (attempt.record) recordFromStart(work, attempt);
    watchKeys(work, attempt);
    mindRecording(work, attempt);
    answerHeldAsks(work);
  } else if (note.note === 'missed' && attempt.stage === 'ringing') missed(work, attempt, note.outcome);
}

function serve(work: Work, revision: string, caller: number, called?: Coordinates): void {
  work.m.life = nextCallLife(work.m.life, 'serve');
  if (work.m.life === 'serving') runFlow(work, revision, caller, called);
}

function eachRinging(work: Work, leg: string, then: (work: Work, attempt: Attempt, leg: string) => void): void {
  const attempts = Object.values(work.m.attempts);
  const attempt = attempts.find((one) => one.rings.some((ring) => ring.leg === leg));
  if (attempt) then(work, attempt, leg);
}

function answered(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (!leg || leg.cut) return;
  if (leg.party === 1) {
    work.m.account.answeredAt ??= leg.answeredAt;
    firstAnswered(work, 1);
  }
  callbackAnswered(work, id);
  eachRinging(work, id, ringAnswered);
}

/** Whom the call is made for has answered. */
function firstAnswered(work: Work, party: number): void {
  if (work.m.life !== 'reaching') return;
  if (work.m.second) reachSecond(work);
  else serve(work, work.m.start.revision, party);
}

/** The first of two has answered. */
function reachSecond(work: Work): void {
  work.m.life = nextCallLife(work.m.life, 'serve');
  if (work.m.life === 'serving') callSecond(work);
}

/** The leg is up and ours: what waited for it goes on, in order. */
function ready(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (leg?.life !== 'answered' || leg.cut || leg.giving || leg.taking) return;
  if (leg.saying) {
    // an ask of the flow comes after it, somebody to talk with does not wait
    if (leg.afterAnswer.some(({ next }) => next === 'bridge' || next === 'mix' || next === 'bring'))
      cutSaying(work, id);
    return;
  }
  const waiting = leg.afterAnswer;
  leg.afterAnswer = [];
  for (const then of waiting) {
    if (then.next === 'ask') performAsk(work, id, then.ask);
    else if (then.next === 'bridge') bridge(work, then.attempt);
    else if (then.next === 'queue') sound(work, then.wait);
    else if (then.next === 'bring') sendBring(work, then.bringing);
    else if (then.next === 'name') recordName(work, then.attempt);
    else if (then.next === 'mix') mixSettled(work, then.attempt);
    else if (then.next === 'refer') sendRefer(work, then.attempt);
    else if (then.next === 'supervise') supervise(work, id);
    else if (leg.sounding) {
      const { sound: kind, prompt } = then;
      legOp(work, id, { kind: 'media.background', sound: kind, ...(prompt ? { prompt } : {}) }, null);
    }
  }
}

function mixSettled(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  if (attempt) settleMix(work, attempt);
}

/** A leg has ended: whoever counted on it is told. */
function ended(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (!leg) return;
  disarmLimit(work, leg);
  if (leg.taking) failTaking(work, leg.taking, 'ended');
  if (leg.giving) cancelGiving(work, leg.giving);
  if (completeConsult(work, leg.party)) return;
  callbackMissed(work, id);
  let goesOn = false;
  for (const attempt of Object.values(work.m.attempts)) {
    if (!work.m.attempts[attempt.id]) continue;
    if (attempt.rings.some((ring) => ring.leg === id)) ringEnded(work, attempt, id);
    else if (mixLeft(work, attempt, leg.party)) goesOn = true;
    else if (attempt.peer === leg.party) peerLeft(work, attempt, leg.cause === 'media-lost');
    else if (attempt.anchor !== leg.party) continue;
    else if (callbackFailed(work, attempt.id)) discardAttempt(work, attempt, 'cancelled');
    else anchorLeft(work, leg);
  }
  if (goesOn) return;
  const serves = work.m.flow ? work.m.flow.caller === leg.party : work.m.life === 'reaching' && leg.party === 1;
  if (serves) anchorLeft(work, leg);
}

/** The party the call is about has left: the call is over, and it was this party's doing unless we cut it. */
function anchorLeft(work: Work, leg: LegState): void {
  const remote = work.m.life === 'reaching' ? 'called' : 'calling';
  beginEnd(work, leg.cause ?? 'failed', leg.endedBy === 'remote' ? remote : 'platform');
}
