/** Asks of the flow: each becomes an operation, a timer or an attempt, and gets its one reply; `cancel` withdraws it. */
import type { Ask, Reply } from '../define/ask.ts';
import type { Cause, IoResult, JsonValue, MediaResult } from '../protocol/index.ts';
import { startAttempt, withdrawAttempt } from './attempt.ts';
import { dropBringings, startPickUp, startSupervise } from './bringing.ts';
import { afterAnswer, earlyMedia, ringBack } from './legs.ts';
import type { OpenAsk } from './machine.ts';
import { startPark } from './parking.ts';
import { startQueue } from './queue.ts';
import { startCallback } from './queue-callback.ts';
import { enterRoom, leaveRoom, roomResult } from './room.ts';
import { leaveSlot } from './slot.ts';
import { cancelTimer, fact, isAlive, legOf, legOp, liveLeg, nextId, startTimer, type Work } from './work.ts';

type MediaReply = Extract<Reply, { reply: 'media' }>['result'];
/** Asks that need the caller's leg answered before they can be done. */
type LegAsk = Extract<Ask, { ask: 'play' | 'collect' | 'record' | 'background' | 'answer' | 'conference' }>;

function open(work: Work, id: string, kind: string, part: Partial<OpenAsk>): OpenAsk {
  const ask: OpenAsk = { kind, op: null, timer: null, attempt: null, spec: null, ...part };
  work.m.asks[id] = ask;
  return ask;
}

/** Take one ask of the flow. */
export function takeAsk(work: Work, ask: Ask): void {
  if (!work.m.flow || work.m.life === 'ending' || work.m.life === 'ended') return;
  switch (ask.ask) {
    case 'log':
      fact(work, { type: 'log', node: work.m.node, level: ask.level, text: ask.text.slice(0, 1000) });
      return;
    case 'cancel':
      withdrawAsk(work, ask.target);
      return;
    case 'hangup':
      // Before the end of the flow itself, which may come with it: the first cause is the true one.
      work.notes.unshift({ note: 'end', cause: endCause(work, ask.cause), by: 'platform' });
      return;
    case 'timer':
      open(work, ask.id, 'timer', { timer: startTimer(work, ask.ms, { use: 'ask', ask: ask.id }) });
      return;
    case 'request':
    case 'lookup':
      takeIoAsk(work, ask);
      return;
    case 'pick-up':
      startPickUp(work, ask, work.m.flow.caller);
      return;
    case 'supervise':
      startSupervise(work, ask, work.m.flow.caller);
      return;
    case 'park':
      startPark(work, ask, work.m.flow.caller);
      return;
    case 'queue':
      startQueue(work, ask);
      return;
    case 'callback':
      startCallback(work, ask);
      return;
    case 'connect':
    case 'ring-group':
    case 'transfer':
      open(work, ask.id, ask.ask, { attempt: startAttempt(work, ask, work.m.flow.caller) });
      return;
    default:
      takeLegAsk(work, ask);
  }
}

/** What a flow can only call a failure has a truer name when admission had refused what it dialled. */
const endCause = (work: Work, cause: Cause): Cause => (cause === 'failed' ? (work.m.refused ?? cause) : cause);

function takeIoAsk(work: Work, ask: Extract<Ask, { ask: 'request' | 'lookup' }>): void {
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'ask', ask: ask.id, leg: null };
  open(work, ask.id, ask.ask, { op });
  if (ask.ask === 'request') work.commands.push({ kind: 'io.request', op, request: ask.request });
  // what is done under an id is done once
  else if (ask.lookup.what === 'agent')
    work.commands.push({ kind: 'io.lookup', op, lookup: { ...ask.lookup, id: op } });
  else work.commands.push({ kind: 'io.lookup', op, lookup: ask.lookup });
}

function takeLegAsk(work: Work, ask: LegAsk): void {
  const caller = liveLeg(work, work.m.flow?.caller ?? null);
  if (!caller) return;
  open(work, ask.id, ask.ask, { spec: ask as unknown as JsonValue });
  // 180 needs no answer, silence needs nothing.
  const unanswered = caller.leg.life !== 'answered' && ask.ask === 'background';
  if (unanswered && (ask.sound === 'ringback' || ask.sound === 'none')) {
    if (ask.sound === 'ringback') ringBack(work, caller.id);
    closeAsk(work, ask.id, { reply: 'ok', id: ask.id });
    return;
  }
  const { direction, life, answering } = caller.leg;
  if (ask.ask === 'play' && ask.early && direction === 'inbound' && life !== 'answered' && !answering) {
    earlyMedia(work, caller.id);
    performAsk(work, caller.id, ask.id);
    return;
  }
  afterAnswer(work, caller.id, { next: 'ask', ask: ask.id });
}

/** The caller's leg is answered (or ours again): do what the ask wants of it. */
export function performAsk(work: Work, leg: string, id: string): void {
  const open = work.m.asks[id];
  const ask = open?.spec as unknown as LegAsk | null | undefined;
  if (!open || !ask) return;
  const state = legOf(work, leg);
  if (!state) return;
  if (ask.ask === 'answer') {
    closeAsk(work, id, { reply: 'ok', id });
    return;
  }
  state.sounding = false;
  delete state.background;
  const use = { use: 'ask', ask: id, leg } as const;
  if (ask.ask === 'conference') open.op = enterRoom(work, leg, ask);
  else if (ask.ask === 'play') {
    open.op = legOp(work, leg, { kind: 'media.play', prompts: ask.prompts, clearDigits: ask.clearDigits }, use);
  } else if (ask.ask === 'collect') {
    open.op = legOp(work, leg, { kind: 'media.collect', ...ask.spec }, use);
  } else if (ask.ask === 'record') {
    open.op = legOp(work, leg, { kind: 'media.record', ...ask.spec }, use);
  } else {
    state.background = ask.sound;
    open.op = legOp(work, leg, { kind: 'media.background', sound: ask.sound }, use);
  }
}

function closeAsk(work: Work, id: string, reply: Reply): void {
  if (!work.m.asks[id]) return;
  delete work.m.asks[id];
  work.notes.push({ note: 'reply', reply });
}

/** The operation of an ask has come back. */
export function askResult(work: Work, id: string, result: MediaResult | IoResult): void {
  const open = work.m.asks[id];
  if (!open) return;
  if (open.kind === 'request' || open.kind === 'lookup') {
    closeAsk(work, id, { reply: 'io', id, result: asIo(result) });
  } else if (open.kind === 'conference') {
    const media = result as MediaResult;
    const reply = { reply: 'connect', id, outcome: 'failed', userId: null, talkMs: 0 } as const;
    if (!roomResult(work, id, media) && media.status !== 'gone') closeAsk(work, id, reply);
  } else if (open.kind === 'background') {
    closeAsk(work, id, { reply: 'ok', id });
  } else {
    const media = asMedia(result);
    // A leg that is gone has no reply: its hang-up ends the flow.
    if (media) closeAsk(work, id, { reply: 'media', id, result: media });
  }
}

function asIo(result: MediaResult | IoResult): IoResult {
  if (result.status === 'failed') return { status: 'io-failed', code: 'failed', message: result.message };
  if (MEDIA_ONLY.has(result.status)) return { status: 'io-failed', code: 'failed', message: result.status };
  return result as IoResult;
}
const MEDIA_ONLY = new Set(['done', 'interrupted', 'collected', 'not-collected', 'recorded', 'gone']);

function asMedia(result: MediaResult | IoResult): MediaReply | null {
  switch (result.status) {
    case 'done':
    case 'interrupted':
      return { status: result.status };
    case 'collected': {
      const { mode, value, confidence, tries } = result;
      return { status: 'collected', mode, value, confidence, tries };
    }
    case 'not-collected':
    case 'recorded':
      return result;
    case 'failed':
      return { status: 'failed', code: result.code, message: result.message };
    default:
      return null;
  }
}

/** The timer of an ask has fired. */
export function askTimer(work: Work, id: string): void {
  closeAsk(work, id, { reply: 'timer', id });
}

/** Withdraw an ask: stop what it started; it gets no reply. */
export function withdrawAsk(work: Work, id: string): void {
  const open = work.m.asks[id];
  if (!open) return;
  delete work.m.asks[id];
  cancelTimer(work, open.timer);
  dropBringings(work, id);
  if (open.kind === 'park') leaveSlot(work, 'abandoned');
  if (open.kind === 'conference') leaveRoom(work, id);
  if (open.attempt) withdrawAttempt(work, open.attempt);
  const use = open.op ? work.m.ops[open.op] : undefined;
  // An operation stopped for a move is still awaited by it.
  if (!open.op || use?.use !== 'ask') return;
  delete work.m.ops[open.op];
  const leg = legOf(work, use.leg);
  // A background sound is replaced by the next operation, or silenced at the end of the step.
  const stoppable = open.kind === 'play' || open.kind === 'collect' || open.kind === 'record';
  if (use.leg && leg && isAlive(leg) && !leg.cut && stoppable) {
    legOp(work, use.leg, { kind: 'media.stop', target: open.op }, null);
  }
}

export function withdrawAllAsks(work: Work): void {
  for (const id of Object.keys(work.m.asks)) withdrawAsk(work, id);
}
