/** Ringing for an attempt: a single leg, or a group machine whose wishes are carried out here. */
import type { ConnectOutcome } from '../define/ask.ts';
import { type GroupStep, type Strategy, startGroup, stepGroup } from '../group/ring-group.ts';
import type { GroupEffect, GroupEvent, GroupInput } from '../group/strategy.ts';
import type { Coordinates, DialTarget, MediaResult, Message, Prompt } from '../protocol/index.ts';
import { cutRing, endAttempt, outcomeOf, withdrawRequest } from './attempt-end.ts';
import { chargedFor, diversionsOf } from './forwarding.ts';
import { greeted, greets } from './greeting.ts';
import { afterAnswer, cutLeg, dialParty, ringBack } from './legs.ts';
import type { Attempt, LegState, Ring } from './machine.ts';
import { pageJoined } from './mix.ts';
import { hearsQueue, queueWon, tellMissed, tellOffered } from './queue-end.ts';
import { endTalk, join } from './talk.ts';
import {
  isAlive,
  legOf,
  legOp,
  liveLeg,
  nextId,
  POOL_SILENCE_MS,
  partyOf,
  requestFromPool,
  sendToPool,
  startTimer,
  type Work,
} from './work.ts';

/** Ring something that needs no grant. */
export function ringTarget(work: Work, attempt: Attempt, target: DialTarget, coordinates: Coordinates): void {
  attempt.stage = 'ringing';
  dial(work, attempt, { target, coordinates, ringMs: attempt.ringTimeoutMs, userId: null, grant: null });
}

interface RingWhom {
  readonly target: DialTarget;
  readonly coordinates: Coordinates;
  readonly ringMs: number;
  readonly userId: string | null;
  readonly grant: string | null;
  /** Its phone takes the call by itself. */
  readonly autoAnswer?: boolean;
}

function dial(work: Work, attempt: Attempt, whom: RingWhom): void {
  const instance = attempt.origin?.instance ?? liveLeg(work, attempt.anchor)?.leg.instance;
  if (instance === undefined) return;
  const shown = partyOf(work, attempt.anchor)?.coordinates;
  const callerId = attempt.callerId ?? {
    number: (shown?.number ?? '').slice(0, 64),
    name: shown?.name ?? '',
  };
  const { target, coordinates, ringMs: ringTimeoutMs } = whom;
  // the prefix is for colleagues: what goes outside is shown as it came
  const inside = target.type === 'user';
  const name = inside && attempt.namePrefix ? `${attempt.namePrefix} ${callerId.name}`.trim() : callerId.name;
  const charged = chargedFor(attempt) ?? (target.type === 'trunk' ? (attempt.charges ?? undefined) : undefined);
  const leg = dialParty(work, {
    role: attempt.origin ? 'calling' : 'called',
    coordinates,
    target,
    instance,
    callerId: { ...callerId, name: name.slice(0, 200) },
    ringTimeoutMs,
    autoAnswer: attempt.autoAnswer === true || whom.autoAnswer === true,
    diversions: diversionsOf(work, attempt),
    ...(attempt.shown ? { shown: attempt.shown } : {}),
    ...(attempt.alert && inside ? { alert: attempt.alert } : {}),
    ...(attempt.note && inside ? { subject: attempt.note } : {}),
    ...(charged ? { charged } : {}),
  });
  attempt.rings.push({ leg, userId: whom.userId, grant: whom.grant });
  comfort(work, attempt, false);
}

/** What the anchor hears: music from the first dialling on, ringback once somebody rings. */
function comfort(work: Work, attempt: Attempt, ringing: boolean): void {
  const anchor = liveLeg(work, attempt.anchor);
  if (!anchor || attempt.comfort === 'none' || hearsQueue(work, attempt)) return;
  if (attempt.comfort === 'ringback' && attempt.plan?.ringback) {
    if (ringing) ownRingback(work, anchor, attempt.plan.ringback);
    return;
  }
  // music from before, as of a party that was held, gives way to ringing
  if (anchor.leg.sounding && (anchor.leg.sound ?? attempt.comfort) === attempt.comfort) return;
  if (attempt.comfort === 'ringback' && !ringing) return;
  if (attempt.comfort === 'ringback' && anchor.leg.life !== 'answered' && !anchor.leg.early) ringBack(work, anchor.id);
  else if (anchor.leg.life !== 'answered' && anchor.leg.early && attempt.comfort === 'ringback') {
    Object.assign(anchor.leg, { sounding: true, sound: 'ringback' });
    legOp(work, anchor.id, { kind: 'media.background', sound: 'ringback' }, null);
  } else {
    anchor.leg.sounding = true;
    anchor.leg.sound = attempt.comfort;
    afterAnswer(work, anchor.id, { next: 'comfort', sound: attempt.comfort });
  }
}

/** The called user's own prompt instead of the ringing tone, before the answer as well. */
function ownRingback(work: Work, { id, leg }: { id: string; leg: LegState }, prompt: Prompt): void {
  if (leg.sounding && leg.sound === 'prompt') return;
  Object.assign(leg, { sounding: true, sound: 'prompt' });
  if (leg.life === 'answered') {
    afterAnswer(work, id, { next: 'comfort', sound: 'prompt', prompt });
    return;
  }
  ringBack(work, id, true);
  legOp(work, id, { kind: 'media.background', sound: 'prompt', prompt }, null);
}

/** A leg of the attempt rings. */
export function ringHeard(work: Work, attempt: Attempt): void {
  attempt.ringFrom ??= work.at;
  comfort(work, attempt, true);
}

export interface GroupTry {
  readonly strategy: Strategy;
  readonly input: GroupInput;
  readonly members: Readonly<Record<string, Coordinates>>;
  /** Members who are no users: how they are dialled. */
  readonly targets?: Readonly<Record<string, DialTarget>>;
  readonly totalRingMs: number | null;
  readonly allowBusy: boolean;
}

/** Ring a user or a group, by the grants of the company's pool only. */
export function ringGroup(work: Work, attempt: Attempt, group: GroupTry): void {
  attempt.stage = 'ringing';
  attempt.members = { ...group.members };
  attempt.targets = { ...group.targets };
  attempt.allowBusy = group.allowBusy;
  if (group.totalRingMs !== null) {
    attempt.timers.push(startTimer(work, group.totalRingMs, { use: 'attempt', attempt: attempt.id, what: 'total' }));
  }
  carryOut(work, attempt, startGroup(group.strategy, group.input));
}

/** Ring agents of a queue, as the pool grants them. */
export function ringQueue(work: Work, attempt: Attempt, agents: Readonly<Record<string, Coordinates>>): void {
  attempt.stage = 'ringing';
  attempt.members = { ...agents };
  const input = { members: [], memberRingMs: attempt.ringTimeoutMs, stepMs: 0, seed: 0, primary: null };
  carryOut(work, attempt, startGroup('queue', input));
}

/** Tell the attempt's group machine something and do what it wants. */
export function tellGroup(work: Work, attempt: Attempt, event: GroupEvent): void {
  if (attempt.group) carryOut(work, attempt, stepGroup(attempt.group, event));
}

function carryOut(work: Work, attempt: Attempt, step: GroupStep): void {
  attempt.group = step.state;
  for (const effect of step.effects) doEffect(work, attempt, effect);
}

function doEffect(work: Work, attempt: Attempt, effect: GroupEffect): void {
  const ids = { id: nextId(work, 'message'), callId: work.callId };
  switch (effect.do) {
    case 'request':
      sendRequest(work, attempt, effect);
      return;
    case 'add':
      if (attempt.request) {
        sendToPool(work, { type: 'pool.add', ...ids, request: attempt.request, candidates: [...effect.candidates] });
      }
      return;
    case 'step-after':
      attempt.timers.push(
        startTimer(work, effect.ms, { use: 'attempt', attempt: attempt.id, what: 'step', left: effect.left }),
      );
      return;
    case 'next':
      if (attempt.request) {
        sendToPool(work, { type: 'pool.next', ...ids, request: attempt.request, grant: effect.grant });
      }
      return;
    case 'return':
      sendToPool(work, { type: 'pool.return', ...ids, grant: effect.grant });
      return;
    case 'withdraw':
      withdrawRequest(work, attempt);
      return;
    case 'ring': {
      const { userId, grant, ringMs } = effect;
      const coordinates = attempt.members[userId] ?? unknownUser(userId);
      sendToPool(work, { type: 'pool.confirm', ...ids, grant });
      const target = attempt.targets?.[userId] ?? { type: 'user', userId };
      dial(work, attempt, { target, coordinates, ringMs, userId, grant });
      tellOffered(work, attempt, userId);
      return;
    }
    case 'cut': {
      const ring = attempt.rings.find((one) => one.grant === effect.grant);
      if (ring) cutRing(work, attempt, ring, effect.cause);
      return;
    }
    case 'won': {
      const ring = attempt.rings.find((one) => one.grant === effect.grant);
      if (attempt.group?.strategy === 'cyclic' || attempt.queue) {
        sendToPool(work, { type: 'pool.answered', ...ids, grant: effect.grant });
      }
      queueWon(work, attempt, ring?.userId ?? null);
      if (ring) join(work, attempt, ring.leg);
      return;
    }
    case 'joined': {
      const ring = attempt.rings.find((one) => one.grant === effect.grant);
      if (ring) pageJoined(work, attempt, ring);
      return;
    }
    case 'ended':
      work.notes.push({ note: 'missed', attempt: attempt.id, outcome: effect.outcome });
  }
}

const unknownUser = (id: string): Coordinates => ({ type: 'user', id, entityNumber: null, number: '', name: '' });

function sendRequest(work: Work, attempt: Attempt, effect: Extract<GroupEffect, { do: 'request' }>): void {
  attempt.request = nextId(work, 'pool');
  attempt.timers.push(startTimer(work, POOL_SILENCE_MS, { use: 'attempt', attempt: attempt.id, what: 'pool' }));
  requestFromPool(work, {
    request: attempt.request,
    candidates: [...effect.candidates],
    want: effect.want,
    order: effect.order,
    rotation: effect.order === 'round-robin' || effect.order === 'cyclic' ? attempt.groupId : null,
    allowBusy: attempt.allowBusy,
    ...(effect.waiting.length > 0 ? { waiting: [...effect.waiting] } : {}),
    ...(effect.unlessBusy ? { unlessBusy: effect.unlessBusy } : {}),
  });
}

type PoolAnswer = Extract<Message, { type: 'pool.grant' | 'pool.none' }>;

/** The pool has answered a request. A grant that nobody waits for goes back. */
export function poolAnswered(work: Work, message: PoolAnswer): void {
  const attempt = Object.values(work.m.attempts).find((one) => one.request === message.request);
  if (message.type === 'pool.none') {
    if (attempt) hear(work, attempt, { type: 'none', exhausted: message.exhausted });
    return;
  }
  const { grant, userId } = message;
  if (!attempt?.members[userId]) {
    sendToPool(work, { type: 'pool.return', id: nextId(work, 'message'), callId: work.callId, grant });
  } else hear(work, attempt, { type: 'granted', grant, userId });
}

function hear(work: Work, attempt: Attempt, event: GroupEvent): void {
  attempt.heard = true;
  tellGroup(work, attempt, event);
}

/** A ring of the attempt has ended without answer. */
export function ringEnded(work: Work, attempt: Attempt, leg: string): void {
  const ring = attempt.rings.find((one) => one.leg === leg);
  if (!ring) return;
  attempt.rings = attempt.rings.filter((one) => one !== ring);
  const cause = legOf(work, leg)?.cause ?? null;
  tellMissed(work, attempt, ring.userId);
  // who hears the greeting and hangs up does not want the call
  const outcome: ConnectOutcome = ring.greeted && cause === 'normal' ? 'rejected' : outcomeOf(cause);
  if (ring.grant) tellGroup(work, attempt, { type: 'lost', grant: ring.grant, outcome });
  else work.notes.push({ note: 'missed', attempt: attempt.id, outcome });
}

/** A ringing leg was answered. */
export function ringAnswered(work: Work, attempt: Attempt, leg: string): void {
  const ring = attempt.rings.find((one) => one.leg === leg);
  if (ring && !greets(work, attempt, ring)) takeRing(work, attempt, ring);
}

function takeRing(work: Work, attempt: Attempt, ring: Ring): void {
  if (ring.grant) tellGroup(work, attempt, { type: 'answered', grant: ring.grant });
  else join(work, attempt, ring.leg);
}

/** A ringing user's phone is called anew to answer by itself, in the place of the ring; the user stays granted. Answers a code. */
export function answerRing(work: Work, leg: string): string {
  const ringing = legOf(work, leg);
  if (!ringing || !isAlive(ringing)) return 'unknown-leg';
  const attempt = Object.values(work.m.attempts).find((one) => one.rings.some((ring) => ring.leg === leg));
  const ring = attempt?.rings.find((one) => one.leg === leg);
  const userId = ring?.userId ?? null;
  if (!attempt || !ring || ring.greeted || ringing.cut || attempt.stage !== 'ringing') return 'not-ringing';
  // members who are no users are outside
  if (userId === null || attempt.targets?.[userId]) return 'no-phone';
  const coordinates = attempt.members[userId] ?? unknownUser(userId);
  const { grant } = ring;
  const ringMs = attempt.ringTimeoutMs;
  dial(work, attempt, { target: { type: 'user', userId }, coordinates, ringMs, userId, grant, autoAnswer: true });
  attempt.rings = attempt.rings.filter((one) => one !== ring);
  cutLeg(work, leg, 'answered-elsewhere');
  return 'done';
}

/** The greeting of a leg that answered has come back. */
export function greetResult(work: Work, id: string, leg: string, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  const ring = attempt?.rings.find((one) => one.leg === leg);
  if (attempt && ring && greeted(work, attempt, leg, result)) takeRing(work, attempt, ring);
}

/** A clock of the attempt has run out. */
export function attemptTimer(work: Work, id: string, what: 'total' | 'pool' | 'step' | 'talk', left = 0): void {
  const attempt = work.m.attempts[id];
  if (!attempt) return;
  if (what === 'talk') endTalk(work, attempt);
  else if (what === 'total') tellGroup(work, attempt, { type: 'expired' });
  else if (what === 'step') tellGroup(work, attempt, { type: 'step', left });
  else if (!attempt.heard) endAttempt(work, attempt, 'failed');
}
