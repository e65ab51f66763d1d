/** Sending a party elsewhere: by REFER from a phone or by a command from outside. */
import type { Cause, LegEventBody } from '../protocol/index.ts';
import { openAttempt, resolveAttempt } from './attempt.ts';
import { discardAttempt, stopTalking } from './attempt-end.ts';
import { cutLeg } from './legs.ts';
import type { Attempt, AttemptTarget } from './machine.ts';
import { startTaking } from './taking.ts';
import { fact, isAlive, legOf, partyNumber, partyOf, type Work } from './work.ts';

type Refer = Extract<LegEventBody, { type: 'refer' }>;

/** `stay` goes to the target; everybody and everything else in the call is let go. */
export function redirect(work: Work, stay: number, target: AttemptTarget): void {
  tellTransfer(work, stay, target);
  for (const attempt of Object.values(work.m.attempts)) discardAttempt(work, attempt, 'transferred', true);
  work.m.asks = Object.fromEntries(Object.entries(work.m.asks).filter(([, ask]) => ask.attempt === null));
  cutOthers(work, stay, 'transferred');
  const attempt = openAttempt(work, { anchor: stay, target, forget: true });
  work.notes.push({ note: 'drop-flow' }, { note: 'resolve', attempt: attempt.id });
}

function cutOthers(work: Work, stay: number, cause: Cause): void {
  for (const [id, leg] of Object.entries(work.m.legs)) {
    if (leg.party !== stay && isAlive(leg)) cutLeg(work, id, cause);
  }
}

function tellTransfer(work: Work, party: number, target: AttemptTarget): void {
  const to = { type: target.type, id: target.id, entityNumber: null, number: target.id, name: '' };
  fact(work, { type: 'party.transferred', party: partyNumber(work, party), to });
}

/** The called party is replaced by another target; whoever asked for the attempt still waits for its end. */
function retarget(work: Work, attempt: Attempt, target: AttemptTarget): void {
  tellTransfer(work, attempt.anchor, target);
  stopTalking(work, attempt);
  // a bridge that has not come back yet would join whoever comes next
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use === 'bridge' && use.attempt === attempt.id) delete work.m.ops[op];
  }
  const leaver = partyOf(work, attempt.peer)?.leg;
  Object.assign(attempt, { peer: null, target, hops: 0, group: null, groupId: null, heard: false, userId: null });
  if (leaver) cutLeg(work, leaver, 'transferred');
  resolveAttempt(work, attempt);
}

/** They talk, or are about to: a phone may ask before the bridge has come back. */
function isJoined(work: Work, attempt: Attempt): boolean {
  if (attempt.stage === 'talking') return true;
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
  const target = { type: /^sips?:/i.test(refer.target) ? 'sip' : 'number', id: refer.target };
  if (attempt.anchor === from) redirect(work, stay, target);
  else retarget(work, attempt, target);
}

/** Attended: `stay` is joined with whom the referring phone talks to in the other call. */
function attended(work: Work, stay: number, leaver: number, from: string, peerOf: string | null): void {
  if (from === work.callId) return;
  startTaking(work, { from, leg: null, peerOf, anchor: stay, leaver, control: null });
}
