/** The end of a call: withdraw everything, hang up everybody, and give the account once all is settled. */
import type { Cause } from '../protocol/index.ts';
import { discardAttempt } from './attempt-end.ts';
import { dropBringings } from './bringing.ts';
import { nextCallLife } from './call-life.ts';
import { cdrOf } from './cdr.ts';
import { dropFlow } from './flow-run.ts';
import { cancelGiving } from './giving.ts';
import { cutLeg } from './legs.ts';
import type { CallMachine } from './machine.ts';
import { placesForGroup } from './member-answer.ts';
import { talkers } from './mix-state.ts';
import { cancelOrigin } from './origin.ts';
import { callbackPending, callerLeftForCallback } from './queue-callback.ts';
import { settleQueues } from './queue-end.ts';
import { followingParties, supervisingParties } from './supervision.ts';
import { failTaking } from './taking.ts';
import { cancelTimer, fact, isAlive, legOp, type Work } from './work.ts';

/** The call is to end; the first cause is the true one. */
export function beginEnd(work: Work, cause: Cause, by: 'calling' | 'called' | 'platform'): void {
  const { m } = work;
  const life = nextCallLife(m.life, 'end');
  if (life === m.life) return;
  // somebody is to be called back: the call goes on without its caller
  if (callerLeftForCallback(work)) {
    dropFlow(work);
    dropBringings(work, null);
    for (const attempt of Object.values(m.attempts)) discardAttempt(work, attempt, partingCause(cause));
    return;
  }
  m.life = life;
  m.end = { cause, by };
  dropFlow(work);
  cancelOrigin(work);
  dropBringings(work, null);
  for (const attempt of Object.values(m.attempts)) discardAttempt(work, attempt, partingCause(cause));
  const following = new Set(followingParties(m));
  for (const giving of Object.values(m.givings)) {
    const party = m.legs[giving.leg]?.party ?? 0;
    if (giving.stage === 'stopping' && !following.has(party)) cancelGiving(work, giving.id);
  }
  for (const taking of Object.values(m.takings)) if (taking.stage === 'asked') failTaking(work, taking.id, 'ending');
}

/** What the remaining parties are told. */
function partingCause(cause: Cause): Cause {
  return cause === 'media-lost' ? 'failed' : cause;
}

/** Hang up legs that nothing in the call holds any more, and silence backgrounds nobody waits behind. */
export function sweep(work: Work): void {
  const { m } = work;
  if (m.life === 'ended') return;
  settleQueues(work);
  const held = m.life === 'ending' ? new Set(followingParties(m)) : heldParties(m);
  const cause = m.end ? partingCause(m.end.cause) : 'normal';
  for (const [id, leg] of Object.entries(m.legs)) if (isAlive(leg) && !held.has(leg.party)) cutLeg(work, id, cause);
  silence(work);
  const goesOn = m.origin !== null || placesForGroup(work) || callbackPending(m) !== null;
  if (m.life !== 'ending' && !goesOn && !Object.values(m.legs).some(isAlive)) {
    beginEnd(work, 'normal', 'platform');
  }
}

function heldParties(m: CallMachine): Set<number> {
  const held = new Set<number>();
  if (m.life === 'reaching') held.add(1);
  if (m.flow) held.add(m.flow.caller);
  const agent = callbackPending(m)?.callback?.leg;
  if (agent) held.add(m.legs[agent]?.party ?? 0);
  for (const attempt of Object.values(m.attempts)) {
    for (const party of talkers(attempt)) held.add(party);
    for (const ring of attempt.rings) held.add(m.legs[ring.leg]?.party ?? 0);
  }
  for (const party of supervisingParties(m)) held.add(party);
  return held;
}

function silence(work: Work): void {
  const { m } = work;
  for (const [id, leg] of Object.entries(m.legs)) {
    if (!leg.sounding || !isAlive(leg) || leg.cut || leg.giving || leg.saying) continue;
    const waiting = Object.values(m.attempts).some((one) =>
      one.stage === 'talking' ? one.hold?.music.includes(leg.party) : one.anchor === leg.party,
    );
    const awaits = m.inRoom?.waiting === true && m.inRoom.party === leg.party;
    if (waiting || awaits || m.parking?.party === leg.party) continue;
    leg.sounding = false;
    if (leg.life === 'answered') legOp(work, id, { kind: 'media.background', sound: 'none' }, null);
  }
}

/** The call has ended when nothing of it is left: no leg, no move, no operation that somebody waits for. */
export function settle(work: Work): void {
  const { m } = work;
  if (m.life !== 'ending') return;
  settleQueues(work);
  const open = Object.values(m.legs).some(isAlive) || Object.keys(m.givings).length + Object.keys(m.takings).length > 0;
  if (open) return;
  for (const timer of Object.keys(m.timers)) cancelTimer(work, timer);
  m.ops = {};
  m.life = nextCallLife(m.life, 'settle');
  fact(work, { type: 'call.ended', cdr: cdrOf(work) });
}
