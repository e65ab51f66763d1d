/**
 * A day of a company's ring groups on virtual time: callers arrive, members answer, refuse or let ring, talk and hang up. Group
 * machines and the pool are the real ones; everything rung is kept for the strategies' invariants. For tests.
 */

import { draw } from '../chance.ts';
import type { ConnectOutcome } from '../define/ask.ts';
import type { PoolMessage, PoolReply, RingStrategy } from '../protocol/index.ts';
import { Agenda } from './agenda.ts';
import { startPool, stepPool } from './pool/pool.ts';
import type { PoolState } from './pool/protocol.ts';
import { type GroupState, type GroupStep, startGroup, stepGroup } from './ring-group.ts';
import type { GroupEffect, GroupEvent, GroupMember } from './strategy.ts';

export interface DayGroup {
  readonly strategy: RingStrategy;
  readonly members: readonly GroupMember[];
  readonly memberRingMs: number;
  readonly stepMs: number;
  readonly totalRingMs: number;
  readonly primary: boolean;
}

export interface DayOptions {
  readonly groups: readonly DayGroup[];
  readonly calls: number;
  readonly seed: number;
  /** Callers arrive within this time of one another. */
  readonly paceMs: number;
}

/** One ring of one member, with who was occupied when it was granted and whom the group had tried. */
export interface DayRing {
  readonly call: string;
  readonly group: number;
  readonly userId: string;
  readonly from: number;
  readonly occupied: readonly string[];
  readonly tried: readonly string[];
  to: number | null;
  end: 'answered' | 'lost' | 'cut' | null;
}

export interface DayCall {
  readonly id: string;
  readonly group: number;
  readonly from: number;
  outcome: ConnectOutcome | 'answered' | null;
  endedAt: number | null;
}

export interface Day {
  readonly rings: readonly DayRing[];
  readonly calls: readonly DayCall[];
  readonly pool: PoolState;
  /** Broken rules, in words. */
  readonly faults: readonly string[];
}

interface Running {
  readonly call: DayCall;
  readonly options: DayGroup;
  state: GroupState;
  request: string | null;
  readonly rings: Map<string, DayRing>;
}

/** Runs the day to its end. */
export function runDay(options: DayOptions): Day {
  return new DayRun(options).run();
}

class DayRun {
  private chance: number;
  private ids = 0;
  private pool: PoolState;
  private readonly agenda = new Agenda();
  private readonly running = new Map<string, Running>();
  private readonly rings: DayRing[] = [];
  private readonly calls: DayCall[] = [];
  private readonly faults: string[] = [];
  /** Who was when the grant being taken was made. */
  private occupied: readonly string[] = [];
  private readonly options: DayOptions;

  constructor(options: DayOptions) {
    this.options = options;
    this.chance = options.seed;
    this.pool = startPool({ type: 'pool.start', at: 0, companyId: 'c', occupations: [] }).state;
  }

  run(): Day {
    const { calls, groups, paceMs } = this.options;
    for (let n = 0, at = 0; n < calls; n += 1, at += this.pick(paceMs)) {
      const group = this.pick(groups.length);
      this.agenda.plan(at, () => this.arrive(`call-${n}`, group));
    }
    while (this.agenda.pass()) {
      this.watch();
    }
    return { rings: this.rings, calls: this.calls, pool: this.pool, faults: this.faults };
  }

  private pick(below: number): number {
    const { value, next } = draw(this.chance);
    this.chance = next;
    return value % Math.max(1, below);
  }

  private arrive(id: string, group: number): void {
    const options = this.options.groups[group]!;
    const call: DayCall = { id, group, from: this.agenda.at, outcome: null, endedAt: null };
    this.calls.push(call);
    const { strategy, members, memberRingMs, stepMs, totalRingMs } = options;
    const primary = options.primary ? (members[0]?.id ?? null) : null;
    const step = startGroup(strategy, { members, memberRingMs, stepMs, seed: this.pick(1_000_000), primary });
    const running: Running = { call, options, state: step.state, request: null, rings: new Map() };
    this.running.set(id, running);
    this.agenda.plan(this.agenda.at + totalRingMs, () => this.tell(running, { type: 'expired' }));
    // some callers lose patience
    if (this.pick(5) === 0) this.agenda.plan(this.agenda.at + this.pick(40_000), () => this.giveUp(running));
    this.carryOut(running, step);
  }

  private giveUp(running: Running): void {
    if (running.call.endedAt !== null) return;
    this.tell(running, { type: 'withdrawn' });
    this.end(running, 'failed');
  }

  private end(running: Running, outcome: DayCall['outcome']): void {
    running.call.outcome ??= outcome;
    running.call.endedAt ??= this.agenda.at;
  }

  private tell(running: Running, event: GroupEvent): void {
    this.carryOut(running, stepGroup(running.state, event));
  }

  private carryOut(running: Running, step: GroupStep): void {
    running.state = step.state;
    for (const effect of step.effects) this.effect(running, effect);
  }

  private effect(running: Running, effect: GroupEffect): void {
    const { call } = running;
    switch (effect.do) {
      case 'request': {
        running.request = `${call.id}/request`;
        const { candidates, want, order, waiting, unlessBusy } = effect;
        const rotation = order === 'round-robin' || order === 'cyclic' ? `group-${call.group}` : null;
        const message = { candidates: [...candidates], want, order, waiting: [...waiting], unlessBusy, rotation };
        const request = running.request;
        this.send(call.id, { type: 'pool.request', request, ...message, seed: this.pick(1_000_000), allowBusy: false });
        return;
      }
      case 'add':
        if (running.request) {
          this.send(call.id, { type: 'pool.add', request: running.request, candidates: [...effect.candidates] });
        }
        return;
      case 'step-after':
        this.agenda.plan(this.agenda.at + effect.ms, () => this.tell(running, { type: 'step', left: effect.left }));
        return;
      case 'next':
        if (running.request) this.send(call.id, { type: 'pool.next', request: running.request, grant: effect.grant });
        return;
      case 'withdraw':
        if (running.request) this.send(call.id, { type: 'pool.withdraw', request: running.request });
        running.request = null;
        return;
      case 'return':
        this.send(call.id, { type: 'pool.return', grant: effect.grant });
        return;
      case 'ring':
        this.ring(running, effect.grant, effect.userId, effect.ringMs);
        return;
      case 'cut':
        this.stop(running, effect.grant, 'cut');
        this.later(call.id, effect.grant, 30);
        return;
      case 'won':
        this.stop(running, effect.grant, 'answered');
        this.send(call.id, { type: 'pool.answered', grant: effect.grant });
        this.later(call.id, effect.grant, 1000 + this.pick(120_000));
        this.end(running, 'answered');
        return;
      case 'ended':
        this.end(running, effect.outcome);
    }
  }

  /** The grant comes back when its leg has ended. */
  private later(call: string, grant: string, ms: number): void {
    this.agenda.plan(this.agenda.at + ms, () => this.send(call, { type: 'pool.return', grant }));
  }

  private ring(running: Running, grant: string, userId: string, ringMs: number): void {
    this.send(running.call.id, { type: 'pool.confirm', grant });
    const { id, group } = running.call;
    const tried = this.rings.filter((one) => one.call === id).map((one) => one.userId);
    const ring: DayRing = {
      call: id,
      group,
      userId,
      from: this.agenda.at,
      occupied: this.occupied,
      tried,
      to: null,
      end: null,
    };
    this.rings.push(ring);
    running.rings.set(grant, ring);
    const reaction = this.pick(ringMs * 2);
    if (reaction >= ringMs) this.agenda.plan(this.agenda.at + ringMs, () => this.lose(running, grant, 'no-answer'));
    else if (this.pick(3) === 0)
      this.agenda.plan(this.agenda.at + reaction, () => this.lose(running, grant, 'rejected'));
    else this.agenda.plan(this.agenda.at + reaction, () => this.answer(running, grant));
  }

  private lose(running: Running, grant: string, outcome: ConnectOutcome): void {
    if (!running.rings.has(grant)) return;
    this.stop(running, grant, 'lost');
    this.tell(running, { type: 'lost', grant, outcome });
  }

  private answer(running: Running, grant: string): void {
    if (running.rings.has(grant)) this.tell(running, { type: 'answered', grant });
  }

  private stop(running: Running, grant: string, end: DayRing['end']): void {
    const ring = running.rings.get(grant);
    if (!ring) return;
    ring.to = this.agenda.at;
    ring.end = end;
    running.rings.delete(grant);
  }

  private send(callId: string, message: Partial<PoolMessage>): void {
    this.ids += 1;
    const full = { ...message, id: `m${this.ids}`, callId } as PoolMessage;
    const step = stepPool(this.pool, { type: 'message', at: this.agenda.at, message: full });
    this.pool = step.state;
    for (const command of step.commands) {
      if (command.kind !== 'pool.reply') continue;
      const occupied = Object.keys(this.pool.users);
      this.agenda.plan(this.agenda.at, () => this.hear(command.callId, command.message, occupied));
    }
  }

  private hear(callId: string, reply: PoolReply, occupied: readonly string[]): void {
    const running = this.running.get(callId);
    if (!running || (reply.type !== 'pool.none' && reply.type !== 'pool.grant')) return;
    if (reply.type === 'pool.none') {
      if (running.request === reply.request) this.tell(running, { type: 'none', exhausted: reply.exhausted });
    } else if (running.request === reply.request) {
      this.occupied = occupied.filter((userId) => userId !== reply.userId);
      this.tell(running, { type: 'granted', grant: reply.grant, userId: reply.userId });
    } else this.send(callId, { type: 'pool.return', grant: reply.grant });
  }

  /** What must hold at every moment, whatever the strategy. */
  private watch(): void {
    const ringing = [...this.running.values()].flatMap(({ rings }) => [...rings.values()].map(({ userId }) => userId));
    const twice = ringing.find((userId, index) => ringing.indexOf(userId) !== index);
    if (twice) this.faults.push(`${twice} rings twice at ${this.agenda.at}`);
  }
}
