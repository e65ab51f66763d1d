/**
 * A day of a company's queues on virtual time: callers come, wait, lose patience, are called away and come back; agents log in and
 * out, pause, take calls or let them ring. The pool is the real one; a ledger kept here, apart from the pool's own accounts, is what
 * strategies are judged by. For tests.
 */

import { draw } from '../../chance.ts';
import type { AgentMessage, PoolMessage, PoolReply, QueueNeeds, QueueRules } from '../../protocol/index.ts';
import { Agenda } from '../agenda.ts';
import { startPool, stepPool } from '../pool/pool.ts';
import type { PoolState } from '../pool/protocol.ts';
import { isFit, type QueueRequest, servingOrder } from './waiting.ts';

export interface QueueDayOptions {
  readonly queues: readonly QueueRules[];
  readonly agents: readonly string[];
  readonly calls: number;
  readonly seed: number;
  readonly paceMs: number;
  /** Agents pause, log out and come back; callers leave for an IVR and return. */
  readonly restless: boolean;
  readonly needs?: (pick: (below: number) => number) => QueueNeeds;
}

/** What happened to an agent, as a bystander would count it. */
export interface Ledger {
  lastStart: number;
  lastEnd: number;
  idleSince: number;
  calls: number;
  talkMs: number;
  byQueue: Record<string, number>;
}

/** A grant with those who could have had it as well. */
export interface QueueGrantSeen {
  readonly at: number;
  readonly queue: number;
  readonly call: string;
  readonly userId: string;
  readonly others: readonly string[];
  readonly ledger: Readonly<Record<string, Ledger>>;
}

export interface QueueDay {
  readonly grants: readonly QueueGrantSeen[];
  readonly calls: readonly {
    id: string;
    queue: number;
    enteredAt: number;
    end: string | null;
    endedAt: number | null;
  }[];
  readonly faults: readonly string[];
  readonly pool: PoolState;
  /** Agents as stored last. */
  readonly stored: Readonly<Record<string, unknown>>;
}

interface Caller {
  readonly id: string;
  readonly queue: number;
  readonly enteredAt: number;
  readonly ringing: Map<string, string>;
  waits: boolean;
  end: string | null;
  endedAt: number | null;
}

/** Runs the day to its end. */
export function runQueueDay(options: QueueDayOptions): QueueDay {
  return new QueueDayRun(options).run();
}

const queueId = (queue: number): string => `queue-${queue}`;

class QueueDayRun {
  private chance: number;
  private ids = 0;
  private pool: PoolState;
  private readonly options: QueueDayOptions;
  private readonly agenda = new Agenda();
  private readonly callers = new Map<string, Caller>();
  private readonly grants: QueueGrantSeen[] = [];
  private readonly faults: string[] = [];
  private readonly ledger: Record<string, Ledger> = {};
  private readonly stored: Record<string, unknown> = {};
  private pending = 0;

  constructor(options: QueueDayOptions) {
    this.options = options;
    this.chance = options.seed;
    this.pool = startPool({ type: 'pool.start', at: 0, companyId: 'c', occupations: [] }).state;
  }

  run(): QueueDay {
    const { agents, calls, paceMs, queues, restless } = this.options;
    for (const userId of agents) {
      this.ledger[userId] = { lastStart: -1, lastEnd: -1, idleSince: 0, calls: 0, talkMs: 0, byQueue: {} };
      for (const [queue] of queues.entries()) {
        this.agenda.plan(this.pick(2000), () => this.agent(userId, { do: 'log-in', queueId: queueId(queue) }));
      }
    }
    for (let n = 0, at = 3000; n < calls; n += 1, at += this.pick(paceMs)) {
      const queue = this.pick(queues.length);
      this.agenda.plan(at, () => this.arrive(`call-${n}`, queue));
      if (restless) this.agenda.plan(at + this.pick(paceMs), () => this.stir());
    }
    while (this.agenda.pass()) {
      // what happens at this very moment is first to be over
      if (this.pending === 0 && !this.agenda.isBusy) this.watch();
    }
    const done = [...this.callers.values()];
    return { grants: this.grants, calls: done, faults: this.faults, pool: this.pool, stored: this.stored };
  }

  private pick = (below: number): number => {
    const { value, next } = draw(this.chance);
    this.chance = next;
    return value % Math.max(1, below);
  };

  private arrive(id: string, queue: number): void {
    const caller: Caller = {
      id,
      queue,
      enteredAt: this.agenda.at,
      ringing: new Map(),
      waits: true,
      end: null,
      endedAt: null,
    };
    this.callers.set(id, caller);
    const needs = this.options.needs?.(this.pick) ?? { priority: 0, skills: [], preferred: [] };
    this.send({
      type: 'pool.enqueue',
      callId: id,
      request: `${id}/request`,
      queueId: queueId(queue),
      enteredAt: this.agenda.at,
      rules: this.options.queues[queue]!,
      needs,
      seed: this.pick(1_000_000),
    });
    this.agenda.plan(this.agenda.at + 20_000 + this.pick(600_000), () => this.leave(caller, 'abandoned'));
    this.agenda.plan(this.agenda.at + 1_000_000, () => this.leave(caller, 'too-long'));
  }

  /** Somebody does something: an agent pauses, resumes, logs out or in, gets ready early; a caller goes and comes back. */
  private stir(): void {
    const userId = this.options.agents[this.pick(this.options.agents.length)]!;
    const queue = queueId(this.pick(this.options.queues.length));
    const later = (ms: number, what: () => void) => this.agenda.plan(this.agenda.at + ms, what);
    const what = this.pick(4);
    if (what === 0) {
      this.agent(userId, { do: 'pause', reason: 'lunch' });
      later(this.pick(60_000), () => this.agent(userId, { do: 'resume' }));
    } else if (what === 1) {
      this.agent(userId, { do: 'log-out', queueId: queue });
      later(this.pick(60_000), () => this.agent(userId, { do: 'log-in', queueId: queue }));
    } else if (what === 2) this.agent(userId, { do: 'ready' });
    else {
      const caller = [...this.callers.values()].find(({ waits, ringing }) => waits && ringing.size === 0);
      if (!caller) return;
      const call = { callId: caller.id, request: `${caller.id}/request` };
      this.send({ type: 'pool.away', ...call, away: true });
      later(this.pick(20_000), () => this.send({ type: 'pool.away', ...call, away: false }));
    }
  }

  private agent(userId: string, change: AgentMessage['change']): void {
    const before = this.pool.agents?.[userId];
    const wasRestingUntil = before?.restUntil ?? null;
    this.send({ type: 'pool.agent', userId, change });
    const own = this.ledger[userId]!;
    if (change.do === 'resume' && before?.paused)
      own.idleSince = Math.max(this.agenda.at, wasRestingUntil ?? this.agenda.at);
    if (change.do === 'ready') own.idleSince = Math.min(own.idleSince, this.agenda.at);
    // an account begins when its agent first logs in anywhere
    if (change.do === 'log-in' && Object.keys(before?.queues ?? {}).length === 0) {
      Object.assign(own, { lastStart: -1, lastEnd: -1, idleSince: this.agenda.at, calls: 0, talkMs: 0, byQueue: {} });
    }
  }

  private leave(caller: Caller, end: string): void {
    if (!caller.waits) return;
    caller.waits = false;
    caller.end = end;
    caller.endedAt = this.agenda.at;
    for (const grant of [...caller.ringing.keys()]) this.cut(caller, grant);
    this.send({ type: 'pool.withdraw', callId: caller.id, request: `${caller.id}/request` });
  }

  private cut(caller: Caller, grant: string): void {
    caller.ringing.delete(grant);
    this.agenda.plan(this.agenda.at + 30, () => this.send({ type: 'pool.return', callId: caller.id, grant }));
  }

  private hear(callId: string, reply: PoolReply): void {
    this.pending -= 1;
    const caller = this.callers.get(callId);
    if (!caller || reply.type !== 'pool.grant') return;
    if (!caller.waits) this.send({ type: 'pool.return', callId, grant: reply.grant });
    else this.ring(caller, reply.grant, reply.userId);
  }

  private ring(caller: Caller, grant: string, userId: string): void {
    const { ringMs } = this.options.queues[caller.queue]!;
    caller.ringing.set(grant, userId);
    this.send({ type: 'pool.confirm', callId: caller.id, grant });
    const reaction = this.pick(ringMs * 3);
    const request = `${caller.id}/request`;
    const missed = () => {
      if (!caller.ringing.delete(grant)) return;
      this.send({ type: 'pool.next', callId: caller.id, request, grant });
    };
    if (reaction < ringMs) this.agenda.plan(this.agenda.at + reaction, () => this.answer(caller, grant, userId));
    else this.agenda.plan(this.agenda.at + (reaction < 2 * ringMs ? ringMs : reaction % ringMs), missed);
  }

  private answer(caller: Caller, grant: string, userId: string): void {
    if (!caller.ringing.delete(grant)) return;
    caller.waits = false;
    caller.end = 'answered';
    caller.endedAt = this.agenda.at;
    for (const other of [...caller.ringing.keys()]) this.cut(caller, other);
    this.send({ type: 'pool.answered', callId: caller.id, grant });
    this.send({ type: 'pool.withdraw', callId: caller.id, request: `${caller.id}/request` });
    const own = this.ledger[userId]!;
    own.lastStart = this.agenda.at;
    own.calls += 1;
    own.byQueue[caller.queue] = (own.byQueue[caller.queue] ?? 0) + 1;
    const from = this.agenda.at;
    this.agenda.plan(this.agenda.at + 1000 + this.pick(90_000), () => {
      const { wrapUpMs } = this.options.queues[caller.queue]!;
      Object.assign(own, {
        lastEnd: this.agenda.at,
        idleSince: this.agenda.at + wrapUpMs,
        talkMs: own.talkMs + this.agenda.at - from,
      });
      this.send({ type: 'pool.return', callId: caller.id, grant });
    });
  }

  private send(message: Partial<PoolMessage>): void {
    this.ids += 1;
    this.step({ type: 'message', at: this.agenda.at, message: { ...message, id: `m${this.ids}` } as PoolMessage });
  }

  private step(event: Parameters<typeof stepPool>[1]): void {
    const { state, commands } = stepPool(this.pool, event);
    this.pool = state;
    for (const command of commands) {
      if (command.kind === 'pool.reply') {
        this.see(command.callId, command.message);
        this.pending += 1;
        this.agenda.plan(this.agenda.at, () => this.hear(command.callId, command.message));
      } else if (command.kind === 'timer.start') {
        this.agenda.plan(command.dueAt, () => this.fire(command.timer));
      } else if (command.kind === 'pool.store-agents') {
        for (const { userId, state: agent } of command.agents) this.stored[userId] = agent;
      }
    }
  }

  /** The pool asks about its calls for as long as there are any; only its other clocks matter here. */
  private fire(timer: string): void {
    if (timer.includes('/alive/')) return;
    this.step({ type: 'timer.fired', at: this.agenda.at, timer });
  }

  private see(call: string, reply: PoolReply): void {
    if (reply.type !== 'pool.grant') return;
    const caller = this.callers.get(call)!;
    const request = servingOrder(this.pool).find((one) => one.callId === call);
    const others = request ? this.fitFor(request).filter((userId) => userId !== reply.userId) : [];
    const ledger = JSON.parse(JSON.stringify(this.ledger)) as Record<string, Ledger>;
    this.grants.push({ at: this.agenda.at, queue: caller.queue, call, userId: reply.userId, others, ledger });
  }

  private fitFor(request: QueueRequest): string[] {
    return request.queue.rules.agents
      .filter((agent) => isFit(this.pool, request, agent, this.agenda.at))
      .map((one) => one.userId);
  }

  /** What must hold whenever nobody is on the way to anybody. */
  private watch(): void {
    const ringing = [...this.callers.values()].flatMap((caller) => [...caller.ringing.values()]);
    const twice = ringing.find((userId, index) => ringing.indexOf(userId) !== index);
    if (twice) this.faults.push(`${twice} rings twice at ${this.agenda.at}`);
    for (const request of servingOrder(this.pool)) this.watchWaiting(request);
  }

  private watchWaiting(request: QueueRequest): void {
    const { rules, away, steppedAt } = request.queue;
    const ringing = this.callers.get(request.callId)!.ringing.size;
    if (away || (request.want === 'one' && request.current !== null)) return;
    const stepping =
      rules.strategy === 'progressive' && ringing > 0 && this.agenda.at < (steppedAt ?? 0) + rules.stepMs;
    const [idle] = this.fitFor(request);
    if (idle && !stepping) this.faults.push(`${idle} is idle while ${request.callId} waits at ${this.agenda.at}`);
  }
}
