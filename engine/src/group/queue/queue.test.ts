/** Every queue strategy over random days, judged by a bystander's ledger; places, rules and staff by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QueueAgent, type QueueRules, QueueStrategyName } from '../../protocol/index.ts';
import { type Ledger, type QueueDay, type QueueDayOptions, type QueueGrantSeen, runQueueDay } from './queue-day.ts';

const AGENTS = ['ann', 'bob', 'cid', 'dan', 'eve'];

const agent = (userId: string, more: Partial<QueueAgent> = {}): QueueAgent => ({
  userId,
  tier: 0,
  penalty: 0,
  rank: 0,
  weight: 1,
  skills: {},
  ...more,
});
const rules = (strategy: QueueStrategyName, more: Partial<QueueRules> = {}): QueueRules => ({
  strategy,
  agents: AGENTS.map((id) => agent(id)),
  weight: 0,
  ringMs: 10_000,
  wrapUpMs: 0,
  restMs: 3000,
  pauseAfter: 0,
  stepMs: 4000,
  tierWaitMs: 0,
  relaxMs: 0,
  preferredWaitMs: 0,
  ...more,
});

const anyAgent = (userId: string, plain: boolean): fc.Arbitrary<QueueAgent> =>
  fc.record({
    userId: fc.constant(userId),
    tier: plain ? fc.constant(0) : fc.nat(2),
    penalty: plain ? fc.constant(0) : fc.nat(2),
    rank: fc.nat(3),
    weight: fc.nat(3),
    skills: fc.record({ french: fc.nat(5), sales: fc.nat(5) }),
  });

const anyQueue = (strategy: QueueStrategyName, plain: boolean): fc.Arbitrary<QueueRules> =>
  fc
    .shuffledSubarray(AGENTS, { minLength: 1 })
    .chain((ids) => fc.tuple(...ids.map((id) => anyAgent(id, plain))))
    .chain((agents) =>
      fc.record({
        strategy: fc.constant(strategy),
        agents: fc.constant(agents),
        weight: fc.nat(2),
        ringMs: fc.integer({ min: 2000, max: 20_000 }),
        wrapUpMs: fc.constantFrom(0, 0, 8000),
        restMs: fc.constantFrom(1000, 5000),
        pauseAfter: plain ? fc.constant(0) : fc.constantFrom(0, 0, 3),
        stepMs: fc.integer({ min: 1000, max: 8000 }),
        tierWaitMs: plain ? fc.constant(0) : fc.constantFrom(0, 10_000),
        relaxMs: fc.constantFrom(0, 15_000),
        preferredWaitMs: fc.constantFrom(0, 10_000),
      }),
    );

const anyDay = (strategy: QueueStrategyName, plain: boolean): fc.Arbitrary<QueueDayOptions> =>
  fc.record({
    queues: fc.array(anyQueue(strategy, plain), { minLength: 1, maxLength: plain ? 1 : 2 }),
    agents: fc.constant(AGENTS),
    calls: fc.integer({ min: 1, max: 14 }),
    seed: fc.nat(),
    paceMs: fc.constantFrom(500, 20_000, 60_000),
    restless: fc.boolean(),
    needs: fc.constant((pick: (below: number) => number) => ({
      priority: pick(3),
      skills: plain
        ? []
        : [
            { skill: 'sales', level: pick(4) },
            { skill: 'french', level: pick(4) },
          ].slice(pick(3)),
      preferred: plain ? [] : AGENTS.slice(pick(5), 3),
    })),
  });

function soundness(day: QueueDay): string[] {
  const lost = day.calls.filter(({ end }) => end === null).map(({ id }) => `${id} has no end`);
  const left = Object.keys(day.pool.users).map((user) => `${user} stays occupied`);
  const standing = day.pool.requests.map(({ request }) => `${request} stands for ever`);
  const unstored = Object.entries(day.pool.agents ?? {})
    .filter(([userId, state]) => JSON.stringify(day.stored[userId]) !== JSON.stringify(state))
    .map(([userId]) => `${userId} was not stored as he is`);
  return [...day.faults, ...lost, ...left, ...standing, ...unstored];
}

/** Lower is offered first; what a strategy promises, told by the ledger alone. */
type Promise_ = (own: Ledger, grant: QueueGrantSeen, listed: QueueAgent, place: number) => number;
const PROMISES: Partial<Record<QueueStrategyName, Promise_>> = {
  'oldest-end': ({ lastEnd }) => lastEnd,
  'oldest-start': ({ lastStart }) => lastStart,
  'longest-idle': ({ idleSince }) => idleSince,
  'fewest-calls': ({ calls }) => calls,
  'fewest-calls-in-queue': ({ byQueue }, { queue }) => byQueue[queue] ?? 0,
  'least-talk': ({ talkMs }) => talkMs,
  linear: (_, __, ___, place) => place,
  rank: (_, __, { rank }) => -rank,
};

function brokenPromises(day: QueueDay, options: QueueDayOptions, strategy: QueueStrategyName): string[] {
  const promise = PROMISES[strategy];
  if (!promise) return [];
  return day.grants.flatMap((grant) => {
    const { agents } = options.queues[grant.queue]!;
    const key = (userId: string): number => {
      const place = agents.findIndex((one) => one.userId === userId);
      return promise(grant.ledger[userId]!, grant, agents[place]!, place);
    };
    const better = grant.others.filter((other) => key(other) < key(grant.userId));
    return better.map((other) => `${other} was to be offered before ${grant.userId} at ${grant.at}`);
  });
}

describe.each(QueueStrategyName.options)('%s', (strategy) => {
  it('lets nobody idle while a caller waits, rings nobody twice, loses no caller, whatever agents and callers do', () => {
    fc.assert(
      fc.property(anyDay(strategy, false), (options) => {
        expect(soundness(runQueueDay(options))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('offers each call as it promises', () => {
    fc.assert(
      fc.property(anyDay(strategy, true), (options) => {
        const day = runQueueDay(options);
        expect([...soundness(day), ...brokenPromises(day, options, strategy)]).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

const day = (queues: readonly QueueRules[], more: Partial<QueueDayOptions> = {}): QueueDay =>
  runQueueDay({ queues, agents: AGENTS, calls: 12, seed: 7, paceMs: 20_000, restless: false, ...more });

describe('rotation', () => {
  it.each(['round-robin', 'round-robin-ordered'] as const)(
    '%s offers every free agent before one again',
    (strategy) => {
      for (let seed = 0; seed < 40; seed += 1) {
        const { grants } = day([rules(strategy)], { seed: seed * 7919, calls: 20 });
        for (const [n, grant] of grants.entries()) {
          const before = grants.slice(0, n).findLastIndex(({ userId }) => userId === grant.userId);
          if (before < 0) continue;
          const between = grants.slice(before + 1, n);
          const throughout = between.reduce<readonly string[]>(
            (free, { others }) => free.filter((one) => others.includes(one)),
            grant.others,
          );
          expect(throughout.filter((one) => !between.some(({ userId }) => userId === one))).toEqual(
            before === n - 1 ? throughout : [],
          );
          if (before === n - 1) expect(throughout).toEqual([]);
        }
      }
    },
  );
});

describe('rules of a queue', () => {
  it('serve the queue of more weight first, then by priority worth a minute a point, then by arrival', () => {
    const heavy = rules('linear', { agents: [agent('ann')], weight: 5 });
    const light = rules('linear', { agents: [agent('ann')] });
    const { calls } = day([light, heavy], { agents: ['ann'], calls: 20, paceMs: 1000, seed: 3 });
    const waits = (queue: number) =>
      calls.filter((one) => one.queue === queue && one.end === 'answered').map((one) => one.endedAt! - one.enteredAt);
    expect(Math.max(...waits(1))).toBeLessThan(Math.max(...waits(0), 600_000));
    expect(calls.filter((one) => one.end === 'answered').length).toBeGreaterThan(3);
  });

  it('keep higher tiers for callers who have waited', () => {
    const agents = [agent('ann'), agent('bob', { tier: 1 })];
    const { grants, calls } = day([rules('linear', { agents, tierWaitMs: 30_000 })], { calls: 15, paceMs: 10_000 });
    const early = grants.filter(({ userId, at, call }) => {
      const { enteredAt } = calls.find(({ id }) => id === call)!;
      return userId === 'bob' && at < enteredAt + 30_000;
    });
    expect(early).toEqual([]);
    expect(grants.some(({ userId }) => userId === 'bob')).toBe(true);
  });

  it('pause an agent who lets too many calls ring', () => {
    const agents = [agent('ann')];
    for (let seed = 0; seed < 10; seed += 1) {
      const { pool, grants } = day([rules('linear', { agents, pauseAfter: 1 })], { agents: ['ann'], seed });
      const paused = pool.agents?.ann?.paused;
      expect(paused === null || paused?.reason === 'no-answer').toBe(true);
      if (paused) expect(grants.every(({ at }) => at <= paused.since)).toBe(true);
    }
  });

  it('offer a caller to preferred agents alone at first', () => {
    const needs = () => ({ priority: 0, skills: [], preferred: ['dan'] });
    const { grants, calls } = day([rules('skill', { preferredWaitMs: 15_000 })], { needs, calls: 10, paceMs: 4000 });
    for (const { call, userId, at } of grants) {
      const { enteredAt } = calls.find(({ id }) => id === call)!;
      if (at < enteredAt + 15_000) expect(userId).toBe('dan');
    }
    expect(new Set(grants.map(({ userId }) => userId)).size).toBeGreaterThan(1);
  });
});
