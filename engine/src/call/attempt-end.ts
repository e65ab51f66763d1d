/** How attempts end: what rings is cut, what was asked of the pool is taken back, whoever asked is told. */
import type { ConnectOutcome } from '../define/ask.ts';
import type { Cause } from '../protocol/index.ts';
import { dropHold } from './hold.ts';
import { cutLeg, occupyUser } from './legs.ts';
import type { Attempt, Ring } from './machine.ts';
import { unmix } from './mix-state.ts';
import { queueAttemptEnded } from './queue-end.ts';
import { cancelTimer, fact, legOf, nextId, partyNumber, partyOf, sendToPool, type Work } from './work.ts';

/** What a failed attempt means for a call that was left to it. */
const CAUSE_OF: Record<ConnectOutcome, Cause> = {
  completed: 'normal',
  busy: 'busy',
  'no-answer': 'no-answer',
  rejected: 'rejected',
  unavailable: 'unavailable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  failed: 'failed',
};

const OUTCOME_OF: Partial<Record<Cause, ConnectOutcome>> = {
  busy: 'busy',
  'no-answer': 'no-answer',
  timeout: 'no-answer',
  rejected: 'rejected',
  unavailable: 'unavailable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
};

/** What the end of a ringing leg means for the attempt. */
export const outcomeOf = (cause: Cause | null): ConnectOutcome => (cause && OUTCOME_OF[cause]) ?? 'failed';

/** Stop one ring. Its user stays occupied until the leg has truly ended. */
export function cutRing(work: Work, attempt: Attempt, ring: Ring, cause: Cause): void {
  attempt.rings = attempt.rings.filter((other) => other !== ring);
  const party = partyOf(work, legOf(work, ring.leg)?.party ?? null);
  if (party && ring.grant) party.grant = ring.grant;
  cutLeg(work, ring.leg, cause);
}

export function withdrawRequest(work: Work, attempt: Attempt): void {
  if (!attempt.request) return;
  const message = { id: nextId(work, 'message'), callId: work.callId, request: attempt.request };
  attempt.request = null;
  sendToPool(work, { type: 'pool.withdraw', ...message });
}

/** Nothing rings any more: account for the ringing, stop the clocks. */
export function stopRinging(work: Work, attempt: Attempt, cause: Cause): void {
  for (const ring of [...attempt.rings]) cutRing(work, attempt, ring, cause);
  withdrawRequest(work, attempt);
  for (const timer of attempt.timers) cancelTimer(work, timer);
  attempt.timers = [];
  if (attempt.ringFrom !== null) work.m.account.ringMs += work.at - attempt.ringFrom;
  attempt.ringFrom = null;
}

/** The conversation is over, for whatever reason. */
export function stopTalking(work: Work, attempt: Attempt): void {
  const mixed = attempt.mix != null;
  unmix(work, attempt);
  if (attempt.talkFrom === null || (attempt.peer === null && !mixed)) return;
  dropHold(work, attempt);
  attempt.talkMs += work.at - attempt.talkFrom;
  // a word with somebody else is a part of the conversation that waits meanwhile
  if (!attempt.consultOf) work.m.account.talkMs += work.at - attempt.talkFrom;
  attempt.talkFrom = null;
  if (mixed || attempt.peer === null) return;
  const [a, b] = [partyNumber(work, attempt.anchor), partyNumber(work, attempt.peer)];
  fact(work, { type: 'parties.parted', a, b });
}

/** Remove an attempt and everything it started but the called party, who is cut with `cause` unless it is to stay. */
export function discardAttempt(work: Work, attempt: Attempt, cause: Cause, keepPeer = false): void {
  stopRinging(work, attempt, cause);
  stopTalking(work, attempt);
  // the party that was to be parked is gone
  const { slot } = attempt.consult ?? {};
  if (slot) work.commands.push({ kind: 'io.lookup', op: nextId(work, 'io'), lookup: { what: 'unpark', slot } });
  delete work.m.attempts[attempt.id];
  for (const [op, use] of Object.entries(work.m.ops)) {
    if ('attempt' in use && use.attempt === attempt.id) delete work.m.ops[op];
  }
  const peer = partyOf(work, attempt.peer);
  if (peer?.leg && !keepPeer) cutLeg(work, peer.leg, cause);
  for (const other of Object.values(work.m.attempts)) if (other.addTo === attempt.id) endAttempt(work, other, 'failed');
}

/** The attempt has come to its end: tell the flow, or end the call when the flow was left behind. */
export function endAttempt(work: Work, attempt: Attempt, outcome: ConnectOutcome): void {
  if (!work.m.attempts[attempt.id]) return;
  const { groupId, userId, talkMs, ask } = attempt;
  discardAttempt(work, attempt, outcome === 'no-answer' ? 'no-answer' : 'normal');
  if (groupId) fact(work, { type: 'group.ended', groupId, outcome, userId });
  if (attempt.queue) queueAttemptEnded(work, attempt, outcome === 'completed');
  else if (attempt.addTo) tellAdded(work, attempt, outcome);
  else if (attempt.consultOf) work.notes.push({ note: 'consult-over', attempt: attempt.consultOf });
  else if (ask === null) {
    const by = outcome === 'completed' ? 'called' : 'platform';
    work.notes.push({ note: 'end', cause: CAUSE_OF[outcome], by, of: attempt.id });
  } else if (work.m.asks[ask]) {
    delete work.m.asks[ask];
    work.notes.push({ note: 'reply', reply: { reply: 'connect', id: ask, outcome, userId, talkMs } });
  }
}

/** Nobody was added to the conversation; who asked is told why. */
function tellAdded(work: Work, { control }: Attempt, code: ConnectOutcome): void {
  if (control) fact(work, { type: 'control.done', id: control, action: 'add', ok: false, code });
}

/** A grant was taken back by the pool: an unanswered ring stops, a conversation is told again as an occupation. */
export function grantRevoked(work: Work, grant: string): void {
  for (const attempt of Object.values(work.m.attempts)) {
    const ring = attempt.rings.find((one) => one.grant === grant);
    if (ring) cutLeg(work, ring.leg, 'cancelled');
  }
  const party = work.m.parties.find((one) => one.grant === grant);
  if (!party) return;
  party.grant = null;
  if (legOf(work, party.leg)?.life === 'answered') occupyUser(work, party);
  else if (party.leg) cutLeg(work, party.leg, 'cancelled');
}
