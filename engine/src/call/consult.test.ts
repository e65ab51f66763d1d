/** Transfers by key: blind, after a word with the target, to oneself; every order in which the three may act at the end. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { callerOf as caller, dials, keys, ofUser, settled } from '../../testing/talking.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';
import { flow, node, say } from '../flow/author.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const options: TestCallOptions = { users };
/** An outside caller talks with alice. */
const talking = () => TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
const consulting = () => dials(keys(talking(), 'alice', 'attended'), 'alice', '102');
const logs = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'log' ? [one.text] : []));

describe('keys while two talk', () => {
  it('are watched for users of the company only', () => {
    const call = talking();
    const watched = call.call.commands.flatMap((one) => (one.kind === 'media.keys' ? [one.leg] : []));
    expect(watched).toEqual([ofUser(call.world, 'alice').id]);
    call.hangsUp().ends();
  });

  it('blind: the other party waits with music and goes to the number', () => {
    const call = keys(talking(), 'alice', 'blind');
    expect(caller(call).heard.at(-1)).toBe('[music]');
    dials(call, 'alice', '102').userAnswers('bob').talksTo('bob');
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    call.userHangsUp('bob').hears('anything else').ends();
    settled(call.world);
  });

  it('without a number the two talk again', () => {
    const call = keys(talking(), 'alice', 'blind').waits(20_000);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('to oneself is refused, by key and by REFER', () => {
    const call = dials(keys(talking(), 'alice', 'blind'), 'alice', '101').waits(200);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    const refer = { type: 'refer', target: '101', replacesLeg: null, replacesCall: null } as const;
    call.world.telephony.say(ofUser(call.world, 'alice'), refer);
    call.waits(200);
    expect(logs(call)).toEqual(['Transfer refused: to oneself', 'Transfer refused: to oneself']);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    call.hangsUp().ends();
    settled(call.world);
  });
});

describe('a word with the target first', () => {
  it('then hanging up joins the two others', () => {
    const call = consulting().userAnswers('bob').waits(100);
    expect(ofUser(call.world, 'alice').bridged).toBe(ofUser(call.world, 'bob').id);
    expect(caller(call).heard.at(-1)).toBe('[music]');
    call.userHangsUp('alice').waits(100);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    call.userHangsUp('bob').hears('anything else');
    expect(call.ends().connected).toMatchObject({ id: 'bob' });
    settled(call.world);
  });

  it('or the keys again', () => {
    const call = keys(consulting().userAnswers('bob').waits(100), 'alice', 'attended');
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('by the caller himself: whom he called goes to the target', () => {
    const called = { type: 'user', id: 'bob', number: '102' };
    const call = TestCall.start(direct, { ...options, user: 'alice', called })
      .userAnswers('bob')
      .talksTo('bob');
    dials(keys(call, 'alice', 'attended'), 'alice', '103')
      .userAnswers('carol')
      .waits(100)
      .userHangsUp('alice')
      .waits(100);
    expect(ofUser(call.world, 'bob').bridged).toBe(ofUser(call.world, 'carol').id);
    call.userHangsUp('carol').ends();
    settled(call.world);
  });

  it('when the target refuses or leaves, the first two talk again', () => {
    const call = consulting().userRejects('bob', 'busy').waits(100);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    dials(keys(call, 'alice', 'attended'), 'alice', '102')
      .userAnswers('bob')
      .waits(100)
      .userHangsUp('bob')
      .waits(100);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('when the party that waits gives up, the call ends for all', () => {
    const call = consulting().userAnswers('bob').waits(100).hangsUp();
    expect(call.ends()).toMatchObject({ endedBy: 'calling' });
    settled(call.world);
  });

  it('hanging up while the target rings hands over blind', () => {
    const call = consulting().reaches('bob').userHangsUp('alice').userAnswers('bob').waits(200);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('every order in which two of the three act within 20 ms leaves nothing over and one account', () => {
    const acts: Record<string, (call: TestCall) => void> = {
      caller: (call) => call.world.telephony.hangUp(caller(call), 'normal', 'remote'),
      alice: (call) => hangUp(call.world, 'alice'),
      bob: (call) => hangUp(call.world, 'bob'),
      keys: (call) => {
        const leg = call.world.telephony.legOfUser('alice');
        if (leg) call.world.telephony.say(leg, { type: 'feature', name: 'attended' });
      },
    };
    let runs = 0;
    for (const [first, one] of Object.entries(acts)) {
      for (const [second, other] of Object.entries(acts)) {
        if (first === second) continue;
        for (let pick = 0; pick < 10; pick += 1) {
          const call = consulting().userAnswers('bob').waits(100);
          call.world.later('one', 5, () => one(call));
          call.world.later('other', 9, () => other(call));
          shuffle(call.world, pick);
          call.waits(500);
          for (const leg of call.world.telephony.legs.values()) {
            if (leg.state === 'answered') call.world.telephony.hangUp(leg, 'normal', 'remote');
          }
          expect(call.ends()).toMatchObject({ disposition: 'answered' });
          settled(call.world);
          runs += 1;
        }
      }
    }
    expect(runs).toBe(120);
  }, 60_000);
});

function hangUp(world: World, user: string): void {
  const leg = world.telephony.legOfUser(user);
  if (leg) world.telephony.hangUp(leg, 'normal', 'remote');
}

/** Takes what is due within 20 ms in an order that the seed names: the digits of the seed choose among the heads. */
function shuffle(world: World, seed: number): void {
  const until = world.now() + 20;
  let state = seed + 1;
  for (;;) {
    const soon = world.heads().filter((one) => one.at <= until);
    if (soon.length === 0) return;
    soon.sort((a, b) => a.at - b.at || a.seq - b.seq);
    state = (state * 48_271) % 2_147_483_647;
    world.happen(soon[state % soon.length]!);
  }
}

describe('parking by key', () => {
  const parking = flow('park-test', {
    title: 'Park',
    language: 'en',
    nodes: {
      start: node('start', {}, { next: 'park' }),
      park: node(
        'park',
        { slot: '${called.id}' },
        {
          nobody: 'sorry',
          forbidden: 'sorry',
          'not-taken': 'sorry',
          failed: 'sorry',
        },
      ),
      sorry: node('play', { prompts: [say({ en: 'sorry' })] }, { next: 'end' }),
      end: node('hang-up', {}),
    },
  });
  const closure = buildRevision(parking, NO_CATALOGUE).closure;
  const slots = { '701': { returnMs: 30_000 } };
  const talks = (more: Partial<TestCallOptions> = {}) =>
    TestCall.start(desk, { ...options, slots, flows: { park: closure }, parkFlow: 'park', ...more })
      .hears('welcome')
      .presses('1')
      .userAnswers('alice')
      .talksTo('alice');
  const parked = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'call.parked' ? [one.number] : []));

  it('tells who parks the slot, while the other waits with music', () => {
    const call = keys(talks(), 'alice', 'park');
    const alice = ofUser(call.world, 'alice');
    expect(alice.heard.join(' ')).toContain('Parked at');
    expect(caller(call).heard.at(-1)).toBe('[music]');
    expect(parked(call)).toEqual([]);
    call.waits(4000);
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    expect(parked(call)).toEqual(['701']);
    // nobody fetches him: he goes back to who parked him
    call.waits(30_000).userAnswers('alice').talksTo('alice');
    call.hangsUp().ends();
    settled(call.world);
  });

  it('who hangs up before he was told has parked the other all the same', () => {
    const call = keys(talks(), 'alice', 'park').userHangsUp('alice').waits(500);
    expect(parked(call)).toEqual(['701']);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('where no slot is free says so, and the two talk again', () => {
    const call = keys(talks({ slots: {} }), 'alice', 'park');
    expect(ofUser(call.world, 'alice').heard.at(-1)).toBe('No park slot is free.');
    call.waits(3000);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('whom is to be parked hangs up meanwhile: the slot is free again', () => {
    const call = keys(talks(), 'alice', 'park').hangsUp();
    call.ends();
    const again = keys(talks({ world: call.world }), 'alice', 'park').waits(4000);
    expect(parked(again)).toEqual(['701']);
    again.hangsUp().ends();
  });
});
