/** Joining the anchor with whoever answered, their conversation, and its end. */
import type { MediaResult } from '../protocol/index.ts';
import { endAttempt, stopRinging, stopTalking } from './attempt-end.ts';
import { settleHold } from './hold.ts';
import { afterAnswer, cutLeg } from './legs.ts';
import type { Attempt } from './machine.ts';
import { memberAnswered } from './member-answer.ts';
import { addAnswered } from './mix.ts';
import { tell } from './refusal.ts';
import { fact, legOf, legOp, liveLeg, partyNumber, partyOf, startTimer, type Work } from './work.ts';

/** `leg` has answered (or was taken over): everybody else stops ringing, it is joined with the anchor. */
export function join(work: Work, attempt: Attempt, leg: string): void {
  const party = partyOf(work, legOf(work, leg)?.party ?? null);
  if (!party) return;
  if (attempt.origin) {
    memberAnswered(work, attempt, leg);
    return;
  }
  if (attempt.addTo) {
    addAnswered(work, attempt, leg);
    return;
  }
  const ring = attempt.rings.find((one) => one.leg === leg);
  if (ring) {
    attempt.rings = attempt.rings.filter((one) => one !== ring);
    attempt.userId = ring.userId;
    if (ring.grant) party.grant = ring.grant;
  }
  stopRinging(work, attempt, 'answered-elsewhere');
  party.role = 'connected';
  attempt.peer = party.n;
  attempt.stage = 'joining';
  work.m.account.connected = party.coordinates;
  delete work.m.refused;
  if (attempt.forget) forgetFlow(work, attempt);
  const anchor = liveLeg(work, attempt.anchor);
  if (!anchor || !afterAnswer(work, anchor.id, { next: 'bridge', attempt: attempt.id })) cutLeg(work, leg, 'cancelled');
}

/** The flow is left behind: from here on the call ends with the attempt. */
export function forgetFlow(work: Work, attempt: Attempt): void {
  if (attempt.ask !== null) delete work.m.asks[attempt.ask];
  attempt.ask = null;
  work.notes.push({ note: 'drop-flow' });
}

/** Both legs are up: bridge them. */
export function bridge(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  const anchor = liveLeg(work, attempt?.anchor ?? null);
  const peer = liveLeg(work, attempt?.peer ?? null);
  if (!attempt || !anchor || !peer || peer.leg.giving) return;
  anchor.leg.sounding = false;
  peer.leg.sounding = false;
  const use = { use: 'bridge', attempt: id, leg: anchor.id } as const;
  legOp(work, anchor.id, { kind: 'media.bridge', other: peer.id }, use);
}

export function bridgeResult(work: Work, id: string, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  if (attempt?.peer == null || attempt.talkFrom !== null) return;
  if (result.status === 'done') {
    attempt.stage = 'talking';
    attempt.talkFrom = work.at;
    if (attempt.maxTalkMs) {
      const use = { use: 'attempt', attempt: id, what: 'talk' } as const;
      attempt.timers.push(startTimer(work, attempt.maxTalkMs, use));
      attempt.maxTalkMs = null;
    }
    work.m.account.connectedAt ??= work.at;
    const [a, b] = [partyNumber(work, attempt.anchor), partyNumber(work, attempt.peer)];
    fact(work, { type: 'parties.connected', a, b });
    settleHold(work, attempt);
    work.notes.push({ note: 'joined', attempt: id });
  } else if (result.status === 'failed') {
    endAttempt(work, attempt, 'failed');
  }
}

/** The time of the conversation is over: the called party is let go. */
export function endTalk(work: Work, attempt: Attempt): void {
  const peer = liveLeg(work, attempt.peer);
  if (peer) cutLeg(work, peer.id, 'timeout');
}

/** The called party has left the conversation, or was lost; whoever asked goes on with the anchor. */
export function peerLeft(work: Work, attempt: Attempt, lost: boolean): void {
  stopTalking(work, attempt);
  work.notes.push({ note: 'talk-over' });
  const { farewell } = attempt;
  if (farewell) {
    attempt.peer = null;
    if (tell(work, attempt, farewell, 'completed')) return;
  }
  endAttempt(work, attempt, lost ? 'failed' : 'completed');
}
