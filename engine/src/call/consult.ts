/**
 * In-call keys: a user who talks asks by a key sequence to hand the other party over, blind or after a word with the target. The other
 * party waits with music meanwhile. Telephony matches the sequences; digits of the target are collected as in any interaction.
 */
import { CALL_KEYS, type MediaResult, ROOM_KEYS } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { discardAttempt, stopTalking } from './attempt-end.ts';
import { settleHold, talkOf } from './hold.ts';
import { cutLeg } from './legs.ts';
import type { Attempt, AttemptTarget } from './machine.ts';
import { addToTalk, mixRefusal } from './mix.ts';
import { talkers } from './mix-state.ts';
import { claimSlot, parkerLeft } from './park-key.ts';
import { handOver } from './redirect.ts';
import { roomKey } from './room.ts';
import { forgetFlow, join } from './talk.ts';
import { collectKeys, fact, legOf, legOp, liveLeg, partyNumber, partyOf, type Work } from './work.ts';

const BETWEEN_MS = 2000;
const ENTRY_MS = 8000;
/** Dial tone of most of Europe (ITU-T E.180). */
const DIAL_TONE = { type: 'tone', frequenciesHz: [425], onMs: 10_000, offMs: 0, repeat: 1 } as const;

/** Two have begun to talk: users of the company may use keys. */
export function watchKeys(work: Work, attempt: Attempt): void {
  for (const n of talkers(attempt)) {
    const party = partyOf(work, n);
    if (party?.coordinates.type === 'user') watch(work, n);
  }
}

/** Somebody is in a meeting room: he may use its keys, whoever he is. */
export const watchRoomKeys = (work: Work, party: number): void => watch(work, party);

function watch(work: Work, n: number): void {
  const { type, id } = partyOf(work, n)?.coordinates ?? { type: '', id: null };
  const live = liveLeg(work, n);
  if (!live || live.leg.keys) return;
  live.leg.keys = true;
  const user = type === 'user' ? id : null;
  const sequences = user === null ? [...ROOM_KEYS] : [...CALL_KEYS, ...ROOM_KEYS];
  legOp(work, live.id, { kind: 'media.keys', sequences, user, betweenMs: BETWEEN_MS }, null);
}

/** A key sequence was pressed; one that makes no sense now is passed over. */
export function keysPressed(work: Work, leg: string, name: string): void {
  if (roomKey(work, leg, name)) return;
  const party = legOf(work, leg)?.party ?? 0;
  const consulted = Object.values(work.m.attempts).find((one) => one.consultOf && one.anchor === party);
  if (consulted) {
    if (name === 'conference') joinConsulted(work, consulted);
    else if (name === 'attended' && !work.m.attempts[consulted.consultOf ?? '']?.mix) completeConsult(work, party);
    return;
  }
  const talk = talkOf(work, leg);
  if (!talk || talk.consult || legOf(work, leg)?.giving) return;
  // where several talk one may only be added
  if (talk.mix && (name !== 'conference' || talk.mix.kind === 'page')) return;
  if (name !== 'blind' && name !== 'attended' && name !== 'conference' && name !== 'park') return;
  talk.consult = { by: party, kind: name, stage: 'parting' };
  settleHold(work, talk);
}

/** The other party waits: ask for the number. */
export function askTarget(work: Work, attempt: Attempt): void {
  const { consult } = attempt;
  const by = liveLeg(work, consult?.by ?? null);
  if (consult?.stage !== 'parting' || !by) return;
  if (consult.kind === 'park') {
    claimSlot(work, attempt);
    return;
  }
  consult.stage = 'asking';
  const entry = {
    prompts: [{ items: [{ ...DIAL_TONE, frequenciesHz: [...DIAL_TONE.frequenciesHz] }], bargeIn: true }],
    maxDigits: 32,
    terminators: '#',
    firstDigitTimeoutMs: ENTRY_MS,
    interDigitTimeoutMs: 3000,
    tries: 1,
    // who is quick has typed already; what was pressed before they were parted is not among it
    clearDigits: false,
  };
  const use = { use: 'target', attempt: attempt.id, leg: by.id } as const;
  collectKeys(work, by.id, entry, use);
}

/** The number has come, or nothing: the two talk again. */
export function targetResult(work: Work, id: string, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  const consult = attempt?.consult;
  if (!attempt || consult?.stage !== 'asking') return;
  const number = result.status === 'collected' ? result.value : '';
  const self = partyOf(work, consult.by)?.coordinates.number;
  if (number === '' || number === self) {
    if (number !== '') refuse(work, 'Transfer refused: to oneself');
    endConsult(work, attempt);
    return;
  }
  const target: AttemptTarget = { type: 'number', id: number };
  if (consult.kind === 'blind') {
    attempt.consult = null;
    handOver(work, attempt, consult.by, target);
    return;
  }
  consult.stage = 'consulting';
  const by = partyOf(work, consult.by)?.coordinates;
  const account = by?.type === 'user' ? by.id : null;
  const second = openAttempt(work, { anchor: consult.by, target, consultOf: attempt.id, by: account, account });
  work.notes.push({ note: 'resolve', attempt: second.id });
}

function refuse(work: Work, text: string): void {
  fact(work, { type: 'log', node: work.m.node, level: 'warn', text });
}

/** Back to the conversation that waits. */
function endConsult(work: Work, attempt: Attempt): void {
  attempt.consult = null;
  settleHold(work, attempt);
}

/** The word with the target is over, or was none: whoever asked goes back to the party that waits. */
export function consultOver(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  if (attempt?.consult) endConsult(work, attempt);
}

/**
 * Whoever consults has left, or presses the keys again: the party that waits goes to the target, at once when he talks, else by calling
 * him. False when this party consults nobody.
 */
export function completeConsult(work: Work, party: number): boolean {
  const first = Object.values(work.m.attempts).find((one) => one.consult?.by === party);
  if (!first) return false;
  if (parkerLeft(work, first)) return true;
  const second = Object.values(work.m.attempts).find((one) => one.consultOf === first.id);
  if (first.mix) {
    // the others go on without either
    first.consult = null;
    if (second) discardAttempt(work, second, 'cancelled');
    return false;
  }
  const leaver = liveLeg(work, party);
  const other = first.anchor === party ? first.peer : first.anchor;
  const target = second?.target;
  const reached = second?.stage === 'talking' ? liveLeg(work, second.peer) : null;
  first.consult = null;
  if (!second || !target) return false;
  if (!reached || other === null) {
    inherit(work, first, second, other, party);
    if (leaver) cutLeg(work, leaver.id, 'transferred');
    return true;
  }
  tell(work, other, target);
  second.peer = null;
  second.talkFrom = null;
  discardAttempt(work, second, 'transferred', true);
  stopTalking(work, first);
  if (first.anchor === party) {
    discardAttempt(work, first, 'transferred', true);
    const attempt = openAttempt(work, { anchor: other, target, forget: true });
    forgetFlow(work, attempt);
    join(work, attempt, reached.id);
  } else {
    first.peer = null;
    join(work, first, reached.id);
  }
  if (leaver) cutLeg(work, leaver.id, 'transferred');
  return true;
}

/** The keys for a call of three: whoever was waiting, whoever consults and the target hear each other. */
function joinConsulted(work: Work, second: Attempt): void {
  const first = work.m.attempts[second.consultOf ?? ''];
  const by = liveLeg(work, second.anchor);
  const reached = second.stage === 'talking' ? liveLeg(work, second.peer) : null;
  if (!first || !by || !reached || second.mix) return;
  const refused = mixRefusal(work, first, reached.id);
  if (refused) {
    refuse(work, `Call of three refused: ${refused}`);
    return;
  }
  const [a, b] = [partyNumber(work, second.anchor), partyNumber(work, reached.leg.party)];
  fact(work, { type: 'parties.parted', a, b });
  // a hold between the two ends with their conversation; what they have talked counts as the first's
  Object.assign(second, { talkFrom: null, hold: null });
  discardAttempt(work, second, 'normal', true);
  first.consult = null;
  addToTalk(work, first, reached.leg.party, by.id);
}

/** The target is not there yet: the party that waits is the one he is called for now. */
function inherit(work: Work, first: Attempt, second: Attempt, other: number | null, leaver: number): void {
  if (other === null) {
    discardAttempt(work, second, 'cancelled');
    return;
  }
  tell(work, other, second.target);
  const { ask, forget } = first;
  stopTalking(work, first);
  discardAttempt(work, first, 'transferred', true);
  Object.assign(second, { anchor: other, consultOf: null, ask, forget: forget || first.anchor === leaver });
  const open = ask === null ? null : work.m.asks[ask];
  if (open) open.attempt = second.id;
  if (first.anchor === leaver) forgetFlow(work, second);
}

function tell(work: Work, party: number, target: AttemptTarget): void {
  const to = { type: target.type, id: target.id, entityNumber: null, number: target.id, name: '' };
  fact(work, { type: 'party.transferred', party: work.m.start.number * 1000 + party, to });
}
