/**
 * Parking by key: the other party waits with music while a slot is taken for it, whoever parks it is told the slot's number, and only then
 * does it go there. Who hangs up before he was told parks it all the same.
 */
import type { IoResult, MediaResult } from '../protocol/index.ts';
import { parkedAt, said } from './call-words.ts';
import { settleHold } from './hold.ts';
import type { Attempt } from './machine.ts';
import { handOver } from './redirect.ts';
import { legOp, liveLeg, nextId, partyOf, type Work } from './work.ts';

/** The other party waits: a slot is taken. */
export function claimSlot(work: Work, attempt: Attempt): void {
  const { consult } = attempt;
  if (!consult) return;
  consult.stage = 'asking';
  const other = partyOf(work, attempt.anchor === consult.by ? attempt.peer : attempt.anchor)?.coordinates;
  const parker = partyOf(work, consult.by)?.coordinates;
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'claim', attempt: attempt.id, leg: null };
  const who = { number: other?.number ?? '', name: other?.name ?? '' };
  const by = parker?.type === 'user' ? parker.id : null;
  work.commands.push({ kind: 'io.lookup', op, lookup: { what: 'park', slot: null, wish: 'park', by, who } });
}

/** The slot's answer: whoever parks is told it, or that none is free. */
export function slotClaimed(work: Work, id: string, result: IoResult | MediaResult): void {
  const attempt = work.m.attempts[id];
  const { consult } = attempt ?? {};
  if (!attempt || consult?.kind !== 'park') {
    if (result.status === 'slot') freeAgain(work, result.slot);
    return;
  }
  const by = liveLeg(work, consult.by);
  const { language } = work.m.start.locale;
  const slot = result.status === 'slot' ? result : null;
  if (slot) consult.slot = slot.slot;
  if (!by) {
    parkNow(work, attempt);
    return;
  }
  consult.stage = 'consulting';
  const prompts = [slot ? parkedAt(language, slot.number) : said(language, 'noSlot')];
  legOp(work, by.id, { kind: 'media.play', prompts, clearDigits: true }, { use: 'parked', attempt: id, leg: by.id });
}

/** It was told: the other party goes to the slot; without one the two talk again. */
export function parkTold(work: Work, id: string): void {
  const attempt = work.m.attempts[id];
  if (attempt?.consult?.kind === 'park') parkNow(work, attempt);
}

/** Whoever parks has left: the other party goes where it was to go. True when it does. */
export function parkerLeft(work: Work, attempt: Attempt): boolean {
  if (attempt.consult?.kind !== 'park') return false;
  parkNow(work, attempt, 'any');
  return true;
}

function parkNow(work: Work, attempt: Attempt, otherwise: string | null = null): void {
  const { consult } = attempt;
  if (!consult) return;
  const slot = consult.slot ?? otherwise;
  attempt.consult = null;
  if (slot === null) settleHold(work, attempt);
  else handOver(work, attempt, consult.by, { type: 'park-slot', id: slot });
}

/** Nobody is to wait there any more. */
function freeAgain(work: Work, slot: string): void {
  work.commands.push({ kind: 'io.lookup', op: nextId(work, 'io'), lookup: { what: 'unpark', slot } });
}
