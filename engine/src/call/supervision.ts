/**
 * Supervision: a user hears the conversation of others, whispers to one of them or speaks to all. His leg is a party of the call that
 * takes no part in what the call is about: it never keeps the call up and ends with the leg it is of. Those supervised are told nothing.
 */
import type { ControlAction, Coordinates, MediaResult, SupervisionMode, Supervisor } from '../protocol/index.ts';
import { afterAnswer, cutLeg, dialParty, occupyUser } from './legs.ts';
import type { CallMachine, Supervision } from './machine.ts';
import {
  cancelTimer,
  fact,
  isAlive,
  legOf,
  legOp,
  liveLeg,
  partyNumber,
  partyOf,
  startTimer,
  type Work,
} from './work.ts';

/**
 * Keys of the supervisor, one each: those of Asterisk's ChanSpy (4, 5, 6) and of FreeSWITCH's eavesdrop (0, 2, 3). What their names say is
 * the mode.
 */
const KEYS: readonly { readonly keys: string; readonly name: SupervisionMode }[] = [
  { keys: '4', name: 'listen' },
  { keys: '0', name: 'listen' },
  { keys: '5', name: 'whisper' },
  { keys: '2', name: 'whisper' },
  { keys: '6', name: 'barge' },
  { keys: '3', name: 'barge' },
];
const BETWEEN_MS = 1000;
const RING_MS = 30_000;
/** More ears than this on one call are a mistake. */
const MOST = 5;

type Wish = Extract<ControlAction, { kind: 'supervise' }>;

const supervisionsOf = (work: Work): readonly Supervision[] => Object.values(work.m.supervisions ?? {});

export const supervisionBy = (m: CallMachine, leg: string): Supervision | null => m.supervisions?.[leg] ?? null;

/** Parties that supervise somebody who is here, as long as he is, and those who wait for his new call to ask for them. */
export function supervisingParties(m: CallMachine): number[] {
  return Object.values(m.supervisions ?? {}).flatMap(({ leg, target, follows }) => {
    const supervised = m.legs[target];
    return follows || (supervised && isAlive(supervised)) ? [m.legs[leg]?.party ?? 0] : [];
  });
}

/** Parties that stay when the call ends: they follow whom they supervise to his new call. */
export const followingParties = (m: CallMachine): number[] =>
  Object.values(m.supervisions ?? {}).flatMap(({ leg, follows }) => (follows ? [m.legs[leg]?.party ?? 0] : []));

/** Longer than the new call needs to ask. */
const FOLLOW_MS = 8000;

/** Who hears the leg that is offered to another call. */
export const supervisorsOf = (work: Work, target: string): Supervisor[] =>
  supervisionsOf(work)
    .filter((one) => one.target === target && one.on && mayFollow(work, one.leg))
    .slice(0, MOST)
    .map(({ leg, mode, by }) => ({ leg, mode, by }));

const mayFollow = (work: Work, id: string): boolean => {
  const leg = legOf(work, id);
  return leg?.life === 'answered' && !leg.cut;
};

/** The leg is another call's now: who hears it waits to be asked for. */
export function followLeg(work: Work, target: string): void {
  for (const supervision of supervisionsOf(work)) {
    const { leg } = supervision;
    if (supervision.target !== target || !supervision.on || !mayFollow(work, leg)) continue;
    supervision.follows = startTimer(work, FOLLOW_MS, { use: 'follow', leg });
  }
}

/** Nobody has asked for it. */
export function followEnds(work: Work, leg: string): void {
  const supervision = supervisionBy(work.m, leg);
  if (!supervision?.follows) return;
  delete supervision.follows;
  letGo(work, supervision, 'over');
}

/** Whether the leg may be given although it supervises: whom it hears goes, or has gone, to another call. */
export function follows(work: Work, leg: string): boolean {
  const supervision = supervisionBy(work.m, leg);
  if (!supervision) return false;
  return supervision.follows !== undefined || legOf(work, supervision.target)?.giving != null;
}

/** It is the other call's now. False when it supervised nobody here. */
export function followed(work: Work, leg: string): boolean {
  const own = supervisionBy(work.m, leg);
  if (!own || !work.m.supervisions) return false;
  cancelTimer(work, own.follows ?? null);
  delete work.m.supervisions[leg];
  fact(work, { type: 'supervision.ended', ...partiesOf(work, own), code: 'moved' });
  return true;
}

/** A command: call the supervisor, change what he does, or let him go. A code as `control.done` tells it. */
export function superviseCall(work: Work, wish: Wish, by: string): string {
  const { mode, supervisor } = wish;
  const present = supervisionsOf(work).find(({ leg }) => isOf(work, leg, supervisor));
  if (mode === 'end') return present ? stopSupervision(work, present) : 'not-supervising';
  if (present) {
    setMode(work, present, mode);
    return 'done';
  }
  const target = wish.leg ?? talkingUser(work, supervisor);
  const refusal = refusalOf(work, target, supervisor);
  if (refusal || target === null) return refusal ?? 'unknown-leg';
  const { instance, party } = work.m.legs[target]!;
  const shown = partyOf(work, party)?.coordinates;
  const { loginIds } = wish;
  const leg = dialParty(work, {
    role: 'supervising',
    coordinates: supervisor,
    target: { type: 'user', userId: supervisor.id ?? '', ...(loginIds ? { loginIds } : {}) },
    instance,
    callerId: { number: (shown?.number ?? '').slice(0, 64), name: shown?.name ?? '' },
    ringTimeoutMs: RING_MS,
    autoAnswer: wish.autoAnswer,
  });
  const own = partyOf(work, legOf(work, leg)?.party ?? null);
  if (own) occupyUser(work, own);
  enter(work, { leg, target, mode, by, on: false, told: false });
  return 'done';
}

/** Whether a leg is a user's own. */
function isOf(work: Work, leg: string, { type, id }: Coordinates): boolean {
  const who = partyOf(work, legOf(work, leg)?.party ?? null)?.coordinates;
  return type === 'user' && id !== null && who?.type === 'user' && who.id === id;
}

/** The user who talks, but for the supervisor himself; else whoever the call is about. */
function talkingUser(work: Work, supervisor: Coordinates): string | null {
  const talks = Object.values(work.m.attempts).filter((one) => one.stage === 'talking');
  const sides = talks.flatMap(({ peer, anchor }) => [peer, anchor]);
  const legs = sides.flatMap((n) => liveLeg(work, n)?.id ?? []);
  const user = legs.find((id) => {
    const who = partyOf(work, legOf(work, id)?.party ?? null)?.coordinates;
    return who?.type === 'user' && !isOf(work, id, supervisor);
  });
  return user ?? legs[0] ?? liveLeg(work, work.m.flow?.caller ?? null)?.id ?? null;
}

/** Why this leg cannot be supervised by that party; null when it can. */
export function refusalOf(work: Work, target: string | null, supervisor: Coordinates): string | null {
  const leg = legOf(work, target);
  if (!target || !leg || !isAlive(leg) || leg.cut || supervisionBy(work.m, target)) return 'unknown-leg';
  if (leg.giving || leg.taking) return 'moving';
  if (leg.life !== 'answered') return 'not-answered';
  if (isOf(work, target, supervisor)) return 'oneself';
  return supervisionsOf(work).length >= MOST ? 'too-many' : null;
}

/** A leg that is ours supervises another from its answer on. */
export function enter(work: Work, supervision: Supervision): void {
  const { leg } = supervision;
  work.m.supervisions = { ...work.m.supervisions, [leg]: supervision };
  afterAnswer(work, leg, { next: 'supervise' });
}

/** The supervisor's leg is up: it hears, and its keys are watched. */
export function supervise(work: Work, leg: string): void {
  const supervision = supervisionBy(work.m, leg);
  if (!supervision) return;
  command(work, supervision);
  const sequences = KEYS.map(({ keys, name }) => ({ keys, name }));
  legOp(work, leg, { kind: 'media.keys', sequences, betweenMs: BETWEEN_MS }, null);
}

function command(work: Work, { leg, target, mode }: Supervision): void {
  legOp(work, leg, { kind: 'media.supervise', target, mode }, { use: 'supervise', leg, mode });
}

function setMode(work: Work, supervision: Supervision, mode: SupervisionMode): void {
  if (supervision.mode === mode) return;
  supervision.mode = mode;
  // one that is not answered yet begins so
  if (supervision.on) command(work, supervision);
}

/** True when the keys were those of a supervisor. */
export function supervisorPressed(work: Work, leg: string, name: string): boolean {
  const supervision = supervisionBy(work.m, leg);
  const key = KEYS.find((one) => one.name === name);
  if (supervision && key) setMode(work, supervision, key.name);
  return supervision !== null;
}

/** `media.supervise` has come back. */
export function superviseResult(work: Work, leg: string, mode: SupervisionMode, result: MediaResult): void {
  const supervision = supervisionBy(work.m, leg);
  if (!supervision) return;
  if (result.status !== 'done') {
    // an end of one of the legs is told by itself
    if (result.status === 'failed') letGo(work, supervision, result.code);
    return;
  }
  supervision.on = true;
  const who = partiesOf(work, supervision);
  if (supervision.told) fact(work, { type: 'supervision.changed', ...who, mode });
  else fact(work, { type: 'supervision.started', ...who, mode, by: supervision.by });
  supervision.told = true;
  // a wish that came while it was under way
  if (supervision.mode !== mode) command(work, supervision);
}

const partiesOf = (work: Work, { leg, target }: Supervision): { party: number; of: number } => ({
  party: partyNumber(work, legOf(work, leg)?.party ?? 0),
  of: partyNumber(work, legOf(work, target)?.party ?? 0),
});

function stopSupervision(work: Work, supervision: Supervision): string {
  letGo(work, supervision, 'stopped');
  return 'done';
}

function letGo(work: Work, supervision: Supervision, code: string): void {
  supervision.code ??= code;
  cutLeg(work, supervision.leg, code === 'stopped' || code === 'over' ? 'normal' : 'failed');
}

/** A leg has ended, or is another call's: a supervision by it is over, one of it ends. */
export function supervisionOver(work: Work, id: string): void {
  for (const supervision of supervisionsOf(work)) if (supervision.target === id) letGo(work, supervision, 'over');
  const own = supervisionBy(work.m, id);
  if (!own || !work.m.supervisions) return;
  cancelTimer(work, own.follows ?? null);
  delete work.m.supervisions[id];
  const leg = legOf(work, id);
  const cause = leg?.cause ?? 'failed';
  const gone = leg?.cut ? 'over' : cause === 'normal' ? 'left' : cause;
  fact(work, { type: 'supervision.ended', ...partiesOf(work, own), code: own.code ?? gone });
}
