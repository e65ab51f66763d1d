/**
 * Waiting in a queue: the caller enters the company's pool with his place, hears music and announcements, and is joined with the agent
 * who answers. Whoever leaves by the queue's key keeps his place and comes back to it; the pool decides who is offered to whom.
 */
import type { Ask } from '../define/ask.ts';
import type { IoResult, JsonValue, MediaResult, Message, Queue, QueueOutcome } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { discardAttempt } from './attempt-end.ts';
import type { Attempt } from './machine.ts';
import { callbackAgain } from './queue-callback.ts';
import { replyQueue, tellLeft } from './queue-end.ts';
import {
  announceDue,
  announceTime,
  armAnnouncement,
  askPlace,
  beginSound,
  endSound,
  soundResult,
} from './queue-sound.ts';
import { isStaffed, isWaiting, type QueueWait, waitedMs, waitsOf } from './queue-wait.ts';
import { ringQueue } from './ring.ts';
import {
  cancelTimer,
  chance,
  fact,
  nextId,
  POOL_SILENCE_MS,
  partyNumber,
  partyOf,
  sendToPool,
  startTimer,
  type Work,
} from './work.ts';

type QueueAsk = Extract<Ask, { ask: 'queue' }>;

/** The flow's caller has come to a queue: it is looked up first. */
export function startQueue(work: Work, ask: QueueAsk): void {
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'queue', ask: ask.id, leg: null };
  const spec = ask as unknown as JsonValue;
  work.m.asks[ask.id] = { kind: 'queue', op, timer: null, attempt: null, spec };
  const caller = partyOf(work, work.m.flow?.caller ?? null)?.coordinates.number ?? '';
  work.commands.push({ kind: 'io.lookup', op, lookup: { what: 'queue', id: ask.queue.slice(0, 400), caller } });
}

/** The queue as it is now. */
export function queueFound(work: Work, id: string, result: IoResult | MediaResult): void {
  const open = work.m.asks[id];
  const caller = work.m.flow?.caller;
  if (!open || caller === undefined) return;
  if (result.status !== 'queue') {
    const outcome = result.status === 'not-found' ? 'not-found' : 'failed';
    delete work.m.asks[id];
    work.notes.push({ note: 'reply', reply: { reply: 'queue', id, outcome, userId: null, waitedMs: 0, talkMs: 0 } });
    return;
  }
  const ask = open.spec as unknown as QueueAsk;
  const { queue, vip, last, enteredAt } = result;
  const wait = keptPlace(work, queue, caller) ?? newWait(work, queue, caller, enteredAt);
  Object.assign(wait, { ask: id, queue, maxWaitMs: ask.maxWaitMs ?? queue.maxWaitMs });
  open.op = null;
  open.attempt = enter(work, wait, { ...ask, needs: needsOf(ask.needs, vip === true, last) }).id;
}

/** Before everybody whom nobody prefers. */
const VIP_PRIORITY = 1000;

/** What the flow asks for, and what the company knows of this caller: whom the flow prefers comes before who served him last. */
const needsOf = (needs: QueueAsk['needs'], vip: boolean, last: string | undefined): QueueAsk['needs'] => ({
  ...needs,
  ...(vip ? { priority: VIP_PRIORITY } : {}),
  ...(last === undefined ? {} : { preferred: [...new Set([...needs.preferred, last])].slice(0, 20) }),
});

function keptPlace(work: Work, queue: Queue, party: number): QueueWait | null {
  return waitsOf(work).find((one) => one.stage === 'away' && one.queue.id === queue.id && one.party === party) ?? null;
}

function newWait(work: Work, queue: Queue, party: number, enteredAt = work.at): QueueWait {
  const wait: QueueWait = {
    id: nextId(work, 'queue'),
    ask: null,
    party,
    attempt: null,
    queue,
    needs: { priority: 0, skills: [], preferred: [] },
    maxWaitMs: null,
    request: nextId(work, 'pool'),
    enteredAt: Math.min(enteredAt, work.at),
    stage: 'entering',
    again: false,
    staff: null,
    place: null,
    sound: null,
    due: [],
    deaf: false,
    answeredMs: null,
    limitTimer: null,
    announceTimer: null,
  };
  work.m.waits = { ...work.m.waits, [wait.id]: wait };
  return wait;
}

/** Into the pool, or back to the place there; the pool's answers decide whether he may stay. */
function enter(work: Work, wait: QueueWait, ask: QueueAsk): Attempt {
  const { queue, request, party, enteredAt } = wait;
  const attempt = openAttempt(work, {
    anchor: party,
    target: { type: 'queue', id: queue.id },
    ask: ask.id,
    callerId: ask.callerId,
    comfort: queue.comfort,
    ringTimeoutMs: queue.rules.ringMs,
    queue: wait.id,
    request,
    ...(queue.namePrefix ? { namePrefix: queue.namePrefix } : {}),
    ...(queue.alert ? { alert: queue.alert } : {}),
  });
  wait.attempt = attempt.id;
  wait.again = wait.stage === 'away';
  wait.stage = 'entering';
  attempt.timers.push(startTimer(work, POOL_SILENCE_MS, { use: 'attempt', attempt: attempt.id, what: 'pool' }));
  ringQueue(work, attempt, queue.agents);
  const message = { callId: work.callId, request };
  if (wait.again) sendToPool(work, { type: 'pool.away', id: nextId(work, 'message'), ...message, away: false });
  else {
    wait.needs = ask.needs;
    sendToPool(work, {
      type: 'pool.enqueue',
      id: nextId(work, 'message'),
      ...message,
      queueId: queue.id,
      enteredAt,
      rules: queue.rules,
      needs: wait.needs,
      seed: chance(work),
    });
  }
  askPlace(work, wait);
  if (wait.maxWaitMs !== null) {
    const leftMs = Math.max(0, wait.maxWaitMs - waitedMs(work, wait));
    wait.limitTimer = startTimer(work, leftMs, { use: 'queue', wait: wait.id, what: 'limit' });
  }
  return attempt;
}

/** The pool has told of the place or of the staff. */
export function queueTold(work: Work, message: Extract<Message, { type: 'pool.place' | 'pool.staff' }>): void {
  const wait = waitsOf(work).find((one) => one.request === message.request);
  const attempt = work.m.attempts[wait?.attempt ?? ''];
  if (!wait || !attempt) return;
  attempt.heard = true;
  if (message.type === 'pool.staff') {
    const { loggedIn, ready } = message;
    wait.staff = { loggedIn, ready };
    staffChanged(work, wait, attempt);
    return;
  }
  const { position, waiting, waitMs } = message;
  wait.place = { position, waiting, waitMs };
  if (wait.stage === 'entering') admit(work, wait, attempt);
  else announceDue(work, wait, ['place']);
}

/** Who waits while the staff is too small is sent on, at once or after the queue's patience. */
function staffChanged(work: Work, wait: QueueWait, attempt: Attempt): void {
  const { stay, stayMs = 0 } = wait.queue;
  if (isStaffed(wait, stay)) {
    cancelTimer(work, wait.staffTimer ?? null);
    wait.staffTimer = null;
    return;
  }
  if (!isWaiting(work, wait) || wait.staffTimer) return;
  if (stayMs === 0 && attempt.rings.length === 0) leave(work, wait, 'empty');
  else armStaff(work, wait, stayMs);
}

/** An agent who rings may still answer: he is waited for. */
const RINGING_MS = 1000;

function armStaff(work: Work, wait: QueueWait, ms: number): void {
  wait.staffTimer = startTimer(work, Math.max(RINGING_MS, ms), { use: 'queue', wait: wait.id, what: 'staff' });
}

function staffTime(work: Work, wait: QueueWait): void {
  wait.staffTimer = null;
  if (!isWaiting(work, wait) || isStaffed(wait, wait.queue.stay)) return;
  const rings = work.m.attempts[wait.attempt ?? '']?.rings ?? [];
  if (rings.length > 0) armStaff(work, wait, RINGING_MS);
  else leave(work, wait, 'empty');
}

/** Place and staff are known: he stays, or the queue does not take him. */
function admit(work: Work, wait: QueueWait, attempt: Attempt): void {
  const { queue, place, again } = wait;
  if (!place) return;
  const offered = attempt.stage !== 'ringing' || attempt.rings.length > 0;
  if (!offered && !again && !isStaffed(wait, queue.join)) {
    leave(work, wait, 'empty');
    return;
  }
  if (!offered && !again && queue.maxWaiting !== null && place.waiting > queue.maxWaiting) {
    leave(work, wait, 'full');
    return;
  }
  if (attempt.stage === 'ringing') wait.stage = 'waiting';
  const { position, waiting } = place;
  const party = partyNumber(work, wait.party);
  const { id: queueId, coordinates } = queue;
  fact(work, { type: 'queue.entered', queueId, party, coordinates, position, waiting, again });
  wait.due = again ? ['place'] : ['entry', 'place'];
  beginSound(work, wait);
  armAnnouncement(work, wait);
  staffChanged(work, wait, attempt);
}

/** A clock of the queue has run out. */
export function queueTimer(work: Work, id: string, what: 'limit' | 'announce' | 'staff'): void {
  const wait = work.m.waits?.[id];
  if (!wait) return;
  if (what === 'staff') staffTime(work, wait);
  else if (wait.stage === 'callback') {
    if (what === 'announce') callbackAgain(work, wait);
    else work.notes.push({ note: 'give-up' });
  } else if (what === 'announce') announceTime(work, wait);
  else {
    wait.limitTimer = null;
    if (wait.stage === 'entering' || isWaiting(work, wait)) leave(work, wait, 'timeout');
  }
}

/** What the caller heard has come back; a key of the queue takes him out of it. */
export function queueSoundResult(work: Work, id: string, op: string, result: MediaResult): void {
  const key = soundResult(work, id, op, result);
  const wait = work.m.waits?.[id];
  if (!wait || key === null || !isWaiting(work, wait)) return;
  leave(work, wait, key === wait.queue.callbackKey ? 'callback' : 'exit');
}

/** The caller leaves without an agent. By a key he keeps his place. */
function leave(work: Work, wait: QueueWait, outcome: Exclude<QueueOutcome, 'answered' | 'not-found'>): void {
  const attempt = work.m.attempts[wait.attempt ?? ''] ?? null;
  endSound(work, wait);
  tellLeft(work, wait, outcome);
  if (outcome === 'exit' || outcome === 'callback') {
    const message = { id: nextId(work, 'message'), callId: work.callId, request: wait.request };
    sendToPool(work, { type: 'pool.away', ...message, away: true });
    wait.stage = 'away';
    if (attempt) attempt.request = null;
  } else delete work.m.waits?.[wait.id];
  wait.attempt = null;
  if (attempt) discardAttempt(work, attempt, 'cancelled');
  replyQueue(work, wait, outcome, attempt);
}

/** A command gives whoever waits another priority. */
export function prioritise(work: Work, priority: number): string {
  const waits = waitsOf(work).filter((wait) => wait.stage !== 'talking');
  for (const wait of waits) {
    wait.needs = { ...wait.needs, priority };
    const message = { id: nextId(work, 'message'), callId: work.callId, request: wait.request };
    sendToPool(work, { type: 'pool.prioritise', ...message, priority });
  }
  return waits.length > 0 ? 'done' : 'not-queued';
}
