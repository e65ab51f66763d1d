/**
 * Both sides act at once: transfers, pick-ups, joins, retrievals and hang-ups within 20 ms, in every order of their first steps and in
 * many thrown by dice. Whoever wins, no leg is left over, nobody stays busy, and each call gives one true account.
 */
import { describe, expect, it } from 'vitest';
import { desk, direct, park, pickUp } from '../../testing/flows.ts';
import { everyOrder, type Scene, someOrders } from '../../testing/orders.ts';
import { callerOf } from '../../testing/talking.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';
import type { WorldLeg } from '../../testing/world-telephony.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';
import type { Cdr, ControlAction } from '../protocol/index.ts';

const users = {
  alice: { extension: '101' },
  bob: { extension: '102' },
  carol: { extension: '103' },
  dave: { extension: '104' },
};
const options: TestCallOptions = {
  users,
  slots: { '701': { returnMs: 20_000 } },
  flows: { park: buildRevision(park, NO_CATALOGUE).closure },
  numbers: { '701': { type: 'flow', id: 'park' } },
};
const to = (id: keyof typeof users) => ({ type: 'user', id, number: users[id].extension });

/** An outside caller who talks with alice. */
const talking = (world?: World) =>
  TestCall.start(direct, { ...options, ...(world ? { world } : {}), called: to('alice') })
    .userAnswers('alice')
    .talksTo('alice');
/** An outside caller whom a flow lets wait. */
const waiting = (world?: World) =>
  TestCall.start(desk, { ...options, ...(world ? { world } : {}) })
    .hears('welcome')
    .presses('3')
    .waits(50);
/** Alice talks with the outside in one call and with bob in another: what an attended transfer starts from. */
const consulting = () => {
  const first = talking();
  const { world } = first;
  const second = TestCall.start(direct, { ...options, world, user: 'alice', called: to('bob') });
  second.userAnswers('bob').talksTo('bob');
  return { world, first, second, aliceIn: world.telephony.legOfUser('alice')!, aliceOut: callerOf(second) };
};
const picking = (world: World, user: string, whom: string) =>
  TestCall.start(pickUp, { ...options, world, user, called: { type: 'pick-up', id: whom, number: '*8' } });
const fetching = (world: World, user: string) =>
  TestCall.start(park, { ...options, world, user, called: { type: 'park-slot', id: '701', number: '701' } });

const refer = (world: World, leg: WorldLeg, target: string, replaces: WorldLeg | null = null) =>
  world.telephony.say(leg, {
    type: 'refer',
    target,
    replacesLeg: replaces?.id ?? null,
    replacesCall: replaces?.owner ?? null,
  });
/** Each act in a lane of its own, so that it may come before or after anything else. */
const acts = (world: World, all: readonly (() => void)[]) => {
  for (const [index, act] of all.entries()) world.later(`act ${index}`, 8, act);
};
const hangsUp = (leg: WorldLeg | null, world: World) => () => {
  if (leg) world.telephony.hangUp(leg, leg.state === 'answered' ? 'normal' : 'cancelled', 'remote');
};
let commands = 0;
const command = (call: TestCall, action: ControlAction) => {
  commands += 1;
  const by = { type: 'account', id: 'test' };
  call.world.tell(call.callId, { type: 'control', at: call.world.now(), id: `at-once-${commands}`, by, action });
};

/** After all of it: pairs are pairs, everybody who is still there hangs up, and nothing is left. */
function check(calls: readonly TestCall[]): void {
  const { world } = calls[0]!;
  world.pass(12_000);
  const alive = () => [...world.telephony.legs.values()].filter((leg) => leg.state === 'answered');
  for (const leg of alive()) if (leg.bridged) expect(world.telephony.legs.get(leg.bridged)?.bridged).toBe(leg.id);
  for (let tries = 0; tries < 10 && alive().length > 0; tries += 1) {
    world.telephony.hangUp(alive()[0]!, 'normal', 'remote');
    world.pass(2000);
  }
  for (const call of calls) expectTrue(call.ends(), call);
  world.pass(30_000);
  expect([...world.telephony.legs.values()].filter((leg) => !leg.released).map((leg) => leg.id)).toEqual([]);
  expect(world.pool()).toMatchObject({ users: {}, requests: [] });
}

/** One account, in which every leg has ended and answered calls count as answered. */
function expectTrue(cdr: Cdr, call: TestCall): void {
  expect(call.facts.filter(({ type }) => type === 'call.ended')).toHaveLength(1);
  const last = Math.max(...cdr.legs.map((leg) => leg.endedAt ?? Number.NaN));
  expect(last).toBeLessThanOrEqual(cdr.endedAt);
  if (cdr.legs[0]?.answeredAt) expect(cdr.disposition).toBe('answered');
  if (cdr.talkMs > 0) expect(cdr.connected).not.toBe(null);
  expect(cdr.talkMs + cdr.ivrMs + cdr.ringMs).toBeLessThanOrEqual(cdr.endedAt - cdr.startedAt);
}

/** Every order of the first steps, then many more by dice. */
function inAnyOrder(scene: () => Scene): void {
  expect(everyOrder(scene, 3)).toBeGreaterThan(10);
  someOrders(scene, 100);
}

describe('an attended transfer, and within 20 ms', { timeout: 60_000 }, () => {
  const transfer = (more: (scene: ReturnType<typeof consulting>) => readonly (() => void)[]) => () => {
    const scene = consulting();
    const { world, first, second, aliceIn, aliceOut } = scene;
    acts(world, [() => refer(world, aliceIn, '102', aliceOut), ...more(scene)]);
    return { world, check: () => check([first, second]) };
  };
  it.each<[string, (scene: ReturnType<typeof consulting>) => readonly (() => void)[]]>([
    ['the caller hangs up', ({ first, world }) => [hangsUp(callerOf(first), world)]],
    ['the third hangs up', ({ world }) => [hangsUp(world.telephony.legOfUser('bob'), world)]],
    [
      'the transferor hangs up both',
      ({ aliceIn, aliceOut, world }) => [hangsUp(aliceIn, world), hangsUp(aliceOut, world)],
    ],
    [
      'both far ends hang up',
      ({ first, world }) => [hangsUp(callerOf(first), world), hangsUp(world.telephony.legOfUser('bob'), world)],
    ],
    [
      'the third transfers the transferor blind',
      ({ world }) => [() => refer(world, world.telephony.legOfUser('bob')!, '103')],
    ],
    [
      'it is asked from the other call, too',
      ({ aliceIn, aliceOut, world }) => [() => refer(world, aliceOut, '103', aliceIn)],
    ],
    ['the second call is ended by command', ({ second }) => [() => command(second, { kind: 'hangup', leg: null })]],
    [
      'both calls are ended by command',
      ({ first, second }) => [
        () => command(first, { kind: 'hangup', leg: null }),
        () => command(second, { kind: 'hangup', leg: null }),
      ],
    ],
  ])('%s', (_what, more) => inAnyOrder(transfer(more)));
});

describe('a ringing call, and within 20 ms', { timeout: 60_000 }, () => {
  const ringing = (more: (call: TestCall) => { calls: readonly TestCall[]; acts: readonly (() => void)[] }) => () => {
    const call = TestCall.start(direct, { ...options, called: to('alice') }).reaches('alice');
    const { calls, acts: all } = more(call);
    acts(call.world, all);
    return { world: call.world, check: () => check([call, ...calls]) };
  };
  const answers = (call: TestCall) => () => {
    const leg = call.world.telephony.legOfUser('alice');
    if (leg) call.world.telephony.answer(leg);
  };
  it('two pick it up, and it is answered', () =>
    inAnyOrder(
      ringing((call) => ({
        calls: [picking(call.world, 'bob', 'alice'), picking(call.world, 'carol', 'alice')],
        acts: [answers(call)],
      })),
    ));
  it('somebody picks it up, it is answered, and both sides hang up', () =>
    inAnyOrder(
      ringing((call) => ({
        calls: [picking(call.world, 'bob', 'alice')],
        acts: [
          answers(call),
          hangsUp(callerOf(call), call.world),
          () => hangsUp(call.world.telephony.legOfUser('alice'), call.world)(),
        ],
      })),
    ));
  it('it is answered, redirected and hung up by command', () =>
    inAnyOrder(
      ringing((call) => ({
        calls: [],
        acts: [
          answers(call),
          () => command(call, { kind: 'redirect', leg: null, destination: { type: 'user', id: 'bob' } }),
          () => command(call, { kind: 'hangup', leg: null }),
        ],
      })),
    ));
});

describe('a conversation, and within 20 ms', { timeout: 60_000 }, () => {
  it('both sides hang up', () =>
    inAnyOrder(() => {
      const call = talking();
      const { world } = call;
      acts(world, [hangsUp(callerOf(call), world), hangsUp(world.telephony.legOfUser('alice'), world)]);
      return { world, check: () => check([call]) };
    }));
  it('each side transfers the other, and one hangs up', () =>
    inAnyOrder(() => {
      const call = TestCall.start(direct, { ...options, user: 'carol', called: to('alice') });
      call.userAnswers('alice').talksTo('alice');
      const { world } = call;
      const alices = world.telephony.legOfUser('alice')!;
      acts(world, [
        () => refer(world, alices, '102'),
        () => refer(world, callerOf(call), '104'),
        hangsUp(callerOf(call), world),
      ]);
      return { world, check: () => check([call]) };
    }));
});

describe('a leg that two calls want', { timeout: 60_000 }, () => {
  const join = (call: TestCall, other: TestCall) => () =>
    command(call, { kind: 'join', callId: other.callId, leg: null });
  it('goes to one of them', () =>
    inAnyOrder(() => {
      const wanted = waiting();
      const { world } = wanted;
      const calls = [waiting(world), waiting(world)];
      acts(world, [...calls.map((call) => join(call, wanted)), hangsUp(callerOf(wanted), world)]);
      return { world, check: () => check([wanted, ...calls]) };
    }));
  it('is passed on at once: moved twice', () =>
    inAnyOrder(() => {
      const wanted = waiting();
      const { world } = wanted;
      const [near, far] = [waiting(world), waiting(world)];
      acts(world, [join(near, wanted), join(far, near)]);
      return { world, check: () => check([wanted, near, far]) };
    }));
  it('and whose call wants theirs: two calls that join each other', () =>
    inAnyOrder(() => {
      const one = waiting();
      const second = waiting(one.world);
      acts(one.world, [join(one, second), join(second, one)]);
      return { world: one.world, check: () => check([one, second]) };
    }));
  it('in a ring of three calls', () =>
    inAnyOrder(() => {
      const one = waiting();
      const [two, three] = [waiting(one.world), waiting(one.world)];
      acts(one.world, [join(one, two), join(two, three), join(three, one)]);
      return { world: one.world, check: () => check([one, two, three]) };
    }));
  it('while its conversation ends', () =>
    inAnyOrder(() => {
      const talk = talking();
      const { world } = talk;
      const call = waiting(world);
      acts(world, [
        join(call, talk),
        hangsUp(world.telephony.legOfUser('alice'), world),
        hangsUp(callerOf(call), world),
      ]);
      return { world, check: () => check([talk, call]) };
    }));
});

describe('a parked call, and within 20 ms', { timeout: 60_000 }, () => {
  it('two fetch it and its caller gives up', () =>
    inAnyOrder(() => {
      const call = talking();
      const { world } = call;
      refer(world, world.telephony.legOfUser('alice')!, '701');
      call.waits(200);
      const fetchers = [fetching(world, 'bob'), fetching(world, 'carol')];
      acts(world, [hangsUp(callerOf(call), world)]);
      return { world, check: () => check([call, ...fetchers]) };
    }));
  it('is parked by one and fetched by another before it has come there', () =>
    inAnyOrder(() => {
      const call = talking();
      const { world } = call;
      acts(world, [() => refer(world, world.telephony.legOfUser('alice')!, '701')]);
      const fetcher = fetching(world, 'bob');
      return { world, check: () => check([call, fetcher]) };
    }));
});
