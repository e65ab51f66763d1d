/**
 * The call machine as a model: calls that reach, ring, talk, move and end in one world, while everything under way comes in any
 * order, twice, or not at all where the protocol allows it. Whatever happens, nothing is stranded.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desk, direct, handOver } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { createWorld, earliest, factsOf, type World } from '../../testing/world.ts';
import type { WorldLeg } from '../../testing/world-telephony.ts';
import { CallRecord, type Cause, Fact } from '../protocol/index.ts';

const options: TestCallOptions = {
  users: { alice: { extension: '101' }, bob: { extension: '102' }, carol: {}, away: { registered: false } },
  numbers: { '200': { type: 'user', id: 'bob' } },
  groups: {
    sales: { members: ['alice', 'bob', 'away', 'carol'], strategy: 'all', totalRingMs: 30_000, memberRingMs: 8000 },
  },
};

/** How often each thing happens: mostly what is under way goes on, sometimes somebody acts, seldom all is lost. */
const WEIGHTS: Readonly<Record<string, number>> = {
  happen: 60,
  answer: 8,
  press: 8,
  join: 4,
  attended: 3,
  refer: 2,
  redirect: 2,
  continue: 2,
  skip: 3,
  say: 4,
  hold: 2,
  keys: 4,
  add: 3,
  repeat: 6,
  refuse: 2,
  start: 4,
  'far-end': 2,
  cut: 1,
  'hang-up': 1,
  lose: 1,
};
const action = fc.record({
  what: fc.oneof(...Object.entries(WEIGHTS).map(([what, weight]) => ({ arbitrary: fc.constant(what), weight }))),
  pick: fc.nat(10_000),
});
type Action = { what: string; pick: number };

const choose = <T>(items: readonly T[], pick: number): T | undefined => items[pick % Math.max(1, items.length)];

function begin(world: World, pick: number): TestCall {
  const instance = `media.${(pick % 2) + 1}`;
  const more = { ...options, world, instance, seed: pick };
  const kinds = [
    () => TestCall.start(desk, more),
    () => TestCall.start(desk, { ...more, user: 'carol' }),
    () => TestCall.start(direct, { ...more, called: { type: 'user', id: 'alice' } }),
    () => TestCall.start(handOver(pick % 3 === 0 ? 'refer' : 'bridge', 'bob'), more),
    () => TestCall.start(desk, { ...more, originate: 'bob' }),
  ];
  const call = kinds[pick % kinds.length]!();
  // Some start in the middle: in the menu, waiting, ringing, talking.
  const depth = (pick >> 3) % 5;
  if (depth > 0) world.pass(depth * 60);
  if (depth > 2) pressMenu(world, call, pick);
  if (depth > 3) answerAll(world);
  return call;
}

function pressMenu(world: World, call: TestCall, pick: number): void {
  const leg = [...world.telephony.legs.values()].find((one) => one.owner === call.callId && one.state === 'answered');
  if (leg) world.telephony.press(leg, String((pick % 4) + 1));
  world.pass(100);
}

function answerAll(world: World): void {
  for (const leg of world.telephony.legs.values()) {
    if (leg.direction === 'outbound' && leg.state === 'ringing') world.telephony.answer(leg);
  }
  world.pass(pickDelay(world));
}

const pickDelay = (world: World): number => (world.calls.size * 37) % 90;

function act(world: World, calls: TestCall[], { what, pick }: Action): void {
  const { telephony } = world;
  const legs = [...telephony.legs.values()].filter((leg) => leg.state !== 'ended');
  const leg = choose(legs, pick);
  const call = choose(calls, pick);
  const other = choose(calls, pick >> 3);
  const control = (one: Parameters<TestCall['controls']>[0]) => {
    const by = { type: 'account', id: 'x' };
    if (call) world.tell(call.callId, { type: 'control', at: world.now(), id: `c${pick}`, by, action: one });
  };
  switch (what) {
    case 'answer': {
      const ringing = choose(
        legs.filter((one) => one.direction === 'outbound' && one.state === 'ringing'),
        pick,
      );
      if (ringing) telephony.answer(ringing);
      return;
    }
    case 'refuse': {
      const causes: Cause[] = ['busy', 'rejected', 'unavailable', 'congestion', 'not-found'];
      const ringing = choose(
        legs.filter((one) => one.direction === 'outbound' && one.state === 'ringing'),
        pick,
      );
      if (ringing) telephony.hangUp(ringing, causes[pick % causes.length]!, 'remote');
      return;
    }
    case 'far-end':
      if (leg) telephony.hangUp(leg, 'normal', 'remote');
      return;
    case 'press':
      if (leg?.state === 'answered') telephony.press(leg, String((pick % 4) + 1));
      return;
    case 'keys':
      if (leg?.state === 'answered') pressKeys(world, leg, pick);
      return;
    case 'add':
      control({
        kind: 'add',
        leg: pick % 3 ? null : (leg?.id ?? null),
        destination: { type: 'user', id: pick % 2 ? 'bob' : 'carol' },
      });
      return;
    case 'hold':
      if (leg?.state === 'answered') telephony.say(leg, { type: pick % 2 ? 'held' : 'resumed' });
      return;
    case 'refer':
      if (leg?.state === 'answered') {
        telephony.say(leg, { type: 'refer', target: pick % 2 ? '101' : '999', replacesLeg: null, replacesCall: null });
      }
      return;
    case 'attended':
      if (leg?.state === 'answered' && other) {
        const theirs = choose(
          legs.filter((one) => one.owner === other.callId),
          pick,
        );
        const refer = { target: '1', replacesLeg: theirs?.id ?? null, replacesCall: other.callId };
        telephony.say(leg, { type: 'refer', ...refer });
      }
      return;
    case 'join':
      if (other) control({ kind: 'join', callId: other.callId, leg: null });
      return;
    case 'redirect':
      control({
        kind: 'redirect',
        leg: pick % 2 ? null : (leg?.id ?? null),
        destination: { type: 'user', id: 'alice' },
      });
      return;
    case 'continue':
      control({ kind: 'continue' });
      return;
    case 'skip':
      control({ kind: 'skip', node: null, outcome: null });
      return;
    case 'say':
      control({
        kind: 'say',
        leg: pick % 3 ? null : (leg?.id ?? null),
        both: pick % 2 === 0,
        prompts: [{ items: [{ type: 'text', text: 'a word' }], bargeIn: false }],
      });
      return;
    case 'hang-up':
      control({ kind: 'hangup', leg: pick % 2 ? null : (leg?.id ?? null) });
      return;
    case 'cut':
      if (leg) telephony.hangUp(leg, leg.state === 'answered' ? 'normal' : 'cancelled', 'network');
      return;
    case 'repeat': {
      // Everything that is told at least once may be told again, late.
      const again = choose(world.told, pick);
      if (again) world.tell(again.callId, { ...again.event, at: world.now() });
      return;
    }
    case 'lose':
      // Rare: it ends half of everything.
      if (pick % 20 === 0) world.loseInstance(`media.${(pick % 2) + 1}`);
      return;
    case 'start':
      if (calls.length < 4) calls.push(begin(world, pick));
      return;
    default:
      for (let i = 0; i <= pick % 5; i += 1) happenAny(world, pick >> i);
  }
}

/** Keys of a conversation, and sometimes the number they ask for. */
function pressKeys(world: World, leg: WorldLeg, pick: number): void {
  const names = ['conference', 'conference', 'attended', 'blind', 'park'];
  world.telephony.say(leg, { type: 'feature', name: names[pick % names.length]! });
  if ((pick >> 3) % 2) world.pass(30);
  if ((pick >> 4) % 3) for (const digit of '200#') world.telephony.press(leg, digit);
}

/** One of the things that are due about now happens, whichever. */
function happenAny(world: World, pick: number): void {
  const first = earliest(world.heads());
  const near = world.heads().filter((one) => first && one.at <= first.at + 200);
  const next = choose(near, pick);
  if (next) world.happen(next);
}

/** Nobody is rung twice at once; what is said is what the protocol allows. */
function watch(world: World): void {
  const ringing = new Map<string, number>();
  for (const leg of world.telephony.legs.values()) {
    if (leg.userId === null || leg.direction !== 'outbound' || leg.state !== 'ringing') continue;
    if (leg.log.every((body) => body.type !== 'ringing')) continue;
    ringing.set(leg.userId, (ringing.get(leg.userId) ?? 0) + 1);
  }
  for (const [userId, times] of ringing) expect([userId, times]).toEqual([userId, 1]);
  for (const { state } of world.calls.values()) expect(hasUndefined(state)).toBe(false);
}

/** State must be the same after a round trip through JSON: nothing in it may be undefined. */
function hasUndefined(value: unknown): boolean {
  if (value === undefined) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(hasUndefined);
}

function finish(world: World, calls: TestCall[]): void {
  for (let round = 0; round < 60 && calls.some((call) => !call.ended); round += 1) {
    world.pass(20_000);
    if (round % 10 !== 9) continue;
    // Whoever still waits or talks hangs up.
    for (const leg of world.telephony.legs.values()) {
      if (leg.state !== 'ended') world.telephony.hangUp(leg, 'normal', 'remote');
    }
  }
  world.pass(30_000);
}

function judge(world: World, calls: TestCall[]): void {
  for (const call of calls) {
    const { state, records } = call.call;
    expect(state.status).toBe('ended');
    expect(state.legs).toEqual({});
    const machine = state.machine as Record<string, object>;
    for (const open of ['asks', 'attempts', 'givings', 'takings', 'timers', 'ops']) expect(machine[open]).toEqual({});
    expect(records.map((one) => one.n)).toEqual(records.map((_, i) => i + 1));
    for (const one of records) {
      CallRecord.parse(one);
      if (one.stream === 'fact') Fact.parse(one.body);
    }
    expect(factsOf(call.call).filter((one) => one.type === 'call.ended')).toHaveLength(1);
    const { cdr } = call;
    expect(cdr!.talkMs + cdr!.ivrMs).toBeLessThanOrEqual(cdr!.endedAt - cdr!.startedAt);
    expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
  }
  for (const leg of world.telephony.legs.values()) {
    if (world.telephony.lost.has(leg.instance)) continue;
    expect([leg.id, leg.state, leg.released]).toEqual([leg.id, 'ended', true]);
  }
  expect(world.pool()).toMatchObject({ users: {}, requests: [] });
}

function play(seed: number, actions: readonly Action[]): void {
  const world = createWorld(options);
  const calls = [begin(world, seed)];
  for (const one of actions) {
    act(world, calls, one);
    watch(world);
  }
  finish(world, calls);
  judge(world, calls);
}

describe('any order of events', () => {
  it('strands no leg, no request and no user, and ends every call once', () => {
    const runs = Number(process.env.CALLWRIGHT_MODEL_RUNS ?? 250);
    fc.assert(fc.property(fc.nat(10_000), fc.array(action, { minLength: 5, maxLength: 120, size: 'max' }), play), {
      numRuns: runs,
    });
  }, 900_000);
});
