/**
 * One step under way: the private copy of the call's state and all that leaves the call with it. Parts of the call machine talk
 * to each other only through `notes`, which `call.ts` routes until none is left; so no part calls another in a circle.
 */
import { draw } from '../chance.ts';
import type { Ask, ConnectOutcome, Reply } from '../define/ask.ts';
import type {
  CallRecord,
  Cause,
  Command,
  Coordinates,
  Fact,
  JsonValue,
  LegEventBody,
  MediaCommand,
  MediaResult,
  Message,
} from '../protocol/index.ts';
import type { FlowPort } from './flow-port.ts';
import type { CallMachine, LegState, OpUse, PartyState, TimerUse } from './machine.ts';
import type { CallEnvironment } from './state.ts';

/** What one part of the call machine tells the rest of it. */
export type Note =
  | { readonly note: 'ask'; readonly ask: Ask }
  | { readonly note: 'reply'; readonly reply: Reply }
  | {
      readonly note: 'leg.ringing' | 'leg.answered' | 'leg.ready' | 'leg.limited' | 'leg.ended' | 'hold';
      readonly leg: string;
    }
  | { readonly note: 'refer'; readonly leg: string; readonly refer: Extract<LegEventBody, { type: 'refer' }> }
  | { readonly note: 'missed'; readonly attempt: string; readonly outcome: ConnectOutcome }
  | { readonly note: 'in-room'; readonly party: number }
  | { readonly note: 'feature'; readonly leg: string; readonly name: string }
  | { readonly note: 'consult-over' | 'parted' | 'joined'; readonly attempt: string }
  | { readonly note: 'tap-ended'; readonly leg: string; readonly ended: Extract<LegEventBody, { type: 'tap-ended' }> }
  | { readonly note: 'talk-over' }
  | { readonly note: 'deflected'; readonly leg: string; readonly target: string }
  | { readonly note: 'serve'; readonly revision: string; readonly caller: number; readonly called?: Coordinates }
  | { readonly note: 'drop-flow' | 'give-up' | 'first-answered' }
  | { readonly note: 'resolve' | 'rejoin' | 'broken'; readonly attempt: string }
  | { readonly note: 'held'; readonly leg: string; readonly ask: string; readonly result: MediaResult | null }
  | {
      readonly note: 'end';
      readonly cause: Cause;
      readonly by: 'calling' | 'called' | 'platform';
      /** The attempt whose end this is. */
      readonly of?: string;
    };

export interface Work {
  readonly callId: string;
  readonly companyId: string;
  readonly at: number;
  readonly environment: CallEnvironment;
  readonly port: FlowPort;
  readonly m: CallMachine;
  lastRecord: number;
  readonly commands: Command[];
  readonly records: CallRecord[];
  readonly notes: Note[];
}

/**
 * The pool is heard within this time or whoever asked has failed. A plain ring waits for one round trip of a message; this is longer
 * than a restart of the run time takes.
 */
export const POOL_SILENCE_MS = 30_000;

/**
 * How long an occupied user may take to become free before his callers are told that he is busy: the end of a leg reaches the pool by
 * way of its call, which takes a moment when many calls run.
 */
const BUSY_PATIENCE_MS = 1_000;

/** Next name on a machine path: `<callId>/<path>/<counter>`. */
export function nextId(work: Work, path: string): string {
  work.m.counter += 1;
  return `${work.callId}/${path}/${work.m.counter}`;
}

/** A drawn integer in 0 … 2³²−1. */
export function chance(work: Work): number {
  const drawn = draw(work.m.chance);
  work.m.chance = drawn.next;
  return drawn.value;
}

/** Platform-wide number of a party: call number × 1000 + its number in the call. */
export const partyNumber = (work: Work, n: number): number => work.m.start.number * 1000 + n;

export function record(work: Work, stream: 'fact' | 'event', type: string, body: JsonValue): void {
  work.lastRecord += 1;
  work.records.push({ n: work.lastRecord, at: work.at, stream, type, body });
}

/** Let the outside learn something. */
export function fact(work: Work, what: Fact): void {
  record(work, 'fact', what.type, what as unknown as JsonValue);
}

export const legOf = (work: Work, id: string | null): LegState | null => (id ? (work.m.legs[id] ?? null) : null);

export const partyOf = (work: Work, n: number | null): PartyState | null =>
  work.m.parties.find((party) => party.n === n) ?? null;

/** The leg of a party while it is alive. */
export function liveLeg(work: Work, n: number | null): { id: string; leg: LegState } | null {
  const id = partyOf(work, n)?.leg ?? null;
  const leg = legOf(work, id);
  return id && leg && isAlive(leg) ? { id, leg } : null;
}

export const isAlive = (leg: LegState): boolean => leg.life !== 'ended' && leg.life !== 'released';

type LegCommandBody<C> = C extends unknown ? Omit<C, 'op' | 'leg' | 'instance'> : never;

/** Command an operation on a leg. `use` = who waits for its result; null = nobody. */
export function legOp(work: Work, leg: string, body: LegCommandBody<MediaCommand>, use: OpUse | null): string {
  const op = nextId(work, 'op');
  const instance = work.m.legs[leg]?.instance ?? '';
  work.commands.push({ ...body, op, leg, instance } as MediaCommand);
  if (use) work.m.ops[op] = use;
  return op;
}

type Collect = Extract<LegCommandBody<MediaCommand>, { kind: 'media.collect' }>;
type KeyEntry = Omit<Collect, 'kind' | 'modes' | 'minDigits' | 'totalTimeoutMs' | 'noInputPrompts' | 'noMatchPrompts'>;

/** Ask a leg for keys on the call's own behalf: nothing is said about what is missing or wrong. */
export function collectKeys(work: Work, leg: string, entry: KeyEntry, use: OpUse): string {
  const silent = { totalTimeoutMs: 0, noInputPrompts: [], noMatchPrompts: [] };
  return legOp(work, leg, { kind: 'media.collect', modes: ['keys'], minDigits: 1, ...silent, ...entry }, use);
}

/** Start a timer; its name is answered. */
export function startTimer(work: Work, delayMs: number, use: TimerUse): string {
  const timer = nextId(work, 'timer');
  const delay = Math.max(0, Math.round(delayMs));
  work.commands.push({ kind: 'timer.start', timer, delayMs: delay, dueAt: work.at + delay });
  work.m.timers[timer] = use;
  return timer;
}

export function cancelTimer(work: Work, timer: string | null): void {
  if (!timer || !work.m.timers[timer]) return;
  delete work.m.timers[timer];
  work.commands.push({ kind: 'timer.cancel', timer });
}

export function sendToPool(work: Work, message: Message): void {
  work.commands.push({ kind: 'send', to: { type: 'pool' }, message });
}

type PoolWish = Omit<Extract<Message, { type: 'pool.request' }>, 'type' | 'id' | 'callId' | 'seed' | 'patienceMs'>;

/** Asks the pool for users; an occupied one has a moment to become free. */
export function requestFromPool(work: Work, wish: PoolWish): void {
  const ids = { id: nextId(work, 'message'), callId: work.callId };
  sendToPool(work, { type: 'pool.request', ...ids, ...wish, seed: chance(work), patienceMs: BUSY_PATIENCE_MS });
}

export function sendToCall(work: Work, callId: string, message: Message): void {
  work.commands.push({ kind: 'send', to: { type: 'call', callId }, message });
}

/** True when `id` was taken before; else remembers it. Commands and messages from outside are repeatable by id. */
export function seenBefore(work: Work, id: string): boolean {
  if (work.m.seen.includes(id)) return true;
  work.m.seen.push(id);
  if (work.m.seen.length > 200) work.m.seen.shift();
  return false;
}
