/**
 * What a waiting caller hears: music, and announcements in between; keys are listened to all the while. One operation at a time plays
 * or listens; when it has come back the next one begins.
 */
import type { MediaResult, Prompt } from '../protocol/index.ts';
import { afterAnswer } from './legs.ts';
import { isWaiting, type QueueWait, waitsOf } from './queue-wait.ts';
import { placePrompt } from './queue-words.ts';
import {
  cancelTimer,
  collectKeys,
  isAlive,
  legOf,
  legOp,
  liveLeg,
  nextId,
  sendToPool,
  startTimer,
  type Work,
} from './work.ts';

/** The longest that one operation may listen; then the next one does. */
const LISTEN_MS = 600_000;

/** Let the caller hear what is due, else music: as soon as his leg is answered and ours. */
export function beginSound(work: Work, wait: QueueWait): void {
  const caller = liveLeg(work, wait.party);
  if (caller) afterAnswer(work, caller.id, { next: 'queue', wait: wait.id });
}

/** The leg is ready: begin the next sound, unless one is under way. */
export function sound(work: Work, id: string): void {
  const wait = work.m.waits?.[id];
  const caller = liveLeg(work, wait?.party ?? null);
  if (!wait || !caller || !isWaiting(work, wait) || wait.sound || caller.leg.giving || caller.leg.cut) return;
  const prompts = takeDue(work, wait);
  if (prompts.length > 0) say(work, wait, caller.id, prompts);
  else comfort(work, wait, caller.id);
}

function takeDue(work: Work, wait: QueueWait): Prompt[] {
  const { queue, place, due } = wait;
  wait.due = [];
  const { language } = work.m.start.locale;
  const quiet = queue.quietFirst === true && place?.position === 1;
  return due.flatMap((what) => {
    if (quiet && what !== 'entry') return [];
    const prompt =
      what === 'entry'
        ? queue.entryPrompt
        : what === 'periodic'
          ? queue.periodicPrompt
          : place && placePrompt(place, queue, language);
    return prompt ? [prompt] : [];
  });
}

const keysOf = ({ queue, deaf }: QueueWait): string[] =>
  deaf ? [] : [queue.exitKey, queue.callbackKey].filter((key) => key !== null);

function say(work: Work, wait: QueueWait, leg: string, prompts: Prompt[]): void {
  const caller = legOf(work, leg);
  if (caller) caller.sounding = false;
  const use = { use: 'queue-sound', wait: wait.id, leg } as const;
  const op =
    keysOf(wait).length > 0
      ? listen(work, wait, leg, prompts, 0)
      : legOp(work, leg, { kind: 'media.play', prompts, clearDigits: false }, use);
  wait.sound = { op, what: 'saying' };
}

function comfort(work: Work, wait: QueueWait, leg: string): void {
  const caller = legOf(work, leg);
  const { comfort: background } = wait.queue;
  if (caller && !(caller.sounding && caller.sound === background)) {
    Object.assign(caller, { sounding: true, sound: background });
    legOp(work, leg, { kind: 'media.background', sound: background }, null);
  }
  if (keysOf(wait).length > 0) wait.sound = { op: listen(work, wait, leg, [], LISTEN_MS), what: 'listening' };
}

/** Without prompts the music goes on while keys are listened to. */
function listen(work: Work, wait: QueueWait, leg: string, prompts: Prompt[], forMs: number): string {
  const entry = {
    prompts,
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: forMs,
    interDigitTimeoutMs: 1000,
    tries: 1,
    accept: keysOf(wait),
    clearDigits: false,
  };
  return collectKeys(work, leg, entry, { use: 'queue-sound', wait: wait.id, leg });
}

/** What was played or listened for has come back: the key that leaves the queue, else the next sound begins. */
export function soundResult(work: Work, id: string, op: string, result: MediaResult): string | null {
  const wait = work.m.waits?.[id];
  if (!wait || wait.sound?.op !== op) return null;
  const { what } = wait.sound;
  wait.sound = null;
  if (result.status === 'gone') return null;
  if (result.status === 'collected') return result.value;
  if (result.status === 'failed' && what === 'listening') wait.deaf = true;
  beginSound(work, wait);
  return null;
}

/** Something is due: what listens is stopped for it, what is being said is heard to its end. */
export function announceDue(work: Work, wait: QueueWait, what: QueueWait['due']): void {
  if (!isWaiting(work, wait)) return;
  wait.due = [...new Set([...wait.due, ...what])];
  if (wait.sound?.what === 'listening') stopOp(work, wait, wait.sound.op);
  else beginSound(work, wait);
}

/** The next announcement, if the queue has any. */
export function armAnnouncement(work: Work, wait: QueueWait): void {
  const { sayPosition, sayWait, periodicPrompt, announceEveryMs } = wait.queue;
  if (!sayPosition && !sayWait && !periodicPrompt) return;
  wait.announceTimer = startTimer(work, announceEveryMs, { use: 'queue', wait: wait.id, what: 'announce' });
}

/** The time between two announcements is over: the place is asked for first where it is to be said. */
export function announceTime(work: Work, wait: QueueWait): void {
  wait.announceTimer = null;
  if (!isWaiting(work, wait)) return;
  const { sayPosition, sayWait, periodicPrompt, quietFirst } = wait.queue;
  if (sayPosition || sayWait || quietFirst) askPlace(work, wait);
  // whether he is first now is known with his place
  if (periodicPrompt && quietFirst) wait.due = [...new Set([...wait.due, 'periodic' as const])];
  else if (periodicPrompt) announceDue(work, wait, ['periodic']);
  armAnnouncement(work, wait);
}

export function askPlace(work: Work, wait: QueueWait): void {
  const message = { id: nextId(work, 'message'), callId: work.callId, request: wait.request };
  sendToPool(work, { type: 'pool.ask-place', ...message });
}

/** The caller waits no more, for whatever reason: nothing of the queue is heard, its clocks stop. */
export function endSound(work: Work, wait: QueueWait): void {
  for (const timer of [wait.limitTimer, wait.announceTimer, wait.staffTimer ?? null]) cancelTimer(work, timer);
  wait.staffTimer = null;
  wait.limitTimer = null;
  wait.announceTimer = null;
  wait.due = [];
  const op = wait.sound?.op;
  wait.sound = null;
  if (!op) return;
  delete work.m.ops[op];
  stopOp(work, wait, op);
}

function stopOp(work: Work, wait: QueueWait, target: string): void {
  const caller = liveLeg(work, wait.party);
  if (caller && isAlive(caller.leg) && !caller.leg.cut) legOp(work, caller.id, { kind: 'media.stop', target }, null);
}

/** The leg is to be offered to another call: what runs on it is stopped, and begins anew should the leg stay. Answers the operations. */
export function pauseSound(work: Work, leg: string): string[] {
  return waitsOf(work).flatMap((wait) => {
    const { sound: running } = wait;
    if (!running || liveLeg(work, wait.party)?.id !== leg) return [];
    wait.sound = null;
    stopOp(work, wait, running.op);
    legOf(work, leg)?.afterAnswer.push({ next: 'queue', wait: wait.id });
    return [running.op];
  });
}
