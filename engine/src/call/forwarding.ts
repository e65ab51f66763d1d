/**
 * Forwarding: how a user wants to be reached (his ring plan) decides whether he is rung, and where his call goes when he is not to
 * be had. A chain of forwardings is followed a few steps and never to somebody it has been to.
 */
import type { ConnectOutcome } from '../define/ask.ts';
import type { Coordinates, Diversion, ForwardReason, RingPlan } from '../protocol/index.ts';
import { endAttempt, stopRinging } from './attempt-end.ts';
import type { Attempt, AttemptTarget } from './machine.ts';
import { tell } from './refusal.ts';
import { fact, type Work } from './work.ts';

/** A call that was forwarded this often, here and before it came, is forwarded no more. */
const MAX_FORWARDS = 5;

/** What a rule leads to, once it is certain. */
interface Way {
  readonly to: AttemptTarget;
  readonly shown: 'caller' | 'account';
  readonly reason: ForwardReason;
  readonly note: string;
  /** The number that whoever is rung sees as the one called. */
  readonly number?: string;
}

/** Forwardings so far, those before this call included; told to whom the call goes next. */
export function diversionsOf(work: Work, attempt: Attempt): Diversion[] {
  const here = (attempt.via ?? []).map(({ coordinates, reason }) => ({ number: coordinates.number, reason }));
  return [...(work.m.start.diversions ?? []), ...here];
}

/** Who pays for the next leg: the last who forwarded. */
export const chargedFor = (attempt: Attempt): Coordinates | undefined => attempt.via?.at(-1)?.coordinates;

const sameUser = (a: Coordinates, b: Coordinates): boolean => a.type === b.type && a.id !== null && a.id === b.id;

/** The caller hears that nobody can be reached this way, then the attempt ends. */
function leadsNowhere(work: Work, attempt: Attempt, outcome: ConnectOutcome): void {
  stopRinging(work, attempt, 'no-answer');
  if (!tell(work, attempt, 'unavailable', outcome)) endAttempt(work, attempt, outcome);
}

/** The call has been to this user already: here, or before it came back to us from outside. */
function beenTo(work: Work, attempt: Attempt, user: Coordinates, plan: RingPlan | null): boolean {
  if (attempt.via?.some(({ coordinates }) => sameUser(coordinates, user))) return true;
  const numbers = [user.number, plan?.accountNumber ?? ''].filter((number) => number !== '');
  return (work.m.start.diversions ?? []).some(({ number }) => numbers.includes(number));
}

/**
 * What a user's plan says before anybody rings. True: he is not rung; the attempt goes on elsewhere or has ended.
 */
export function settledByPlan(work: Work, attempt: Attempt, user: Coordinates, plan: RingPlan | null): boolean {
  attempt.plan = plan;
  attempt.planOf = user;
  if (beenTo(work, attempt, user, plan)) {
    fact(work, { type: 'user.refused', coordinates: user, why: 'forward-loop' });
    attempt.plan = null;
    leadsNowhere(work, attempt, 'unavailable');
    return true;
  }
  if (!plan) return false;
  if (plan.refuse) {
    fact(work, { type: 'user.refused', coordinates: user, why: plan.refuse });
    missed(work, attempt, plan.refuse === 'away' ? 'unavailable' : plan.refuse === 'dnd' ? 'busy' : 'rejected');
    return true;
  }
  if (!plan.always) return false;
  forwardTo(work, attempt, { ...plan.always, note: '' }, 'unavailable');
  return true;
}

function ruleFor(plan: RingPlan | null | undefined, outcome: ConnectOutcome) {
  switch (outcome) {
    case 'busy':
    case 'rejected':
      // who is not wanted is sent nowhere else
      return plan?.refuse === 'anonymous' || plan?.refuse === 'blocked' ? null : plan?.busy;
    case 'no-answer':
      return plan?.noAnswer;
    case 'unavailable':
    case 'failed':
      return plan?.unreachable;
    default:
      return null;
  }
}

/** Nobody was reached: the call goes where the phone sent it or the user's rules say, else the attempt ends. */
export function missed(work: Work, attempt: Attempt, outcome: ConnectOutcome): void {
  const { deflect, plan } = attempt;
  if (deflect) {
    attempt.deflect = null;
    const { to, note, shown: number } = deflect;
    forwardTo(work, attempt, { to, note, number, shown: 'caller', reason: 'deflected' }, outcome);
    return;
  }
  if (attempt.fallback) {
    fallBack(work, attempt, attempt.fallback, outcome);
    return;
  }
  const rule = ruleFor(plan, outcome);
  if (rule) forwardTo(work, attempt, { ...rule, note: '' }, outcome);
  else endAttempt(work, attempt, outcome);
}

/** Nobody of a group was reached: the call goes to the group's own fallback. */
function fallBack(work: Work, attempt: Attempt, to: AttemptTarget, outcome: ConnectOutcome): void {
  const { groupId } = attempt;
  stopRinging(work, attempt, 'no-answer');
  if (groupId) fact(work, { type: 'group.ended', groupId, outcome, userId: null });
  attempt.hops += 1;
  Object.assign(attempt, {
    target: { type: to.type, id: to.id },
    fallback: null,
    greetings: {},
    group: null,
    groupId: null,
    heard: false,
    announced: false,
    stage: 'resolving',
  });
  if (to.type === 'hang-up' || attempt.hops > MAX_FORWARDS) endAttempt(work, attempt, outcome);
  else work.notes.push({ note: 'resolve', attempt: attempt.id });
}

function forwardTo(work: Work, attempt: Attempt, way: Way, otherwise: ConnectOutcome): void {
  const from = attempt.planOf ?? work.m.start.called;
  const { plan } = attempt;
  if (diversionsOf(work, attempt).length >= MAX_FORWARDS) {
    fact(work, { type: 'user.refused', coordinates: from, why: 'forward-loop' });
    attempt.plan = null;
    leadsNowhere(work, attempt, otherwise);
    return;
  }
  const { to, reason, note, shown, number } = way;
  const target = { type: to.type, id: to.id, entityNumber: null, number: to.id, name: '' };
  fact(work, { type: 'party.forwarded', from, to: target, reason, note });
  stopRinging(work, attempt, 'no-answer');
  if (to.type === 'hang-up') {
    attempt.plan = null;
    endAttempt(work, attempt, 'rejected');
    return;
  }
  if (shown === 'account' && plan) attempt.callerId = { number: plan.accountNumber, name: from.name };
  Object.assign(attempt, {
    via: [...(attempt.via ?? []), { coordinates: from, reason }],
    target: { type: to.type, id: to.id, ...(to.trunks ? { trunks: to.trunks } : {}) },
    ...(note === '' ? {} : { note }),
    ...(number ? { shown: number } : {}),
    ...(from.type === 'user' ? { account: from.id } : {}),
    plan: null,
    planOf: null,
    group: null,
    groupId: null,
    heard: false,
    announced: false,
    greeting: null,
    greetings: {},
    named: null,
    charges: null,
    hops: 0,
    stage: 'resolving',
  });
  work.notes.push({ note: 'resolve', attempt: attempt.id });
}
