/** Every ring strategy over random days: its file's invariant holds, nobody rings twice at once, no caller and no grant is lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingStrategy } from '../protocol/index.ts';
import { type Day, type DayGroup, type DayOptions, type DayRing, runDay } from './group-day.ts';
import type { GroupMember } from './strategy.ts';

const USERS = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];

const member = (id: string): fc.Arbitrary<GroupMember> =>
  fc.record({
    id: fc.constant(id),
    ringMs: fc.option(fc.integer({ min: 1000, max: 20_000 })),
    delayMs: fc.constantFrom(0, 0, 3000, 8000),
    weight: fc.integer({ min: 0, max: 5 }),
    callWaiting: fc.constant(false),
  });

const groupOf = (strategy: RingStrategy): fc.Arbitrary<DayGroup> =>
  fc
    .shuffledSubarray(USERS, { minLength: 1 })
    .chain((ids) => fc.tuple(...ids.map(member)))
    .chain((members) =>
      fc.record({
        strategy: fc.constant(strategy),
        members: fc.constant(members),
        memberRingMs: fc.integer({ min: 2000, max: 15_000 }),
        stepMs: fc.integer({ min: 1000, max: 10_000 }),
        totalRingMs: fc.integer({ min: 5000, max: 60_000 }),
        primary: fc.constant(false),
      }),
    );

const dayOf = (strategy: RingStrategy): fc.Arbitrary<DayOptions> =>
  fc.record({
    groups: fc.array(groupOf(strategy), { minLength: 1, maxLength: 3 }),
    calls: fc.integer({ min: 1, max: 15 }),
    seed: fc.nat(),
    paceMs: fc.constantFrom(1, 5000, 60_000),
  });

/** What must hold of any day. */
function soundness(day: Day): string[] {
  const lost = day.calls.filter(({ outcome }) => outcome === null).map(({ id }) => `${id} has no end`);
  const left = Object.keys(day.pool.users).map((user) => `${user} stays occupied`);
  const standing = day.pool.requests.map(({ request }) => `${request} stands for ever`);
  const again = day.rings
    .filter((ring) => ring.tried.includes(ring.userId))
    .map((ring) => `${ring.userId} was rung twice for ${ring.call}`);
  return [...day.faults, ...lost, ...left, ...standing, ...again];
}

const ringsOf = (day: Day, call: string): DayRing[] => day.rings.filter((ring) => ring.call === call);

/** Rings of one call overlap. */
function together(day: Day): string[] {
  return day.calls.flatMap(({ id }) => {
    const rings = ringsOf(day, id);
    return rings
      .filter((ring, n) => n > 0 && (rings[n - 1]!.to ?? Number.POSITIVE_INFINITY) > ring.from)
      .map((ring) => `${ring.userId} rings beside another for ${id}`);
  });
}

/** A free member listed above the one rung was left out. */
function leftOut(day: Day, groups: readonly DayGroup[]): string[] {
  return day.rings.flatMap((ring) => {
    const ids = groups[ring.group]!.members.map(({ id }) => id);
    const above = ids.slice(0, ids.indexOf(ring.userId));
    return above
      .filter((id) => !ring.tried.includes(id) && !ring.occupied.includes(id))
      .map((id) => `${id} was passed over for ${ring.userId}`);
  });
}

const single = (day: Day): string[] =>
  day.calls.filter(({ id }) => ringsOf(day, id).length > 1).map(({ id }) => `${id} rang several`);

function ownTimes(day: Day, groups: readonly DayGroup[]): string[] {
  return day.rings.flatMap((ring) => {
    const { members, memberRingMs } = groups[ring.group]!;
    const { delayMs, ringMs } = members.find(({ id }) => id === ring.userId)!;
    const call = day.calls.find(({ id }) => id === ring.call)!;
    const early = ring.from < call.from + delayMs ? [`${ring.userId} rang before his delay`] : [];
    const long = (ring.to ?? 0) - ring.from > (ringMs ?? memberRingMs) ? [`${ring.userId} rang too long`] : [];
    return [...early, ...long];
  });
}

/** A call whose group was left without a ring although somebody was free the whole time. */
function idleMember(day: Day, groups: readonly DayGroup[]): string[] {
  return day.calls.flatMap((call) => {
    const rings = ringsOf(day, call.id);
    if (call.outcome === 'answered') return [];
    const untried = groups[call.group]!.members.filter(({ id }) => !rings.some(({ userId }) => userId === id));
    return untried
      .filter(({ id }) => !day.rings.some((ring) => ring.userId === id))
      .filter(() => (call.endedAt ?? 0) > call.from)
      .map(({ id }) => `${id} was free all day and not rung for ${call.id}`);
  });
}

type Check = (day: Day, groups: readonly DayGroup[]) => string[];
const INVARIANTS: Readonly<Record<RingStrategy, readonly Check[]>> = {
  all: [idleMember],
  sequence: [together, leftOut],
  progressive: [leftOut],
  'first-available': [single, leftOut],
  'first-not-on-phone': [single, leftOut],
  random: [together],
  'weighted-random': [together],
  enterprise: [ownTimes],
  rollover: [together, leftOut],
  'round-robin': [together],
  cyclic: [together],
};

describe.each(RingStrategy.options)('%s', (strategy) => {
  it('keeps its invariant over random days', () => {
    fc.assert(
      fc.property(dayOf(strategy), (options) => {
        const day = runDay(options);
        expect([...soundness(day), ...INVARIANTS[strategy].flatMap((check) => check(day, options.groups))]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

const plain = (id: string, more: Partial<GroupMember> = {}): GroupMember => ({
  id,
  ringMs: null,
  delayMs: 0,
  weight: 1,
  callWaiting: false,
  ...more,
});
const group = (strategy: RingStrategy, members: readonly GroupMember[], more: Partial<DayGroup> = {}): DayGroup => ({
  strategy,
  members,
  memberRingMs: 10_000,
  stepMs: 4000,
  totalRingMs: 60_000,
  primary: false,
  ...more,
});

describe('rotation', () => {
  const members = USERS.map((id) => plain(id));
  /** Calls so far apart that everybody is free each time; who was rung first, and the ring the rotation goes on from. */
  const firsts = (
    strategy: 'cyclic' | 'round-robin',
    seed: number,
    calls: number,
    follows: (ring: DayRing) => boolean,
  ) => {
    const day = runDay({ groups: [group(strategy, members)], calls, seed, paceMs: 100_000_000 });
    return day.calls.flatMap(({ id, from }) => {
      const first = ringsOf(day, id)[0];
      const before = day.rings.filter((ring) => ring.from < from && follows(ring)).at(-1);
      return first && before && first.occupied.length === 0 ? [{ first: first.userId, before: before.userId }] : [];
    });
  };
  const after = (userId: string) => USERS[(USERS.indexOf(userId) + 1) % USERS.length];

  it.each([
    ['cyclic', 'answered', (ring: DayRing) => ring.end === 'answered'],
    ['round-robin', 'rung', () => true],
  ] as const)('%s goes on after the member who was %s last', (strategy, _, follows) => {
    let seen = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      for (const { first, before } of firsts(strategy, seed * 7919, 12, follows)) {
        expect(first).toBe(after(before));
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(300);
  });
});

describe('weights', () => {
  it('share the first rings in proportion', () => {
    const members = [plain('ann', { weight: 3 }), plain('bob', { weight: 1 }), plain('cid', { weight: 0 })];
    const firsts = Array.from({ length: 400 }, (_, seed) => {
      const day = runDay({ groups: [group('weighted-random', members)], calls: 1, seed: seed * 7919, paceMs: 1 });
      return day.rings[0]?.userId;
    });
    const share = (id: string) => firsts.filter((first) => first === id).length / firsts.length;
    expect(share('ann')).toBeGreaterThan(0.65);
    expect(share('bob')).toBeGreaterThan(0.15);
    expect(share('cid')).toBe(0);
  });
});

describe('while the first member is occupied', () => {
  it.each(['all', 'sequence', 'progressive'] as const)('%s rings nobody when told so', (strategy) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const groups = [group(strategy, [plain('ann'), plain('bob'), plain('cid')], { primary: true })];
        const day = runDay({ groups, calls: 12, seed, paceMs: 20_000 });
        expect(soundness(day)).toEqual([]);
        for (const call of day.calls) {
          const [first] = ringsOf(day, call.id);
          if (first) expect(first.occupied).not.toContain('ann');
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('progressive', () => {
  it('adds one member a step while the others ring on', () => {
    const members = ['ann', 'bob', 'cid'].map((id) => plain(id, { ringMs: 30_000 }));
    const seeds = Array.from({ length: 50 }, (_, seed) => seed);
    const days = seeds.map((seed) => runDay({ groups: [group('progressive', members)], calls: 1, seed, paceMs: 1 }));
    const calm = days.find((day) => day.rings.length === 3 && day.rings.every(({ to, from }) => to! - from > 9000));
    expect(calm?.rings.map(({ from }) => from)).toEqual([0, 4000, 8000]);
  });
});
