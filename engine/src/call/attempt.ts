/** Attempts: from a destination, by live look-ups, to something that rings. */
import type { Ask } from '../define/ask.ts';
import type { GroupMember } from '../group/strategy.ts';
import type { Coordinates, DialTarget, IoResult, Lookup, MediaResult, RingGroup, RingPlan } from '../protocol/index.ts';
import { discardAttempt, endAttempt } from './attempt-end.ts';
import { missed, settledByPlan } from './forwarding.ts';
import { acceptGreeting, announce, askName, nameGreeting } from './greeting.ts';
import { afterAnswer, cutLeg } from './legs.ts';
import type { Attempt, AttemptTarget } from './machine.ts';
import { refuseAttempt } from './refusal.ts';
import { ringGroup, ringTarget } from './ring.ts';
import { chance, fact, legOp, nextId, partyNumber, partyOf, type Work } from './work.ts';

/** A destination that leads to another this often leads nowhere. */
const MAX_HOPS = 5;
/** So long the admission of a call is good for what it reaches. */
const ADMITTED_MS = 10_000;

export type ReachAsk = Extract<Ask, { ask: 'connect' | 'ring-group' | 'transfer' }>;

/** Open an attempt for the anchor; `resolveAttempt` sets it going. */
export function openAttempt(work: Work, init: Partial<Attempt> & Pick<Attempt, 'anchor' | 'target'>): Attempt {
  const attempt: Attempt = {
    id: nextId(work, 'attempt'),
    ask: null,
    stage: 'resolving',
    forget: false,
    refer: false,
    hops: 0,
    ringTimeoutMs: 30_000,
    totalRingMs: null,
    callerId: null,
    comfort: 'ringback',
    group: null,
    groupId: null,
    request: null,
    allowBusy: false,
    heard: false,
    timers: [],
    members: {},
    rings: [],
    peer: null,
    ringFrom: null,
    talkFrom: null,
    talkMs: 0,
    userId: null,
    ...init,
  };
  work.m.attempts[attempt.id] = attempt;
  return attempt;
}

/** Take a flow's wish to reach somebody; the attempt's name is answered. */
export function startAttempt(work: Work, ask: ReachAsk, anchor: number): string {
  const base = { anchor, ask: ask.id };
  let attempt: Attempt;
  if (ask.ask === 'ring-group') {
    const { groupId, totalRingMs, callerId, comfort } = ask;
    attempt = openAttempt(work, {
      ...base,
      target: { type: 'ring-group', id: groupId },
      totalRingMs,
      callerId,
      comfort,
    });
  } else if (ask.ask === 'connect') {
    const {
      ringTimeoutMs,
      callerId,
      comfort,
      announcement,
      confirm = false,
      autoAnswer = false,
      maxTalkMs = null,
    } = ask;
    const greeting = announcement ? { prompts: announcement, confirm } : null;
    attempt = openAttempt(work, {
      ...base,
      target: targetOf(ask.to),
      ringTimeoutMs,
      callerId,
      comfort,
      greeting,
      autoAnswer,
      maxTalkMs,
    });
  } else {
    const { ringTimeoutMs, by, shown } = ask;
    attempt = openAttempt(work, {
      ...base,
      target: targetOf(ask.to),
      ringTimeoutMs,
      forget: true,
      refer: by === 'refer',
      ...(shown === undefined ? {} : { shown }),
    });
  }
  resolveAttempt(work, attempt);
  return attempt.id;
}

/** Both ways to name a target, as one. */
export function targetOf(to: DialTarget | { readonly type: string; readonly id: string }): AttemptTarget {
  if ('userId' in to) return { type: 'user', id: to.userId, ...(to.loginIds ? { loginIds: [...to.loginIds] } : {}) };
  if ('trunkIds' in to) return { type: 'number', id: to.number, trunks: [...to.trunkIds] };
  if ('number' in to) return { type: 'number', id: to.number };
  if ('uri' in to) return { type: 'sip', id: to.uri };
  return { type: to.type, id: to.id };
}

/** Find out what the target is; what needs no look-up is rung at once. */
export function resolveAttempt(work: Work, attempt: Attempt): void {
  const { target } = attempt;
  attempt.stage = 'resolving';
  if (attempt.refer && dialTargetOf(target)) {
    const anchor = partyOf(work, attempt.anchor)?.leg;
    if (anchor) afterAnswer(work, anchor, { next: 'refer', attempt: attempt.id });
    return;
  }
  if (target.type === 'sip' && isAdmitted(work, attempt)) {
    ringAddress(work, attempt);
    return;
  }
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'resolve', attempt: attempt.id, leg: null };
  work.commands.push({ kind: 'io.lookup', op, lookup: lookupOf(work, attempt) });
}

type FoundDestination = Extract<IoResult, { status: 'destination' }>;

/** An outside number, through trunks where a rule or the flow names some. */
function outsideTarget(number: string, found: Pick<FoundDestination, 'trunks' | 'limit'>): DialTarget {
  const dialled = number.slice(0, 64);
  const { trunks: trunkIds, limit } = found;
  if (!trunkIds) return { type: 'number', number: dialled };
  return { type: 'trunk', trunkIds, number: dialled, ...(limit ? { limit } : {}) };
}

/** A SIP address: telephony's guard decides whether it may be reached. */
function ringAddress(work: Work, attempt: Attempt): void {
  const { id } = attempt.target;
  const coordinates = { type: 'sip', id, entityNumber: null, number: id, name: '' };
  ringTarget(work, attempt, { type: 'sip', uri: id }, coordinates);
}

/** A call was admitted with all that its own account reaches inside at once; later on, or on another account, admission is asked again. */
const isAdmitted = (work: Work, attempt: Attempt): boolean =>
  attempt.account === undefined && work.at - work.m.start.at < ADMITTED_MS;

/** User on whose account the attempt's legs are placed; null = the company's. */
function accountOf(work: Work, attempt: Attempt): string | null {
  if (attempt.account !== undefined) return attempt.account;
  const anchor = partyOf(work, attempt.anchor)?.coordinates;
  return anchor?.type === 'user' ? anchor.id : null;
}

/** The outside number found, with the address of the caller's site when help is called. */
function outside(work: Work, attempt: Attempt, found: FoundDestination): DialTarget {
  const target = outsideTarget(found.destination.id, found);
  if (!found.emergency) return target;
  fact(work, { type: 'emergency.called', ...found.emergency });
  const { site } = found.emergency;
  // without an address it is an emergency call all the same
  if (!site) return target.type === 'trunk' ? { ...target, emergency: '' } : target;
  if (site.emergencyNumber) attempt.callerId = { number: site.emergencyNumber, name: site.name.slice(0, 200) };
  const { street, postalCode, city, region, country, location } = site;
  const address = [street, location, `${postalCode} ${city}`.trim(), region, country].filter((part) => part !== '');
  return target.type === 'trunk' ? { ...target, emergency: address.join(', ').slice(0, 1000) } : target;
}

function lookupOf(work: Work, attempt: Attempt): Lookup {
  const { target, anchor, by = null } = attempt;
  const account = accountOf(work, attempt);
  const inside = isAdmitted(work, attempt) ? {} : { account };
  if (target.type === 'user') {
    const caller = partyOf(work, anchor)?.coordinates;
    const userId = caller?.type === 'user' ? caller.id : null;
    return { what: 'user', id: target.id, caller: { number: caller?.number ?? '', userId, by }, ...inside };
  }
  if (target.type === 'ring-group') return { what: 'ring-group', id: target.id, ...inside };
  if (target.type === 'number') {
    const via = target.trunks ? { trunks: target.trunks.slice(0, 10) } : {};
    return { what: 'number', number: target.id.slice(0, 64), account, ...via };
  }
  return { what: 'destination', destination: { type: target.type, id: target.id }, account };
}

function dialTargetOf(target: AttemptTarget): DialTarget | null {
  if (target.type === 'user') return { type: 'user', userId: target.id };
  if (target.type === 'number') return { type: 'number', number: target.id };
  if (target.type === 'sip') return { type: 'sip', uri: target.id };
  return null;
}

/** The look-up of an attempt has come back. */
export function attemptResolved(work: Work, id: string, result: IoResult | MediaResult): void {
  const attempt = work.m.attempts[id];
  if (attempt?.stage !== 'resolving') return;
  switch (result.status) {
    case 'user':
      ringUser(work, attempt, result.user);
      return;
    case 'ring-group':
      ringMembers(work, attempt, result.group);
      return;
    case 'destination':
      followDestination(work, attempt, result);
      return;
    case 'refused':
      refuseAttempt(work, attempt, result);
      return;
    case 'not-found':
      endAttempt(work, attempt, 'not-found');
      return;
    default:
      endAttempt(work, attempt, 'failed');
  }
}

function ringUser(work: Work, attempt: Attempt, user: Extract<IoResult, { status: 'user' }>['user']): void {
  const plan = user.plan ?? null;
  if (settledByPlan(work, attempt, user.coordinates, plan)) return;
  if (plan?.preAnswer && !attempt.announced) {
    announce(work, attempt, [plan.preAnswer]);
    return;
  }
  if (plan?.recordName && !attempt.named) {
    askName(work, attempt);
    return;
  }
  if (attempt.named?.recordingId) attempt.greeting = nameGreeting(work, attempt.named.recordingId);
  else if (plan?.screening) attempt.greeting = { prompts: [plan.screening], confirm: true };
  if (plan?.followMe?.length && !attempt.target.loginIds) {
    ringFollowMe(work, attempt, user, plan.followMe);
    return;
  }
  const { loginIds } = attempt.target;
  const memberRingMs = Math.min(attempt.ringTimeoutMs, plan?.noAnswer?.afterMs ?? attempt.ringTimeoutMs);
  ringGroup(work, attempt, {
    strategy: 'direct',
    input: {
      members: user.registered ? [groupMember({ userId: user.userId })] : [],
      memberRingMs,
      stepMs: 0,
      seed: 0,
      primary: null,
    },
    members: { [user.userId]: user.coordinates },
    ...(loginIds ? { targets: { [user.userId]: { type: 'user', userId: user.userId, loginIds } } } : {}),
    totalRingMs: null,
    allowBusy: user.callWaiting === true,
  });
}

type Found = Extract<IoResult, { status: 'user' }>['user'];
type Follower = NonNullable<RingPlan['followMe']>[number];

/** The user's own phones ring, and beside them whoever he has named, each after his delay: the first who takes the call has it. */
function ringFollowMe(work: Work, attempt: Attempt, user: Found, named: readonly Follower[]): void {
  const { userId, coordinates } = user;
  const others = named.filter((one) => one.registered && one.userId !== userId);
  const lastMs = Math.max(...named.map((one) => (one.delayMs ?? 0) + (one.ringMs ?? 0)));
  const totalRingMs = Math.max(attempt.ringTimeoutMs, lastMs);
  const asked = others.filter((one) => one.confirm);
  attempt.greetings = Object.fromEntries(
    asked.map((one) => [one.userId, acceptGreeting(work, coordinates.name || coordinates.number)]),
  );
  attempt.charges = coordinates;
  ringGroup(work, attempt, {
    strategy: 'enterprise',
    input: {
      members: [...(user.registered ? [groupMember({ userId, ringMs: totalRingMs })] : []), ...others.map(groupMember)],
      memberRingMs: attempt.ringTimeoutMs,
      stepMs: 0,
      seed: 0,
      primary: null,
    },
    members: { [userId]: coordinates, ...Object.fromEntries(others.map((one) => [one.userId, one.coordinates])) },
    targets: Object.fromEntries(others.flatMap((one) => (one.target ? [[one.userId, one.target] as const] : []))),
    totalRingMs,
    allowBusy: user.callWaiting === true && others.every((one) => one.target),
  });
}

type Member = Pick<RingGroup['members'][number], 'userId' | 'ringMs' | 'delayMs' | 'weight' | 'callWaiting'>;

const groupMember = ({ userId, ringMs, delayMs, weight, callWaiting }: Member): GroupMember => ({
  id: userId,
  ringMs: ringMs ?? null,
  delayMs: delayMs ?? 0,
  weight: weight ?? 1,
  callWaiting: callWaiting === true,
});

function ringMembers(work: Work, attempt: Attempt, group: RingGroup): void {
  if (group.waitPrompt && !attempt.announced && !group.closed) {
    announce(work, attempt, [group.waitPrompt]);
    return;
  }
  attempt.groupId = group.id;
  // nobody has called: there is nobody to be sent on
  attempt.fallback = attempt.origin ? null : (group.fallback ?? null);
  if (group.comfort && attempt.comfort === 'ringback') attempt.comfort = group.comfort;
  if (group.namePrefix) attempt.namePrefix = group.namePrefix;
  if (group.alert) attempt.alert = group.alert;
  const { coordinates, strategy } = group;
  fact(work, { type: 'group.ringing', groupId: group.id, coordinates, strategy });
  if (group.closed) {
    missed(work, attempt, 'unavailable');
    return;
  }
  const registered = group.members.filter((member) => member.registered);
  const asked = group.broadcast ? [] : registered.filter((member) => member.confirm);
  if (group.broadcast) attempt.autoAnswer = true;
  if (asked.length > 0)
    attempt.greetings = Object.fromEntries(
      asked.map(({ userId }) => [userId, acceptGreeting(work, coordinates.name || coordinates.number)]),
    );
  ringGroup(work, attempt, {
    strategy: group.broadcast ? 'broadcast' : strategy,
    input: {
      members: registered.map(groupMember),
      memberRingMs: group.memberRingMs,
      stepMs: group.stepMs ?? group.memberRingMs,
      seed: chance(work),
      primary: group.primary ? (group.members[0]?.userId ?? null) : null,
    },
    members: Object.fromEntries(registered.map((member) => [member.userId, member.coordinates])),
    targets: Object.fromEntries(
      registered.flatMap(({ userId, target }) => (target ? [[userId, target] as const] : [])),
    ),
    totalRingMs: attempt.totalRingMs ?? group.totalRingMs,
    allowBusy: false,
  });
}

function followDestination(work: Work, attempt: Attempt, found: FoundDestination): void {
  const { destination, revision, coordinates } = found;
  if (revision !== null) {
    // a flow serves one party: it cannot be added to a conversation
    if (attempt.addTo || !work.environment.closures[revision]) endAttempt(work, attempt, 'failed');
    else replaceFlow(work, attempt, revision, destination.type === 'flow' ? undefined : coordinates);
    return;
  }
  if (found.peer) {
    ringTarget(work, attempt, { type: 'sip', ...found.peer }, coordinates);
    return;
  }
  if (destination.type === 'sip' && attempt.target.type === 'sip') {
    ringAddress(work, attempt);
    return;
  }
  if (destination.type === 'number' && (attempt.target.type === 'number' || found.trunks)) {
    ringTarget(work, attempt, outside(work, attempt, found), coordinates);
    return;
  }
  attempt.hops += 1;
  const same = destination.type === attempt.target.type && destination.id === attempt.target.id;
  attempt.target = { type: destination.type, id: destination.id };
  if (same || attempt.hops > MAX_HOPS) endAttempt(work, attempt, 'not-found');
  else resolveAttempt(work, attempt);
}

/** The target is a flow, or served by one: it takes the anchor over from whatever served it. */
function replaceFlow(work: Work, attempt: Attempt, revision: string, called?: Coordinates): void {
  if (attempt.ask !== null) delete work.m.asks[attempt.ask];
  discardAttempt(work, attempt, 'normal');
  work.notes.push({ note: 'serve', revision, caller: attempt.anchor, ...(called ? { called } : {}) });
}

/** The anchor's leg is answered: ask its own phone to call the target. */
export function sendRefer(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  const target = attempt ? dialTargetOf(attempt.target) : null;
  const leg = partyOf(work, attempt?.anchor ?? null)?.leg;
  if (!attempt || !target || !leg) return;
  attempt.stage = 'referring';
  legOp(work, leg, { kind: 'leg.refer', target }, { use: 'refer', attempt: id, leg });
}

/** REFER has come back: gone for good, or the flow is told that it failed. */
export function referResult(work: Work, id: string, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  const anchor = partyOf(work, attempt?.anchor ?? null);
  if (!attempt || !anchor?.leg) return;
  if (result.status !== 'done') {
    endAttempt(work, attempt, 'failed');
    return;
  }
  const { type, id: number } = attempt.target;
  const to = { type, id: number, entityNumber: null, number, name: '' };
  fact(work, { type: 'party.transferred', party: partyNumber(work, anchor.n), to });
  cutLeg(work, anchor.leg, 'transferred');
  work.notes.push({ note: 'end', cause: 'transferred', by: 'platform' });
}

/** The flow does not want this attempt any more. */
export function withdrawAttempt(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  if (attempt) discardAttempt(work, attempt, 'cancelled');
}
