/** Pick-up and park slots: a call comes to another, by every order in which both sides may act. */
import { describe, expect, it } from 'vitest';
import { desk, direct, park, pickUp } from '../../testing/flows.ts';
import { everyOrder } from '../../testing/orders.ts';
import { settled as allSettled } from '../../testing/talking.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103', pickUp: false } };
const groups = { sales: { members: ['alice', 'bob'] } };
const slots = { '701': { returnMs: 20_000 }, '702': { returnMs: 20_000 } };
const flows = { park: buildRevision(park, NO_CATALOGUE).closure };
const numbers = { '701': { type: 'flow', id: 'park' } };
const options: TestCallOptions = { users, groups, slots, flows, numbers };
const toAlice = { type: 'user', id: 'alice', number: '101' };
const ringing = () => TestCall.start(direct, { ...options, called: toAlice }).reaches('alice');
const picks = (world: World, user: string, whom: string) =>
  TestCall.start(pickUp, { ...options, world, user, called: { type: 'pick-up', id: whom, number: '*8' } });
const legOf = (call: TestCall) => call.world.telephony.legs.get(`${call.callId}/leg/0`)!;
const facts = (call: TestCall, type: string) => call.facts.filter((one) => one.type === type);
const settled = (call: TestCall) => allSettled(call.world, 30_000);

describe('pick-up', () => {
  it.each(['alice', '101', ''])('of whom it names (%s): the caller talks to the one who picked up', (whom) => {
    const call = ringing();
    const picker = picks(call.world, 'bob', whom).waits(300);
    expect(legOf(picker).bridged).toBe(legOf(call).id);
    expect(picker.ends()).toMatchObject({ cause: 'transferred', disposition: 'answered' });
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    expect(facts(call, 'party.picked-up')).toMatchObject([{ rung: { id: 'alice' }, by: { id: 'bob' } }]);
    call.waits(2000).hangsUp();
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', connected: { id: 'bob' } });
    expect(cdr.legs.find((leg) => leg.coordinates.id === 'alice')?.cause).toBe('answered-elsewhere');
    settled(call);
  });

  it('of nobody, and without the right, changes nothing', () => {
    const call = ringing();
    expect(picks(call.world, 'bob', 'carol').hears('sorry').ends().disposition).toBe('answered');
    expect(picks(call.world, 'carol', 'alice').hears('sorry').path).toContain('pick=forbidden');
    call.userAnswers('alice').talksTo('alice').hangsUp().ends();
    settled(call);
  });

  it('from a call that has ended meanwhile is answered', () => {
    const call = ringing();
    const picker = picks(call.world, 'bob', 'alice');
    call.hangsUp().ends();
    picker.hears('sorry').ends();
    settled(call);
  });

  it('and the answer, the refusal, the hang-up of either side: every order within 20 ms ends in one true account', () => {
    const acts = {
      answer: (call: TestCall) => call.world.telephony.answer(call.world.telephony.legOfUser('alice')!),
      refuse: (call: TestCall) =>
        call.world.telephony.hangUp(call.world.telephony.legOfUser('alice')!, 'busy', 'remote'),
      'caller hangs up': (call: TestCall) => call.world.telephony.hangUp(legOf(call), 'cancelled', 'remote'),
    };
    let runs = 0;
    for (const act of Object.values(acts)) {
      runs += everyOrder(() => {
        const call = ringing();
        const picker = picks(call.world, 'bob', 'alice');
        call.world.later('act', 8, () => {
          if (call.world.telephony.legOfUser('alice')) act(call);
        });
        return { world: call.world, check: () => checkPickUp(call, picker) };
      }, 3);
    }
    expect(runs).toBeGreaterThan(20);
  }, 60_000);
});

function checkPickUp(call: TestCall, picker: TestCall): void {
  const { world } = call;
  world.pass(12_000);
  const talks = [...world.telephony.legs.values()].filter((leg) => leg.bridged !== null);
  expect([0, 2]).toContain(talks.length);
  for (const leg of talks) world.telephony.hangUp(leg, 'normal', 'remote');
  call.ends();
  picker.ends();
  world.pass(30_000);
  expect([...world.telephony.legs.values()].filter((leg) => !leg.released).map((leg) => leg.id)).toEqual([]);
  expect(world.pool()).toMatchObject({ users: {}, requests: [] });
}

describe('a park slot', () => {
  /** Alice talks with an outside caller and sends him to slot 701. */
  const parked = () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    const { telephony } = call.world;
    telephony.say(telephony.legOfUser('alice')!, {
      type: 'refer',
      target: '701',
      replacesLeg: null,
      replacesCall: null,
    });
    return call.waits(200);
  };
  const dials = (world: World, user: string) =>
    TestCall.start(park, { ...options, world, user, called: { type: 'park-slot', id: '701', number: '701' } });

  it('holds whoever is sent there, with music, until a user dials it', () => {
    const call = parked();
    expect(legOf(call).heard.at(-1)).toBe('[music]');
    expect(facts(call, 'call.parked')).toMatchObject([{ slot: '701', by: 'alice' }]);
    const fetcher = dials(call.world, 'bob').waits(300);
    expect(legOf(fetcher).bridged).toBe(legOf(call).id);
    expect(fetcher.ends().cause).toBe('transferred');
    expect(facts(call, 'call.unparked')).toMatchObject([{ why: 'retrieved' }]);
    call.waits(30_000);
    expect(call.ended).toBe(false);
    call.hangsUp();
    expect(call.ends().connected).toMatchObject({ id: 'bob' });
    settled(call);
  });

  it('gives him back to who parked him after its time', () => {
    const call = parked().waits(20_000).reaches('alice');
    expect(facts(call, 'call.unparked')).toMatchObject([{ why: 'returned' }]);
    call.userAnswers('alice').talksTo('alice');
    expect(dials(call.world, 'bob').hears('sorry').ends()).toBeDefined();
    call.hangsUp().ends();
    settled(call);
  });

  it('goes on with the flow when he is not taken back', () => {
    const call = parked().waits(20_000).userRejects('alice', 'busy').hears('sorry');
    expect(call.path).toContain('park=not-taken');
    call.ends();
  });

  it('is free again when the caller gives up; empty or unknown, nobody is there', () => {
    const call = parked().hangsUp();
    expect(facts(call, 'call.unparked')).toMatchObject([{ why: 'abandoned' }]);
    expect(call.ends().disposition).toBe('answered');
    expect(dials(call.world, 'bob').hears('sorry').path).toContain('park=nobody');
    settled(call);
  });

  it('takes one caller; the next is refused', () => {
    const call = parked();
    const next = TestCall.start(park, { ...options, world: call.world, called: { type: 'park-slot', id: '701' } });
    expect(next.hears('sorry').path).toContain('park=forbidden');
    call.hangsUp().ends();
  });

  it('fetched, given up and returned in any order leaves nothing behind', () => {
    const runs = everyOrder(() => {
      const call = parked();
      const fetcher = dials(call.world, 'bob');
      call.world.later('act', 10, () => call.world.telephony.hangUp(legOf(call), 'normal', 'remote'));
      return { world: call.world, check: () => checkPickUp(call, fetcher) };
    }, 4);
    expect(runs).toBeGreaterThan(30);
  }, 60_000);
});
