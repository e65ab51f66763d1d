/** A call between two named parties: the first has answered, now the second is called for him. No flow runs. */
import { openAttempt, targetOf } from './attempt.ts';
import { announce } from './greeting.ts';
import type { Work } from './work.ts';

/** Call the second party with the first as its anchor. False when the call is not one between two. */
export function callSecond(work: Work): boolean {
  const second = work.m.second;
  if (!second) return false;
  work.m.second = null;
  const { to, ringTimeoutMs, callerId, firstPrompts, secondPrompts, autoAnswer, maxTalkMs, record } = second;
  const attempt = openAttempt(work, {
    anchor: work.m.first ?? 1,
    target: targetOf(to),
    ringTimeoutMs,
    callerId,
    autoAnswer,
    maxTalkMs,
    ...(record ? { record } : {}),
    greeting: secondPrompts.length > 0 ? { prompts: secondPrompts, confirm: false } : null,
    forget: true,
  });
  if (firstPrompts.length > 0) {
    announce(work, attempt, firstPrompts);
    // the second party's own message is still to come
    attempt.announced = false;
  } else work.notes.push({ note: 'resolve', attempt: attempt.id });
  return true;
}
