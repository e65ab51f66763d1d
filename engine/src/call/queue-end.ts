/** How a caller's time in a queue ends: an agent answers, the queue or the caller gives up, or the call goes on elsewhere. */
import type { Fact, QueueOutcome } from '../protocol/index.ts';
import type { Attempt } from './machine.ts';
import { endSound } from './queue-sound.ts';
import { type QueueWait, waitedMs, waitOf, waitsOf } from './queue-wait.ts';
import { fact, nextId, partyNumber, sendToPool, type Work } from './work.ts';

type Left = Extract<Fact, { type: 'queue.left' }>['why'];

const tell = (wait: QueueWait) => ({ queueId: wait.queue.id });

export function tellLeft(work: Work, wait: QueueWait, why: Left): void {
  const party = partyNumber(work, wait.party);
  fact(work, { type: 'queue.left', ...tell(wait), party, why, waitedMs: waitedMs(work, wait) });
}

/** The queue itself sees to what its caller hears. */
export const hearsQueue = (work: Work, attempt: Attempt): boolean => openWait(work, attempt) !== null;

/** The time in a queue that nobody has answered yet; an agent may send the caller on afterwards. */
function openWait(work: Work, attempt: Attempt): QueueWait | null {
  const wait = waitOf(work, attempt);
  return wait && wait.stage !== 'talking' ? wait : null;
}

/** An agent of the queue is rung for the attempt. */
export function tellOffered(work: Work, attempt: Attempt, userId: string): void {
  const wait = openWait(work, attempt);
  if (!wait) return;
  const party = partyNumber(work, wait.party);
  fact(work, { type: 'queue.offered', ...tell(wait), party, userId, waitedMs: waitedMs(work, wait) });
}

/** He did not take the call. */
export function tellMissed(work: Work, attempt: Attempt, userId: string | null): void {
  const wait = openWait(work, attempt);
  if (wait && userId !== null)
    fact(work, { type: 'queue.missed', ...tell(wait), party: partyNumber(work, wait.party), userId });
}

/** An agent has answered: the caller hears no more announcements. */
export function queueWon(work: Work, attempt: Attempt, userId: string | null): void {
  const wait = openWait(work, attempt);
  if (!wait || userId === null) return;
  endSound(work, wait);
  wait.stage = 'talking';
  wait.answeredMs = waitedMs(work, wait);
  const party = partyNumber(work, wait.party);
  fact(work, { type: 'queue.answered', ...tell(wait), party, userId, waitedMs: wait.answeredMs });
}

/** The attempt of a queue has come to its end by itself: the flow is told. */
export function queueAttemptEnded(work: Work, attempt: Attempt, completed: boolean): void {
  const wait = waitOf(work, attempt);
  if (!wait) return;
  const answered = wait.answeredMs !== null;
  if (!answered) tellLeft(work, wait, 'failed');
  endSound(work, wait);
  delete work.m.waits?.[wait.id];
  replyQueue(work, wait, answered && completed ? 'answered' : 'failed', attempt);
}

/** The flow's answer. */
export function replyQueue(work: Work, wait: QueueWait, outcome: QueueOutcome, attempt: Attempt | null): void {
  const { ask } = wait;
  if (ask === null || !work.m.asks[ask]) return;
  delete work.m.asks[ask];
  const waited = wait.answeredMs ?? waitedMs(work, wait);
  const { userId = null, talkMs = 0 } = attempt ?? {};
  work.notes.push({ note: 'reply', reply: { reply: 'queue', id: ask, outcome, userId, waitedMs: waited, talkMs } });
}

/** The place is given up. */
export function giveUpPlace(work: Work, wait: QueueWait): void {
  const message = { id: nextId(work, 'message'), callId: work.callId, request: wait.request };
  sendToPool(work, { type: 'pool.withdraw', ...message });
}

function isKept(work: Work, wait: QueueWait): boolean {
  if (wait.stage === 'callback') return work.m.life !== 'ending';
  return wait.stage === 'away' ? work.m.flow !== null : work.m.attempts[wait.attempt ?? ''] !== undefined;
}

/** Ends what nobody waits for any more: the caller has hung up, was sent elsewhere, or will not come back to a place he kept. */
export function settleQueues(work: Work): void {
  for (const wait of waitsOf(work)) {
    if (isKept(work, wait)) continue;
    delete work.m.waits?.[wait.id];
    endSound(work, wait);
    const { grant } = wait.callback ?? {};
    if (grant) sendToPool(work, { type: 'pool.return', id: nextId(work, 'message'), callId: work.callId, grant });
    if (wait.stage === 'away' || wait.stage === 'callback') giveUpPlace(work, wait);
    else if (wait.stage !== 'talking') tellLeft(work, wait, work.m.life === 'ending' ? 'abandoned' : 'transferred');
  }
}
