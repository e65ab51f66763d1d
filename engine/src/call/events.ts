/** Events: each is handed to the part of the call machine that waits for it; late and repeated ones change nothing. */
import type { EngineEvent, IoResult, JsonValue, MediaResult, Message } from '../protocol/index.ts';
import { askResult, askTimer } from './asks.ts';
import { attemptResolved, referResult, resolveAttempt } from './attempt.ts';
import { grantRevoked } from './attempt-end.ts';
import { brought, failBringing, ringingFound, supervisedFound } from './bringing.ts';
import { targetResult } from './consult.ts';
import { controlled } from './control.ts';
import { beginEnd } from './ending.ts';
import { keepResult, legAsked, legMoved, offerExpired, queuesEvents, stoppedResult } from './giving.ts';
import { nameRecorded } from './greeting.ts';
import { holdResult } from './hold.ts';
import { answerResult, dialResult, endLeg, hangupResult, legNews } from './legs.ts';
import { allowanceResult, limitTimer } from './limit.ts';
import type { OpUse } from './machine.ts';
import { mixResult } from './mix.ts';
import { originAnswered } from './origin.ts';
import { parkTold, slotClaimed } from './park-key.ts';
import { parkResult, parkTimedOut } from './parking.ts';
import { queueFound, queueSoundResult, queueTimer, queueTold } from './queue.ts';
import { callbackConfirmed, callbackGranted, callbackInstance } from './queue-callback.ts';
import { recordResult } from './recording.ts';
import { policyFound } from './recording-policy.ts';
import { told } from './refusal.ts';
import { attemptTimer, greetResult, poolAnswered } from './ring.ts';
import { roomAnswered, toldInRoom, waitsWithMusic } from './room.ts';
import { quietResult, saidResult } from './saying.ts';
import { followEnds, superviseResult } from './supervision.ts';
import { failTaking, offered, takeResult } from './taking.ts';
import { bridgeResult } from './talk.ts';
import { legOf, seenBefore, type Work } from './work.ts';

const LOST = { cause: 'media-lost', sipStatus: null, by: 'network' } as const;

/** Take one event. */
export function takeEvent(work: Work, event: EngineEvent): void {
  switch (event.type) {
    case 'leg':
      takeLeg(work, event);
      return;
    case 'op.result':
      opResult(work, event.op, event.result, false);
      return;
    case 'timer.fired':
      takeTimer(work, event.timer);
      return;
    case 'message':
      if (!seenBefore(work, event.message.id)) takeMessage(work, event.message);
      return;
    case 'control':
      controlled(work, event);
      return;
    case 'instance.lost':
      for (const [id, leg] of Object.entries(work.m.legs)) {
        if (leg.instance === event.instance) endLeg(work, id, LOST, false);
      }
      return;
    case 'call.start':
      return;
  }
}

function takeLeg(work: Work, event: Extract<EngineEvent, { type: 'leg' }>): void {
  const leg = work.m.legs[event.leg];
  if (!leg || event.n <= leg.processed) return;
  const { body } = event;
  const keeps = body.type === 'result' && work.m.ops[body.op]?.use === 'keep';
  const giving = queuesEvents(work, event.leg);
  if (giving && !keeps) {
    giving.queue.push(event as unknown as JsonValue);
    return;
  }
  // What was queued comes before the result that gives the leg back to us.
  if (!keeps) leg.processed = event.n;
  if (body.type === 'result') opResult(work, body.op, body.result, true);
  else if (body.type === 'refer') work.notes.push({ note: 'refer', leg: event.leg, refer: body });
  else legNews(work, event.leg, body);
  leg.processed = Math.max(leg.processed, event.n);
}

function opResult(work: Work, op: string, result: MediaResult | IoResult, numbered: boolean): void {
  const use = work.m.ops[op];
  if (!use) return;
  delete work.m.ops[op];
  if (use.use === 'ask') askResult(work, use.ask, result);
  else if (use.use === 'resolve') attemptResolved(work, use.attempt, result);
  else if (use.use === 'ringing') ringingFound(work, use.ask, result);
  else if (use.use === 'policy') policyFound(work, use.attempt, use.by, result);
  else if (use.use === 'supervised') supervisedFound(work, use, result);
  else if (use.use === 'park') parkResult(work, use.ask, result);
  else if (use.use === 'queue') queueFound(work, use.ask, result);
  else if (use.use === 'claim') slotClaimed(work, use.attempt, result);
  else if (use.use === 'room') roomAnswered(work, use.ask, use.act, result);
  else if (use.use === 'callback') callbackInstance(work, use.wait, result);
  else if (use.use === 'allowance') allowanceResult(work, use.leg, result);
  else mediaResult(work, op, use, asMedia(result), numbered);
  if (result.status === 'gone' && use.leg) goneLeg(work, use);
}

function mediaResult(work: Work, op: string, use: OpUse, result: MediaResult, numbered: boolean): void {
  switch (use.use) {
    case 'answer':
      answerResult(work, use.leg, result);
      return;
    case 'dial':
      dialResult(work, use.leg, result, numbered);
      return;
    case 'hangup':
      hangupResult(work, use.leg, result);
      return;
    case 'bridge':
      bridgeResult(work, use.attempt, result);
      return;
    case 'announce': {
      const attempt = work.m.attempts[use.attempt];
      if (attempt && result.status !== 'interrupted') resolveAttempt(work, attempt);
      return;
    }
    case 'tell':
      told(work, use.attempt, use.outcome, result);
      return;
    case 'name': {
      const attempt = nameRecorded(work, use.attempt, result);
      if (attempt) resolveAttempt(work, attempt);
      return;
    }
    case 'greet':
      greetResult(work, use.attempt, use.leg, result);
      return;
    case 'queue-sound':
      queueSoundResult(work, use.wait, op, result);
      return;
    case 'target':
      targetResult(work, use.attempt, result);
      return;
    case 'hold':
      holdResult(work, use.attempt, result);
      return;
    case 'callback-confirm':
      callbackConfirmed(work, use.leg, result);
      return;
    case 'parked':
      parkTold(work, use.attempt);
      return;
    case 'room-told':
      waitsWithMusic(work, use.ask, use.leg);
      return;
    case 'mix':
      mixResult(work, use.attempt, use.act, use.leg, result);
      return;
    case 'record':
      recordResult(work, use.act, use.leg, result);
      return;
    case 'supervise':
      superviseResult(work, use.leg, use.mode, result);
      return;
    case 'say':
      saidResult(work, use.say, result);
      return;
    case 'say-stop':
      quietResult(work, use.say, op, use.ask, result);
      return;
    case 'refer':
      referResult(work, use.attempt, result);
      return;
    case 'give':
      stoppedResult(work, use.giving, op, use.ask, result);
      return;
    case 'take':
      takeResult(work, use.taking, result);
      return;
    case 'keep':
      for (const queued of keepResult(work, use.giving, result)) takeEvent(work, queued);
      return;
    default:
      return;
  }
}

/** An io answer to a media operation is nobody's intent: the operation has failed. */
function asMedia(result: MediaResult | IoResult): MediaResult {
  if (result.status === 'io-failed') return { status: 'failed', code: result.code, message: result.message };
  const io = ['http', 'user', 'ring-group', 'calendar', 'destination', 'not-found'].includes(result.status);
  return io ? { status: 'failed', code: 'failed', message: '' } : (result as MediaResult);
}

/** The instance does not know the leg: it has ended there. A hang-up may only have overtaken its leg's dial. */
function goneLeg(work: Work, use: OpUse): void {
  const leg = legOf(work, use.leg);
  if (!use.leg || !leg || (use.use === 'hangup' && leg.dialPending)) return;
  if (use.use === 'take' || use.use === 'keep') return;
  endLeg(work, use.leg, use.use === 'hangup' && leg.cut ? { ...LOST, cause: leg.cut } : LOST, false);
}

function takeTimer(work: Work, timer: string): void {
  const use = work.m.timers[timer];
  if (!use) return;
  delete work.m.timers[timer];
  if (use.use === 'ask') askTimer(work, use.ask);
  else if (use.use === 'attempt') attemptTimer(work, use.attempt, use.what, use.left);
  else if (use.use === 'limit') limitTimer(work, use.leg);
  else if (use.use === 'follow') followEnds(work, use.leg);
  else if (use.use === 'giving') offerExpired(work, use.giving);
  else if (use.use === 'parking') parkTimedOut(work);
  else if (use.use === 'queue') queueTimer(work, use.wait, use.what);
  else if (use.use === 'bringing') failBringing(work, use.bringing, 'failed');
  else if (use.use === 'taking') failTaking(work, use.taking, 'timeout');
  else beginEnd(work, 'failed', 'platform');
}

function refuses(work: Work, { ask, from }: Extract<Message, { type: 'leg.refuse' }>): boolean {
  const taking = work.m.takings[ask];
  return taking?.stage === 'asked' && taking.from === from;
}

function takeMessage(work: Work, message: Message): void {
  switch (message.type) {
    case 'leg.ask':
      legAsked(work, message);
      return;
    case 'leg.bring':
      brought(work, message);
      return;
    case 'leg.offer':
      offered(work, message);
      return;
    case 'leg.refuse':
      if (refuses(work, message)) failTaking(work, message.ask, message.reason);
      else failBringing(work, message.ask, 'not-found');
      return;
    case 'room.told':
      toldInRoom(work, message);
      return;
    case 'leg.moved':
      legMoved(work, message);
      return;
    case 'pool.grant':
      if (!originAnswered(work, message) && !callbackGranted(work, message)) poolAnswered(work, message);
      return;
    case 'pool.none':
      if (!originAnswered(work, message)) poolAnswered(work, message);
      return;
    case 'pool.place':
    case 'pool.staff':
      queueTold(work, message);
      return;
    case 'pool.revoked':
      grantRevoked(work, message.grant);
      return;
    default:
      // Words to the pool are not for calls.
      return;
  }
}
