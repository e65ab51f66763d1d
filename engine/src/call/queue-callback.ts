/**
 * A callback that keeps the place: the caller has left the queue by its key and hangs up; the call stays, without a leg, in his place.
 * When an agent is granted he is rung first, accepts by a key where the queue says so, then the caller is dialled for him. An agent who does
 * not answer is offered as in the queue; a caller who does not is tried again after a pause, in his old place, as often as the queue says.
 */
import type { IoResult, MediaResult, Message } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { callBackPrompt } from './call-words.ts';
import { cutLeg, dialParty } from './legs.ts';
import type { CallMachine } from './machine.ts';
import { type QueueWait, waitedMs, waitsOf } from './queue-wait.ts';
import {
  cancelTimer,
  chance,
  collectKeys,
  fact,
  legOf,
  nextId,
  partyNumber,
  partyOf,
  sendToPool,
  startTimer,
  type Work,
} from './work.ts';

/** A callback that nobody had time for until then is given up. */
const LONGEST_MS = 43_200_000;
/** No media instance takes calls: tried again after this time. */
const AGAIN_MS = 10_000;
const RING_CALLER_MS = 40_000;
const NUMBER = /^\+?[0-9*#]{2,32}$/;

/** The flow asks for its caller to be called back under this number; false when no place is kept for him. */
export function startCallback(work: Work, ask: { readonly id: string; readonly number: string }): void {
  const kept = waitsOf(work).findLast((wait) => wait.stage === 'away' && wait.party === work.m.flow?.caller);
  const ok = kept !== undefined && NUMBER.test(ask.number);
  if (ok) {
    kept.stage = 'callback';
    kept.callback = { number: ask.number, stage: 'registered', grant: null, userId: null, leg: null };
    kept.limitTimer = startTimer(work, LONGEST_MS, { use: 'queue', wait: kept.id, what: 'limit' });
    tell(work, kept, 'requested');
  }
  const outcome = ok ? 'completed' : 'not-found';
  work.m.asks[ask.id] = { kind: 'callback', op: null, timer: null, attempt: null, spec: null };
  delete work.m.asks[ask.id];
  work.notes.push({ note: 'reply', reply: { reply: 'connect', id: ask.id, outcome, userId: null, talkMs: 0 } });
}

type Step = 'requested' | 'unreached' | 'given-up';

function tell(work: Work, wait: QueueWait, step: Step): void {
  const { id: queueId } = wait.queue;
  fact(work, { type: 'queue.callback', queueId, party: partyNumber(work, wait.party), step });
}

/** The call is to go on without its caller. */
export const callbackPending = (m: CallMachine): QueueWait | null =>
  Object.values(m.waits ?? {}).find((wait) => wait.stage === 'callback') ?? null;

/** The caller has left: from here on his place is served. True while somebody is to be called back. */
export function callerLeftForCallback(work: Work): boolean {
  const wait = callbackPending(work.m);
  if (!wait?.callback) return false;
  if (wait.callback.stage === 'registered') {
    wait.callback.stage = 'waiting';
    away(work, wait, false);
  }
  return true;
}

function away(work: Work, wait: QueueWait, isAway: boolean): void {
  const message = { id: nextId(work, 'message'), callId: work.callId, request: wait.request };
  sendToPool(work, { type: 'pool.away', ...message, away: isAway });
}

/** True when the grant was for a callback: a media instance is looked up to ring the agent from. */
export function callbackGranted(work: Work, message: Extract<Message, { type: 'pool.grant' }>): boolean {
  const wait = waitsOf(work).find((one) => one.request === message.request && one.stage === 'callback');
  const callback = wait?.callback;
  if (!wait || !callback || callback.stage !== 'waiting') return false;
  const { grant, userId } = message;
  Object.assign(callback, { stage: 'ringing', grant, userId });
  sendToPool(work, { type: 'pool.confirm', id: nextId(work, 'message'), callId: work.callId, grant });
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'callback', wait: wait.id, leg: null };
  work.commands.push({ kind: 'io.lookup', op, lookup: { what: 'instance' } });
  return true;
}

/** The instance: the agent is rung, shown who is to be called back. */
export function callbackInstance(work: Work, id: string, result: IoResult | MediaResult): void {
  const wait = work.m.waits?.[id];
  const callback = wait?.callback;
  if (!wait || callback?.stage !== 'ringing' || callback.userId === null) return;
  if (result.status !== 'instance') {
    release(work, wait);
    away(work, wait, true);
    wait.announceTimer = startTimer(work, AGAIN_MS, { use: 'queue', wait: id, what: 'announce' });
    return;
  }
  const { userId } = callback;
  const coordinates = wait.queue.agents[userId] ?? {
    type: 'user',
    id: userId,
    entityNumber: null,
    number: '',
    name: '',
  };
  const name = partyOf(work, wait.party)?.coordinates.name ?? '';
  callback.leg = dialParty(work, {
    role: 'called',
    coordinates,
    target: { type: 'user', userId },
    instance: result.instance,
    callerId: { number: callback.number, name },
    ringTimeoutMs: wait.queue.rules.ringMs,
    autoAnswer: false,
  });
  const party = partyNumber(work, wait.party);
  fact(work, { type: 'queue.offered', queueId: wait.queue.id, party, userId, waitedMs: waitedMs(work, wait) });
}

/** An instance may be there again. */
export function callbackAgain(work: Work, wait: QueueWait): void {
  if (wait.callback?.stage === 'resting') enqueueAgain(work, wait);
  else if (wait.callback?.stage === 'waiting') away(work, wait, false);
}

/** The grant goes back; the place waits on. */
function release(work: Work, wait: QueueWait, missed = false): void {
  const { callback, request } = wait;
  if (!callback) return;
  const { grant } = callback;
  Object.assign(callback, { stage: 'waiting', grant: null, userId: null, leg: null });
  if (grant === null) return;
  const message = { id: nextId(work, 'message'), callId: work.callId, grant };
  sendToPool(work, missed ? { type: 'pool.next', ...message, request } : { type: 'pool.return', ...message });
}

const ofLeg = (work: Work, leg: string): QueueWait | null =>
  waitsOf(work).find((wait) => wait.callback?.leg === leg) ?? null;

const CONFIRM = '1';
const CONFIRM_MS = 8000;

/** The agent has answered: he is asked first where the queue says so, or the caller is dialled for him. */
export function callbackAnswered(work: Work, leg: string): void {
  const wait = ofLeg(work, leg);
  const { callback } = wait ?? {};
  if (!wait || callback?.stage !== 'ringing') return;
  if (!wait.queue.callbackConfirm) {
    dialCaller(work, leg);
    return;
  }
  callback.stage = 'confirming';
  const entry = {
    prompts: [callBackPrompt(work.m.start.locale.language, callback.number)],
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: CONFIRM_MS,
    interDigitTimeoutMs: 1000,
    tries: 2,
    accept: [CONFIRM],
    clearDigits: true,
  };
  collectKeys(work, leg, entry, { use: 'callback-confirm', leg });
}

/** The agent has been asked: who does not accept is let go, and the next one is offered. */
export function callbackConfirmed(work: Work, leg: string, result: MediaResult): void {
  if (ofLeg(work, leg)?.callback?.stage !== 'confirming') return;
  if (result.status === 'collected' && result.value === CONFIRM) dialCaller(work, leg);
  else cutLeg(work, leg, 'no-answer');
}

/** The agent has it: the caller is dialled for him. */
function dialCaller(work: Work, leg: string): void {
  const wait = ofLeg(work, leg);
  const party = partyOf(work, legOf(work, leg)?.party ?? null);
  const { callback } = wait ?? {};
  if (!wait || !party || !callback?.grant || !callback.userId) return;
  const { grant, userId, number } = callback;
  const message = { callId: work.callId };
  party.grant = grant;
  sendToPool(work, { type: 'pool.withdraw', id: nextId(work, 'message'), ...message, request: wait.request });
  sendToPool(work, { type: 'pool.answered', id: nextId(work, 'message'), ...message, grant });
  const { id: queueId, coordinates } = wait.queue;
  const told = { queueId, party: partyNumber(work, wait.party), userId, waitedMs: waitedMs(work, wait) };
  fact(work, { type: 'queue.answered', ...told });
  const attempt = openAttempt(work, {
    anchor: party.n,
    target: { type: 'number', id: number },
    forget: true,
    account: null,
    ringTimeoutMs: RING_CALLER_MS,
    callerId: { number: work.m.start.called.number.slice(0, 64), name: coordinates.name.slice(0, 200) },
  });
  Object.assign(callback, { stage: 'dialling', attempt: attempt.id, tries: (callback.tries ?? 0) + 1, leg: null });
  callback.grant = null;
  work.notes.push({ note: 'resolve', attempt: attempt.id });
}

const dialling = (work: Work, attempt: string): QueueWait | null =>
  waitsOf(work).find((wait) => wait.callback?.stage === 'dialling' && wait.callback.attempt === attempt) ?? null;

/** The caller talks with the agent: there is nobody left to be called back. */
export function callbackReached(work: Work, attempt: string): void {
  const wait = dialling(work, attempt);
  if (!wait) return;
  cancelTimer(work, wait.limitTimer);
  delete work.m.waits?.[wait.id];
}

/** The caller was not reached, or the agent has gone before: he is tried again while tries are left. True when he is. */
export function callbackFailed(work: Work, attempt: string): boolean {
  const wait = dialling(work, attempt);
  const { callback } = wait ?? {};
  if (!wait || !callback) return false;
  const { callbackTries = 1, callbackRetryMs = AGAIN_MS } = wait.queue;
  if ((callback.tries ?? 0) >= callbackTries || work.m.life === 'ending') {
    cancelTimer(work, wait.limitTimer);
    delete work.m.waits?.[wait.id];
    tell(work, wait, 'given-up');
    return false;
  }
  tell(work, wait, 'unreached');
  Object.assign(callback, { stage: 'resting', attempt: null, userId: null });
  wait.announceTimer = startTimer(work, callbackRetryMs, { use: 'queue', wait: wait.id, what: 'announce' });
  return true;
}

/** Back into the pool, in the place he has by the time he came. */
function enqueueAgain(work: Work, wait: QueueWait): void {
  wait.request = nextId(work, 'pool');
  if (wait.callback) wait.callback.stage = 'waiting';
  sendToPool(work, {
    type: 'pool.enqueue',
    id: nextId(work, 'message'),
    callId: work.callId,
    request: wait.request,
    queueId: wait.queue.id,
    enteredAt: wait.enteredAt,
    rules: wait.queue.rules,
    needs: wait.needs,
    seed: chance(work),
  });
}

/** The agent did not take the callback: the next one is offered. */
export function callbackMissed(work: Work, leg: string): void {
  const wait = ofLeg(work, leg);
  const userId = wait?.callback?.userId;
  if (!wait || !userId) return;
  fact(work, { type: 'queue.missed', queueId: wait.queue.id, party: partyNumber(work, wait.party), userId });
  release(work, wait, true);
}

/** The callback is given up: by a command, or after its longest time. */
export function dropCallbacks(work: Work): void {
  for (const wait of waitsOf(work)) {
    const { callback } = wait;
    if (wait.stage !== 'callback' || !callback) continue;
    if (callback.stage === 'dialling') {
      // it goes to its end, and is not tried again
      cancelTimer(work, wait.limitTimer);
      delete work.m.waits?.[wait.id];
      continue;
    }
    if (callback.leg) cutLeg(work, callback.leg, 'cancelled');
    tell(work, wait, 'given-up');
    release(work, wait);
    wait.stage = 'away';
  }
}
