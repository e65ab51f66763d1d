/**
 * A fake outside for call machines, on virtual time: telephony, the company's pool, io and other calls behave as the protocol says
 * (numbered leg events, one result per operation, repeatable messages), without a clock or a socket. What is under way stands in
 * lanes; a lane keeps its order, lanes are free of each other, so that a test may take them in time order or shuffled.
 */
import { createCallMachine } from '../src/call/call.ts';
import { type FlowPort, flowMachine } from '../src/call/flow-port.ts';
import type { CallState } from '../src/call/state.ts';
import type { RevisionClosure } from '../src/flow/document.ts';
import { startPool, stepPool } from '../src/group/pool/pool.ts';
import type {
  PoolCommand,
  PoolEvent,
  PoolOccupation,
  PoolRequest,
  PoolStart,
  PoolState,
} from '../src/group/pool/protocol.ts';
import {
  type Calendar,
  type CallRecord,
  type CallStart,
  type Cdr,
  Command,
  type Destination,
  type EngineEvent,
  type Fact,
  type HttpRequest,
  type IoResult,
  type JsonValue,
  type Lookup,
  type PoolMessage,
  type Queue,
  type QueueAgent,
  type QueueRules,
  type RingGroup,
  type RingPlan,
  type RingStrategy,
  type TalkLimit,
  type UserMode,
} from '../src/protocol/index.ts';
import { answerLookup } from './world-directory.ts';
import { createSlots, isJoining } from './world-joining.ts';
import { createSeats, isSeating } from './world-rooms.ts';
import { createTelephony, type Telephony } from './world-telephony.ts';

export interface WorldUser {
  readonly extension?: string;
  readonly registered?: boolean;
  readonly callWaiting?: boolean;
  readonly plan?: Partial<RingPlan>;
  /** May pick up what rings for others; absent = yes. */
  readonly pickUp?: boolean;
  /** May supervise. */
  readonly supervisor?: boolean;
  readonly name?: string;
}

/** A meeting room; who types `moderatorPin` is a moderator. */
export interface WorldRoom {
  readonly pin?: string;
  readonly moderatorPin?: string;
  readonly maxMembers?: number;
  readonly waitForModerator?: boolean;
  readonly announce?: boolean;
  readonly record?: boolean;
}

export interface WorldGroup {
  readonly members: readonly string[];
  readonly strategy?: RingStrategy;
  readonly memberRingMs?: number;
  readonly totalRingMs?: number;
  /** What else the group says; `confirm` = members who must accept. */
  readonly more?: Partial<RingGroup>;
  readonly confirm?: readonly string[];
}

export interface WorldQueue extends Partial<Omit<Queue, 'id' | 'coordinates' | 'rules' | 'agents'>> {
  /** In the order of the list. */
  readonly agents: readonly (string | (Partial<QueueAgent> & { readonly userId: string }))[];
  readonly rules?: Partial<QueueRules>;
}

/** What there is in the company, and how the outside behaves. */
export interface WorldOptions {
  readonly users?: Readonly<Record<string, WorldUser>>;
  readonly groups?: Readonly<Record<string, WorldGroup>>;
  readonly queues?: Readonly<Record<string, WorldQueue>>;
  /** Number or extension → where it leads; users' extensions are known by themselves. */
  readonly numbers?: Readonly<Record<string, Destination>>;
  /** Numbers that admission refuses, with its answer. */
  readonly refused?: Readonly<Record<string, Omit<Extract<IoResult, { status: 'refused' }>, 'status'>>>;
  /** Numbers of callers to be preferred. */
  readonly vips?: readonly string[];
  /** Accounts whose calls inside are refused, by user id; `company` for the company's own. */
  readonly refusedAccounts?: Readonly<Record<string, Omit<Extract<IoResult, { status: 'refused' }>, 'status'>>>;
  /** Outside numbers to which calls may not last for ever. */
  readonly limits?: Readonly<Record<string, TalkLimit>>;
  /** What the account still has for a number, ms, whenever it is asked. */
  readonly allowance?: (number: string) => number | null;
  readonly flows?: Readonly<Record<string, RevisionClosure>>;
  /** What the company says to recording a conversation; calls are then asked about. */
  readonly recording?: (asked: Extract<Lookup, { what: 'recording' }>) => IoResult;
  /** Voicemail boxes by id. */
  readonly boxes?: Readonly<Record<string, { readonly pin?: string; readonly full?: boolean }>>;
  /** Modes of users that are not normal. */
  readonly modes?: Readonly<Record<string, UserMode>>;
  /** Lists of callers by name: numbers and the kind of the list. */
  readonly callerLists?: Readonly<
    Record<string, { readonly kind: 'allow' | 'block' | 'vip'; readonly numbers: readonly string[] }>
  >;
  /** Contacts by number: name and what else is known. */
  readonly contacts?: Readonly<Record<string, { readonly name: string; readonly data?: JsonValue }>>;
  /** Names of webhooks; absent: every name is one. */
  readonly webhooks?: readonly string[];
  /** Meeting rooms by extension. */
  readonly rooms?: Readonly<Record<string, WorldRoom>>;
  /** Park slots by extension. */
  /** Flow that park slots are served by, one of `flows`. */
  readonly parkFlow?: string;
  readonly slots?: Readonly<Record<string, { readonly returnMs: number }>>;
  readonly calendars?: Readonly<Record<string, Calendar>>;
  readonly http?: (request: HttpRequest) => IoResult;
  /** Flow machine to run; the real one unless given. */
  readonly port?: FlowPort;
  /** Epoch ms at the start. */
  readonly startAt?: number;
}

export interface WorldCall {
  readonly callId: string;
  state: CallState;
  readonly closures: Record<string, RevisionClosure>;
  readonly records: CallRecord[];
  readonly commands: Command[];
}

/** Something under way; `lane` keeps its order. */
export interface Happening {
  readonly at: number;
  readonly seq: number;
  readonly lane: string;
  readonly run: () => void;
}

export interface World {
  readonly options: WorldOptions;
  readonly calls: Map<string, WorldCall>;
  readonly telephony: Telephony;
  readonly now: () => number;
  readonly start: (start: CallStart, closure: RevisionClosure) => WorldCall;
  /** What calls were told, the last 200: to be told again. */
  readonly told: { readonly callId: string; readonly event: EngineEvent }[];
  /** Tell a call something now. */
  readonly tell: (callId: string, event: EngineEvent) => void;
  /** Put something under way. */
  readonly later: (lane: string, delayMs: number, run: () => void) => void;
  /** What may happen next: the head of each lane. */
  readonly heads: () => Happening[];
  /** Let one thing happen; time goes on to it. */
  readonly happen: (what: Happening) => void;
  /** Let everything happen that is due within `ms`. */
  readonly pass: (ms: number) => void;
  readonly pool: () => PoolState;
  /** Tell the pool something now, as an agent does. */
  readonly tellPool: (message: PoolMessage) => void;
  /** Put a pool in the place of this one, made of what it has stored. */
  readonly restartPool: () => void;
  readonly loseInstance: (instance: string) => void;
}

export const COMPANY = 'company';

export function createWorld(options: WorldOptions = {}): World {
  const { startCall, stepCall } = createCallMachine(options.port ?? flowMachine);
  const lanes = new Map<string, Happening[]>();
  const calls = new Map<string, WorldCall>();
  const slots = createSlots();
  const seats = createSeats();
  const told: World['told'] = [];
  const timers = new Set<string>();
  let now = options.startAt ?? 1_700_000_000_000;
  let seq = 0;
  const rows: PoolRows = { occupations: {}, requests: new Map(), agents: {} };
  let poolState = startPool({ type: 'pool.start', at: now, companyId: COMPANY, occupations: [] }).state;

  const later = (lane: string, delayMs: number, run: () => void): void => {
    const queue = lanes.get(lane) ?? [];
    lanes.set(lane, queue);
    seq += 1;
    queue.push({ at: Math.max(now + delayMs, queue.at(-1)?.at ?? 0), seq, lane, run });
  };
  const heads = (): Happening[] => [...lanes.values()].flatMap((queue) => queue.slice(0, 1));
  const happen = (what: Happening): void => {
    const queue = lanes.get(what.lane);
    queue?.shift();
    if (queue?.length === 0) lanes.delete(what.lane);
    now = Math.max(now, what.at);
    what.run();
  };
  const pass = (ms: number): void => {
    const until = now + ms;
    for (let next = earliest(heads()); next && next.at <= until; next = earliest(heads())) happen(next);
    now = until;
  };

  const tell = (callId: string, event: EngineEvent): void => {
    const call = calls.get(callId);
    if (!call) return;
    told.push({ callId, event });
    if (told.length > 200) told.shift();
    const step = stepCall(call.state, event, { closures: call.closures });
    take(call, step);
  };
  const take = (call: WorldCall, step: ReturnType<typeof stepCall>): void => {
    call.state = step.state;
    call.records.push(...step.records);
    for (const command of step.commands) {
      call.commands.push(Command.parse(command));
      execute(call, command);
    }
  };

  const tellPool = (event: PoolEvent): void => {
    const step = stepPool(poolState, event);
    poolState = step.state;
    for (const command of step.commands) doForPool(command);
  };
  const doForPool = (command: PoolCommand): void => {
    keepRows(rows, command);
    if (command.kind === 'timer.start')
      startTimer(command, (timer) => tellPool({ type: 'timer.fired', at: now, timer }));
    else if (command.kind === 'timer.cancel') timers.delete(command.timer);
    else if (command.kind === 'pool.reply') {
      const { callId, message } = command;
      later(`pool>${callId}`, 2, () => tell(callId, { type: 'message', at: now, message }));
    } else if (command.kind === 'pool.ask-calls') {
      const { op, callIds: asked } = command;
      const ended = () => asked.filter((callId) => calls.get(callId)?.state.status === 'ended');
      later(`io:${op}`, 3, () => tellPool({ type: 'calls.ended', at: now, op, callIds: ended() }));
    }
  };

  const restartPool = (): void => {
    const occupations = Object.entries(rows.occupations).map(([userId, grants]) => ({ userId, grants }));
    const requests = [...rows.requests.values()];
    const agents = rows.agents;
    const step = startPool({ type: 'pool.start', at: now, companyId: COMPANY, occupations, requests, agents });
    poolState = step.state;
    for (const command of step.commands) doForPool(command);
  };

  const startTimer = (command: { timer: string; dueAt: number }, fire: (timer: string) => void): void => {
    const { timer, dueAt } = command;
    timers.add(timer);
    later(`timer:${timer}`, dueAt - now, () => {
      if (timers.delete(timer)) fire(timer);
    });
  };

  const execute = (call: WorldCall, command: Command): void => {
    const { callId } = call;
    switch (command.kind) {
      case 'timer.start':
        startTimer(command, (timer) => tell(callId, { type: 'timer.fired', at: now, timer }));
        return;
      case 'timer.cancel':
        timers.delete(command.timer);
        return;
      case 'io.request':
      case 'io.lookup':
        later(`io:${command.op}`, 3, () => {
          const result = answerIo(callId, command);
          if (result.status === 'destination' && result.closure) {
            const closure = result.closure as unknown as RevisionClosure;
            call.closures[closure.root] = closure;
          }
          tell(callId, { type: 'op.result', at: now, op: command.op, result });
        });
        return;
      case 'send':
        send(callId, command);
        return;
      default:
        telephony.execute(callId, command);
    }
  };
  const answerIo = (callId: string, command: Extract<Command, { kind: 'io.request' | 'io.lookup' }>): IoResult => {
    if (command.kind === 'io.lookup' && isJoining(command.lookup))
      return slots.answer({ options, calls, telephony }, callId, command.lookup);
    if (command.kind === 'io.lookup' && isSeating(command.lookup))
      return seats.answer({ options, calls }, callId, command.lookup);
    if (command.kind === 'io.lookup') return answerLookup(options, command.lookup);
    return options.http?.(command.request) ?? { status: 'io-failed', code: 'unreachable', message: '' };
  };
  const send = (from: string, { to, message }: Extract<Command, { kind: 'send' }>): void => {
    if (to.type === 'pool') {
      later(`${from}>pool`, 2, () => tellPool({ type: 'message', at: now, message: message as PoolMessage }));
      return;
    }
    later(`${from}>${to.callId}`, 2, () => {
      const receiver = calls.get(to.callId);
      if (receiver && receiver.state.status !== 'ended') tell(to.callId, { type: 'message', at: now, message });
      else if (message.type === 'leg.ask' || message.type === 'leg.bring') {
        const refusal = { id: `${message.id}/ended`, from: to.callId, ask: message.id, reason: 'ending' } as const;
        tell(from, { type: 'message', at: now, message: { type: 'leg.refuse', ...refusal } });
      }
    });
  };

  const start = (event: CallStart, closure: RevisionClosure): WorldCall => {
    const closures = { [closure.root]: closure };
    const step = startCall(event, { closures });
    const call: WorldCall = { callId: event.callId, state: step.state, closures, records: [], commands: [] };
    calls.set(event.callId, call);
    if (event.inbound) telephony.arrive(event.callId, event.inbound);
    take(call, step);
    return call;
  };
  const loseInstance = (instance: string): void => {
    telephony.lose(instance);
    for (const callId of calls.keys()) {
      later(`lost>${callId}`, 1, () => tell(callId, { type: 'instance.lost', at: now, instance }));
    }
  };

  const tellPoolNow = (message: PoolMessage): void => tellPool({ type: 'message', at: now, message });
  const pools = { tellPool: tellPoolNow, restartPool };
  const base = {
    options,
    calls,
    told,
    now: () => now,
    start,
    tell,
    later,
    heads,
    happen,
    pass,
    loseInstance,
    ...pools,
  };
  const telephony = createTelephony({ ...base, pool: () => poolState });
  return { ...base, telephony, pool: () => poolState };
}

/** What a pool has stored, from which another one is made. */
interface PoolRows {
  readonly occupations: Record<string, PoolOccupation['grants']>;
  readonly requests: Map<string, PoolRequest>;
  readonly agents: NonNullable<PoolStart['agents']>;
}

function keepRows(rows: PoolRows, command: PoolCommand): void {
  if (command.kind === 'pool.store-agents') {
    for (const { userId, state } of command.agents) rows.agents[userId] = state;
  }
  if (command.kind !== 'pool.store') return;
  for (const { userId, grants } of command.occupations) rows.occupations[userId] = grants;
  for (const { request, standing } of command.requests ?? []) {
    if (standing) rows.requests.set(request, standing);
    else rows.requests.delete(request);
  }
}

/** The happening that is due first. */
export function earliest(heads: readonly Happening[]): Happening | null {
  return heads.reduce<Happening | null>(
    (first, one) => (!first || one.at < first.at || (one.at === first.at && one.seq < first.seq) ? one : first),
    null,
  );
}

export const factsOf = (call: WorldCall): Fact[] =>
  call.records.filter((one) => one.stream === 'fact').map((one) => one.body as unknown as Fact);

/** The account of a call once it has ended. */
export function cdrOf(call: WorldCall): Cdr | null {
  const last = factsOf(call).find((one) => one.type === 'call.ended');
  return last?.type === 'call.ended' ? last.cdr : null;
}
