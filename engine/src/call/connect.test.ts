/** Reaching users and numbers: ringing, answering, talking, and every way it can fail or be cut short. */
import { describe, expect, it } from 'vitest';
import { desk, direct, handOver } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const toAlice = { users, called: { type: 'user', id: 'alice', number: '101' } };

describe('reaching a user', () => {
  it('rings, talks, comes back to the flow and accounts for it all', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('1').reaches('alice');
    expect(call.heard).toContain('[ringback]');
    call.waits(5000).userAnswers('alice').talksTo('alice').waits(60_000).userHangsUp('alice').hears('anything else');
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal', endedBy: 'platform' });
    expect(cdr.connected).toMatchObject({ type: 'user', id: 'alice' });
    expect(cdr.talkMs).toBeGreaterThan(59_000);
    expect(cdr.talkMs).toBeLessThan(61_000);
    expect(cdr.ringMs).toBeGreaterThan(4900);
    expect(cdr.legs.map((leg) => leg.cause)).toEqual(['normal', 'normal']);
    expect(call.path).toContain('alice=completed');
  });

  it('does not answer the caller before the called party does', () => {
    const call = TestCall.start(direct, toAlice).reaches('alice').waits(20);
    expect(call.cdr).toBe(null);
    expect(call.call.commands.map((one) => one.kind)).not.toContain('leg.answer');
    expect(call.call.commands.filter((one) => one.kind === 'leg.ring')).toHaveLength(1);
    call.userAnswers('alice').talksTo('alice').waits(1000).hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling', cause: 'normal' });
  });

  it.each([
    ['busy', 'busy'],
    ['rejected', 'busy'],
    ['unavailable', 'unavailable'],
    ['no-answer', 'no-answer'],
  ] as const)('a phone that says %s gives a call that is %s', (cause, disposition) => {
    const call = TestCall.start(direct, toAlice).userRejects('alice', cause);
    expect(call.ends()).toMatchObject({ disposition, answeredAt: null, connected: null, talkMs: 0 });
  });

  it('gives up when nobody answers in time', () => {
    const call = TestCall.start(direct, toAlice).reaches('alice').waits(21_000);
    expect(call.ends()).toMatchObject({ disposition: 'no-answer', endedBy: 'platform' });
  });

  it('does not ring a user without a phone, nor one who talks', () => {
    const away = TestCall.start(direct, { ...toAlice, users: { alice: { registered: false } } });
    expect(away.ends().disposition).toBe('unavailable');
    const first = TestCall.start(direct, toAlice).userAnswers('alice');
    const second = TestCall.start(direct, { ...toAlice, world: first.world });
    expect(second.ends().disposition).toBe('busy');
    first.hangsUp();
    const third = TestCall.start(direct, { ...toAlice, world: first.world })
      .waits(100)
      .reaches('alice');
    third.hangsUp();
    expect(third.ends()).toMatchObject({ disposition: 'cancelled', endedBy: 'calling' });
  });

  it('rings a user who talks when he allows call waiting', () => {
    const options = { ...toAlice, users: { alice: { callWaiting: true } } };
    const first = TestCall.start(direct, options).userAnswers('alice').talksTo('alice');
    const second = TestCall.start(direct, { ...options, world: first.world });
    second.waits(100);
    expect(second.call.commands.map((one) => one.kind)).toContain('leg.dial');
    expect(second.hangsUp().ends().disposition).toBe('cancelled');
  });

  it('a user who calls is occupied until he hangs up', () => {
    const own = TestCall.start(desk, { users, user: 'alice' }).hears('welcome');
    const call = TestCall.start(direct, { ...toAlice, world: own.world });
    expect(call.ends().disposition).toBe('busy');
    own.hangsUp();
    own.waits(50);
    expect(own.world.pool().users).toEqual({});
  });

  it('cancels the ringing phone when the caller gives up, and hangs up one that answers all the same', () => {
    const call = TestCall.start(direct, toAlice).reaches('alice');
    const leg = call.world.telephony.legOfUser('alice')!;
    call.world.telephony.answer(leg);
    call.hangsUp().waits(1000);
    expect(leg).toMatchObject({ state: 'ended', released: true });
    expect(call.ends()).toMatchObject({ disposition: 'cancelled', endedBy: 'calling' });
    expect(call.world.pool().users).toEqual({});
  });

  it('knows an extension, an outside number and a number that leads nowhere', () => {
    const numbers = { '200': { type: 'user', id: 'bob' } };
    const call = TestCall.start(desk, { users, numbers }).hears('welcome').presses('4').reaches('bob');
    call.hangsUp().ends();
    const outside = TestCall.start(desk, { users, numbers: { '200': { type: 'number', id: '0041' } } });
    outside.hears('welcome').presses('4').waits(200);
    expect(outside.call.commands.findLast((one) => one.kind === 'leg.dial')).toMatchObject({
      target: { type: 'number', number: '0041' },
    });
    outside.hangsUp().ends();
    const nowhere = TestCall.start(desk, { users }).hears('welcome').presses('4').hears('nobody there');
    expect(nowhere.ends().connected).toBe(null);
  });

  it('does not follow numbers in a circle', () => {
    const numbers = { '200': { type: 'fax', id: 'a' } };
    const call = TestCall.start(desk, { users, numbers }).hears('welcome').presses('4').hears('nobody there');
    expect(call.ends().disposition).toBe('answered');
  });

  it('fails the attempt, not the call, when legs cannot be bridged', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('1').reaches('alice');
    const { telephony } = call.world;
    telephony.answer(telephony.legOfUser('alice')!);
    telephony.hangUp(telephony.legOfUser('alice')!, 'normal', 'remote');
    call.hears('anything else').ends();
  });

  it('notes hold and resume, and counts the time', () => {
    const call = TestCall.start(direct, toAlice).userAnswers('alice').talksTo('alice');
    const leg = call.world.telephony.legOfUser('alice')!;
    call.world.telephony.say(leg, { type: 'held' });
    call.waits(3000);
    call.world.telephony.say(leg, { type: 'resumed' });
    call.waits(100).hangsUp();
    const cdr = call.ends();
    expect(cdr.holdMs).toBe(3000);
    expect(call.facts.map((one) => one.type)).toEqual(expect.arrayContaining(['party.held', 'party.resumed']));
  });
});

describe('handing the caller over', () => {
  it('forgets the flow once somebody is reached', () => {
    const call = TestCall.start(handOver('bridge'), { users }).userAnswers('alice').talksTo('alice').waits(500);
    call.userHangsUp('alice');
    expect(call.ends()).toMatchObject({ cause: 'normal', endedBy: 'called', disposition: 'answered' });
  });

  it('goes on with the flow when nobody is reached', () => {
    TestCall.start(handOver('bridge'), { users }).userRejects('alice').hears('sorry').ends();
  });

  it('refers the caller away by his own phone', () => {
    const call = TestCall.start(handOver('refer'), { users });
    expect(call.ends()).toMatchObject({ cause: 'transferred', disposition: 'answered' });
    expect(call.facts).toContainEqual(expect.objectContaining({ type: 'party.transferred' }));
  });
});

describe('a call that is placed', () => {
  it('dials first, then serves whoever answered', () => {
    const call = TestCall.start(desk, { users, originate: 'bob' }).userAnswers('bob').hears('welcome').presses('1');
    call.userAnswers('alice').talksTo('alice').hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', direction: 'outbound' });
  });

  it('ends truly when nobody answers', () => {
    const call = TestCall.start(desk, { users, originate: 'bob' }).userRejects('bob', 'busy');
    expect(call.ends()).toMatchObject({ disposition: 'busy', endedBy: 'called', path: [] });
  });
});
