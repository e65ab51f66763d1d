/**
 * Bringing a leg of ours to another call: to pick up what rings there, or to fetch who is parked there. We name the leg, the other
 * call then asks for it as for any other (design §4, moving a leg); what comes of nothing is answered to the flow.
 */
import type { Ask, ConnectOutcome } from '../define/ask.ts';
import type { IoResult, MediaResult, Message } from '../protocol/index.ts';
import { afterAnswer } from './legs.ts';
import type { Bringing, OpUse } from './machine.ts';
import { refusalOf } from './supervision.ts';
import { startTaking } from './taking.ts';
import { cancelTimer, legOf, liveLeg, nextId, partyOf, sendToCall, startTimer, type Work } from './work.ts';

/** Longer than the other call needs to ask, take and commit. */
const ANSWER_MS = 10_000;

type Bring = Extract<Message, { type: 'leg.bring' }>;
type PickUpAsk = { readonly ask: 'pick-up'; readonly id: string; readonly user: string | null };

/** The flow wants to pick up what rings for somebody. */
export function startPickUp(work: Work, ask: PickUpAsk, party: number): void {
  const by = partyOf(work, party)?.coordinates;
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'ringing', ask: ask.id, leg: null };
  work.m.asks[ask.id] = { kind: 'pick-up', op, timer: null, attempt: null, spec: null };
  const lookup = { what: 'ringing', user: ask.user, by: by?.type === 'user' ? by.id : null } as const;
  work.commands.push({ kind: 'io.lookup', op, lookup });
}

type SuperviseAsk = Extract<Ask, { ask: 'supervise' }>;

/** The flow's caller wants to supervise whoever talks with, or as, somebody. */
export function startSupervise(work: Work, ask: SuperviseAsk, party: number): void {
  const by = partyOf(work, party)?.coordinates;
  const { user, mode } = ask;
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'supervised', ask: ask.id, mode, leg: null };
  work.m.asks[ask.id] = { kind: 'supervise', op, timer: null, attempt: null, spec: null };
  const lookup = { what: 'supervised', key: op, user, by: by?.type === 'user' ? by.id : null, mode } as const;
  work.commands.push({ kind: 'io.lookup', op, lookup });
}

/** His call was looked up. */
export function supervisedFound(
  work: Work,
  { ask, mode }: Extract<OpUse, { use: 'supervised' }>,
  result: IoResult | MediaResult,
): void {
  if (!work.m.asks[ask] || !work.m.flow) return;
  if (result.status !== 'supervised') failAsk(work, ask, result.status === 'refused' ? 'forbidden' : 'not-found');
  else bring(work, ask, result.callId, { what: 'supervised', leg: result.leg, mode });
}

/** Who rings was looked up. */
export function ringingFound(work: Work, ask: string, result: IoResult | MediaResult): void {
  if (!work.m.asks[ask] || !work.m.flow) return;
  if (result.status !== 'ringing') failAsk(work, ask, result.status === 'refused' ? 'forbidden' : 'not-found');
  else bring(work, ask, result.callId, { what: 'ringing', leg: result.leg });
}

/** Bring the flow's caller to another call. */
export function bring(work: Work, ask: string, to: string, where: Bring['where']): void {
  const caller = liveLeg(work, work.m.flow?.caller ?? null);
  if (!caller || to === work.callId) {
    failAsk(work, ask, 'failed');
    return;
  }
  const id = nextId(work, 'bring');
  const timer = startTimer(work, ANSWER_MS, { use: 'bringing', bringing: id });
  work.m.bringings = { ...work.m.bringings, [id]: { id, ask, to, leg: caller.id, where, timer } };
  afterAnswer(work, caller.id, { next: 'bring', bringing: id });
}

const bringingOf = (work: Work, id: string): Bringing | null => work.m.bringings?.[id] ?? null;

/** The leg is answered: name it to the other call. */
export function sendBring(work: Work, id: string): void {
  const bringing = bringingOf(work, id);
  if (!bringing) return;
  const { to, leg, where } = bringing;
  const by = partyOf(work, legOf(work, leg)?.party ?? null)?.coordinates ?? work.m.start.calling;
  sendToCall(work, to, { type: 'leg.bring', id, from: work.callId, leg, by, where });
}

/** The other call will not have it, or has said nothing. False when `id` is none of ours. */
export function failBringing(work: Work, id: string, outcome: ConnectOutcome): boolean {
  const bringing = bringingOf(work, id);
  if (!bringing) return false;
  dropBringing(work, bringing);
  failAsk(work, bringing.ask, outcome);
  return true;
}

function dropBringing(work: Work, bringing: Bringing): void {
  cancelTimer(work, bringing.timer);
  const { [bringing.id]: _gone, ...rest } = work.m.bringings ?? {};
  work.m.bringings = rest;
}

/** The ask is withdrawn, or the call ends: nobody waits any more. */
export function dropBringings(work: Work, ask: string | null): void {
  for (const bringing of Object.values(work.m.bringings ?? {})) {
    if (ask === null || bringing.ask === ask) dropBringing(work, bringing);
  }
}

function failAsk(work: Work, ask: string, outcome: ConnectOutcome): void {
  if (!work.m.asks[ask]) return;
  delete work.m.asks[ask];
  work.notes.push({ note: 'reply', reply: { reply: 'connect', id: ask, outcome, userId: null, talkMs: 0 } });
}

/** Another call brings a leg: to answer for somebody who rings here, or for the party that is parked here. */
export function brought(work: Work, message: Bring): void {
  const { from, leg, where, id } = message;
  const refuse = (): void =>
    sendToCall(work, from, {
      type: 'leg.refuse',
      id: nextId(work, 'message'),
      from: work.callId,
      ask: id,
      reason: work.m.life === 'ending' || work.m.life === 'ended' ? 'ending' : 'unknown-leg',
    });
  const base = { from, leg, peerOf: null, leaver: null, control: null };
  if (where.what === 'ringing') {
    const attempt = Object.values(work.m.attempts).find(
      (one) => one.stage === 'ringing' && one.rings.some((ring) => ring.leg === where.leg && !ring.greeted),
    );
    if (!attempt || work.m.life !== 'serving') refuse();
    else startTaking(work, { ...base, anchor: attempt.anchor, pickUp: { attempt: attempt.id, leg: where.leg } });
    return;
  }
  if (where.what === 'supervised') {
    const target = legOf(work, where.leg);
    const refusal = refusalOf(work, where.leg, message.by);
    const supervise = { leg: where.leg, mode: where.mode, by: `user:${message.by.id ?? ''}` };
    if (!target || refusal || work.m.life !== 'serving') refuse();
    else startTaking(work, { ...base, anchor: target.party, supervise });
    return;
  }
  const parked = work.m.parking;
  if (parked?.stage !== 'waiting' || parked.slot !== where.slot || work.m.life !== 'serving') refuse();
  else startTaking(work, { ...base, anchor: parked.party });
}
