/** Sending a party elsewhere: by REFER from a phone or by a command from outside. */
import type { Cause, Coordinates, LegEventBody } from '../protocol/index.ts';
import { openAttempt, resolveAttempt } from './attempt.ts';
import { discardAttempt, stopTalking } from './attempt-end.ts';
import { cutLeg } from './legs.ts';
import type { Attempt, AttemptTarget } from './machine.ts';
import { startTaking } from './taking.ts';
import { fact, isAlive, legOf, partyNumber, partyOf, type Work } from './work.ts';

type Refer = Extract<LegEventBody, { type: 'refer' }>;

/** What whoever is rung is told of the call that is sent to him. */
export interface Told {
  readonly note?: string;
  /** The number called. */
  readonly shown?: string;
}

/** `stay` goes to the target; everybody and everything else in the call is let go. */
export function redirect(
  work: Work,
  stay: number,
  target: AttemptTarget,
  by: string | null = null,
  charges: Coordinates | null = null,
  told: Told = {},
): void {
  tellTransfer(work, stay, target, told.note);
  work.m.led = { by };
  for (const attempt of Object.values(work.m.attempts)) discardAttempt(work, attempt, 'transferred', true);
  work.m.asks = Object.fromEntries(Object.entries(work.m.asks).filter(([, ask]) => ask.attempt === null));
  cutOthers(work, stay, 'transferred');
  const account = by ? { account: by } : {};
  const attempt = openAttempt(work, { anchor: stay, target, forget: true, by, ...account, ...told });
  attempt.charges = charges;
  work.notes.push({ note: 'drop-flow' }, { note: 'resolve', attempt: attempt.id });
}

function cutOthers(work: Work, stay: number, cause: Cause): void {
  for (const [id, leg] of Object.entries(work.m.legs)) {
    if (leg.party === stay || !isAlive(leg)) continue;
    // who supervises him goes on doing so
    const supervised = work.m.legs[work.m.supervisions?.[id]?.target ?? ''];
    if (supervised?.party !== stay) cutLeg(work, id, cause);
  }
}

function tellTransfer(work: Work, party: number, target: AttemptTarget, note = ''): void {
  const to = { type: target.type, id: target.id, entityNumber: null, number: target.id, name: '' };
  const written = note === '' ? {} : { note };
  fact(work, { type: 'party.transferred', party: partyNumber(work, party), to, ...written });
}

/** The called party is replaced by another target; whoever asked for the attempt still waits for its end. */
function retarget(
  work: Work,
  attempt: Attempt,
  target: AttemptTarget,
  by: string | null,
  charges: Coordinates | null,
): void {
  tellTransfer(work, attempt.anchor, target);
  work.m.led = { by };
  stopTalking(work, attempt);
  // a bridge that has not come back yet would join whoever comes next
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use === 'bridge' && use.attempt === attempt.id) delete work.m.ops[op];
  }
  const leaver = partyOf(work, attempt.peer)?.leg;
  Object.assign(attempt, { peer: null, target, by, hops: 0, group: null, groupId: null, heard: false, userId: null });
  if (by) attempt.account = by;
  Object.assign(attempt, { fallback: null, greetings: {} });
  Object.assign(attempt, {
    plan: null,
    planOf: null,
    via: [],
    announced: false,
    greeting: null,
    deflect: null,
    named: null,
    charges,
  });
  if (leaver) cutLeg(work, leaver, 'transferred');
  resolveAttempt(work, attempt);
}

/** The attempt that a leg rings for, when it rings for that leg's party alone. */
function ringsFor(work: Work, leg: string): Attempt | null {
  const attempt = Object.values(work.m.attempts).find((one) => one.rings.some((ring) => ring.leg === leg));
  return attempt?.stage === 'ringing' && attempt.groupId === null ? attempt : null;
}

/** What a phone or person names as a target: a SIP address of elsewhere or a number as dialled. */
const namedTarget = (target: string): AttemptTarget => ({
  type: /^sips?:/i.test(target) ? 'sip' : 'number',
  id: target,
});

/** A ringing phone sends its call elsewhere; a member of a group only speaks for himself. */
export function phoneDeflects(work: Work, leg: string, target: string): void {
  const attempt = ringsFor(work, leg);
  if (attempt) attempt.deflect = { to: namedTarget(target), note: '' };
}

/** A command sends a ringing leg's call elsewhere. False when it does not ring for anybody alone. */
export function deflectRing(work: Work, leg: string, to: AttemptTarget, { note = '', shown }: Told): boolean {
  const attempt = ringsFor(work, leg);
  if (!attempt) return false;
  attempt.deflect = { to, note, ...(shown ? { shown } : {}) };
  cutLeg(work, leg, 'rejected');
  return true;
}

/** They talk, or are about to: a phone may ask before the bridge has come back. */
function isJoined(work: Work, attempt: Attempt): boolean {
  if (attempt.stage === 'talking') return !attempt.mix;
  const moving = [attempt.anchor, attempt.peer].some((n) => legOf(work, partyOf(work, n)?.leg ?? null)?.giving);
  return attempt.stage === 'joining' && !moving;
}

/** A phone asks for a transfer of the party it talks with; one that talks with nobody has nobody to transfer. */
export function referred(work: Work, leg: string, refer: Refer): void {
  const from = legOf(work, leg)?.party ?? 0;
  const attempts = Object.values(work.m.attempts);
  const attempt = attempts.find((one) => isJoined(work, one) && (one.anchor === from || one.peer === from));
  if (!attempt || attempt.peer === null || legOf(work, leg)?.giving) {
    fact(work, { type: 'log', node: work.m.node, level: 'warn', text: 'Transfer refused: nobody to transfer' });
    return;
  }
  const stay = attempt.anchor === from ? attempt.peer : attempt.anchor;
  if (refer.replacesCall !== null) {
    attended(work, stay, from, refer.replacesCall, refer.replacesLeg);
    return;
  }
  handOver(work, attempt, from, namedTarget(refer.target));
}

/** `from` lets go of whom it talks with, who goes to the target. Nobody is handed over to himself. */
export function handOver(work: Work, attempt: Attempt, from: number, target: AttemptTarget): void {
  const stay = attempt.anchor === from ? attempt.peer : attempt.anchor;
  if (stay === null) return;
  const transferor = partyOf(work, from)?.coordinates;
  const by = transferor?.type === 'user' ? transferor.id : null;
  // who sends a call to the outside pays for that part of it
  const charges = by === null ? null : (transferor ?? null);
  if (target.type === 'number' && target.id !== '' && target.id === transferor?.number) {
    fact(work, { type: 'log', node: work.m.node, level: 'warn', text: 'Transfer refused: to oneself' });
    return;
  }
  if (attempt.anchor === from) redirect(work, stay, target, by, charges);
  else retarget(work, attempt, target, by, charges);
}

/** Attended: `stay` is joined with whom the referring phone talks to in the other call. */
function attended(work: Work, stay: number, leaver: number, from: string, peerOf: string | null): void {
  if (from === work.callId) return;
  startTaking(work, { from, leg: null, peerOf, anchor: stay, leaver, control: null });
}
