/**
 * What is heard before two parties are joined: the caller's message before anybody rings, and the greeting of whoever answers, who
 * may have to accept the call by a key (screening, confirmation).
 */
import type { MediaResult, Prompt } from '../protocol/index.ts';
import { acceptPrompt, said, screenedName } from './call-words.ts';
import { afterAnswer, cutLeg, ringBack } from './legs.ts';
import type { Attempt, Greeting, Ring } from './machine.ts';
import { waitedMs, waitOf } from './queue-wait.ts';
import { waitedPrompt } from './queue-words.ts';
import { collectKeys, legOf, legOp, liveLeg, type Work } from './work.ts';

/** Keys of whoever is asked: accept, refuse, to the rule for no answer. */
const KEYS = { accept: '1', refuse: '2', later: '3' } as const;
const ASK_MS = 8000;
const TRIES = 2;

/** Let the caller hear a message before the ringing; unanswered he hears it as early media. The attempt is resolved again after it. */
export function announce(work: Work, attempt: Attempt, prompts: readonly Prompt[]): void {
  const anchor = liveLeg(work, attempt.anchor);
  if (!anchor) return;
  attempt.announced = true;
  attempt.stage = 'resolving';
  anchor.leg.sounding = false;
  if (anchor.leg.life !== 'answered') ringBack(work, anchor.id, true);
  const use = { use: 'announce', attempt: attempt.id, leg: anchor.id } as const;
  legOp(work, anchor.id, { kind: 'media.play', prompts: [...prompts], clearDigits: false }, use);
}

const greetingOf = (work: Work, attempt: Attempt, { userId }: Ring): Greeting | null =>
  queueGreeting(work, attempt) ?? attempt.greeting ?? attempt.greetings?.[userId ?? ''] ?? null;

/** What an agent hears of the call that he has answered: the queue's message, how long its caller has waited, the key to accept. */
function queueGreeting(work: Work, attempt: Attempt): Greeting | null {
  const wait = waitOf(work, attempt);
  if (!wait || wait.stage === 'talking') return null;
  const { agentPrompt, sayWaited, agentConfirm, coordinates } = wait.queue;
  const { language } = work.m.start.locale;
  const prompts = [
    ...(agentPrompt ? [agentPrompt] : []),
    ...(sayWaited ? [waitedPrompt(waitedMs(work, wait), language)] : []),
    ...(agentConfirm ? [acceptPrompt(language, coordinates.name || coordinates.number)] : []),
  ];
  return prompts.length === 0 ? null : { prompts, confirm: agentConfirm === true };
}

/** What a member hears who must accept the call of a group by a key. */
export const acceptGreeting = (work: Work, name: string): Greeting => ({
  prompts: [acceptPrompt(work.m.start.locale.language, name)],
  confirm: true,
});

/** What a user hears who screens his calls: the name that the caller has said. */
export const nameGreeting = (work: Work, recordingId: string): Greeting => ({
  prompts: [screenedName(work.m.start.locale.language, recordingId)],
  confirm: true,
});

const NAME_MS = 8000;
const NAME_SILENCE_MS = 2000;

/** The caller is asked for his name, answered first where he is not. */
export function askName(work: Work, attempt: Attempt): void {
  const anchor = liveLeg(work, attempt.anchor);
  attempt.named = { recordingId: null };
  attempt.stage = 'resolving';
  if (!anchor || !afterAnswer(work, anchor.id, { next: 'name', attempt: attempt.id })) return;
  anchor.leg.sounding = false;
}

/** The caller's leg is answered: what he says is recorded. */
export function recordName(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  const anchor = liveLeg(work, attempt?.anchor ?? null);
  if (!attempt || !anchor) return;
  const prompts = [said(work.m.start.locale.language, 'sayName')];
  const body = {
    kind: 'media.record',
    purpose: { type: 'flow', label: 'screening' },
    beep: true,
    maxMs: NAME_MS,
    minMs: 300,
    silenceMs: NAME_SILENCE_MS,
    terminators: '#',
  } as const;
  legOp(work, anchor.id, { ...body, prompts }, { use: 'name', attempt: id, leg: anchor.id });
}

/** He has said it, or nothing: true when the attempt goes on. */
export function nameRecorded(work: Work, id: string, result: MediaResult): Attempt | null {
  const attempt = work.m.attempts[id];
  if (!attempt?.named || result.status === 'interrupted') return null;
  if (result.status === 'recorded') attempt.named.recordingId = result.recordingId;
  return attempt;
}

/** A leg of the attempt has answered: true when it hears a greeting first. */
export function greets(work: Work, attempt: Attempt, ring: Ring): boolean {
  const greeting = greetingOf(work, attempt, ring);
  if (!greeting) return false;
  if (ring.greeted) return true;
  ring.greeted = true;
  const use = { use: 'greet', attempt: attempt.id, leg: ring.leg } as const;
  const prompts = [...greeting.prompts];
  if (!greeting.confirm) {
    legOp(work, ring.leg, { kind: 'media.play', prompts, clearDigits: true }, use);
    return true;
  }
  const entry = {
    prompts,
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: ASK_MS,
    interDigitTimeoutMs: 1000,
    tries: TRIES,
    accept: Object.values(KEYS),
    clearDigits: true,
  };
  collectKeys(work, ring.leg, entry, use);
  return true;
}

/** The greeting is over: true when the leg is to be joined now; a leg that was not accepted is let go. */
export function greeted(work: Work, attempt: Attempt, id: string, result: MediaResult): boolean {
  const ring = attempt.rings.find((one) => one.leg === id);
  const leg = legOf(work, id);
  if (!ring || !leg || leg.cut) return false;
  const { confirm } = greetingOf(work, attempt, ring) ?? { confirm: false };
  if (result.status === 'done' || (!confirm && result.status === 'failed')) return true;
  if (result.status === 'collected' && result.value === KEYS.accept) return true;
  const refused = result.status === 'collected' && result.value === KEYS.refuse;
  cutLeg(work, id, refused ? 'rejected' : 'no-answer');
  return false;
}
