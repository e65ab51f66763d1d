/** Several in one call: added by key after a word, by command; those left go on; hold, moves and refusals meanwhile. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { callerOf as caller, dials, answersOf as done, keys, ofUser, settled } from '../../testing/talking.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const options: TestCallOptions = { users };
/** An outside caller talks with alice. */
const talking = () => TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
const three = (call = talking()) => {
  dials(keys(call, 'alice', 'conference'), 'alice', '102')
    .userAnswers('bob')
    .waits(100);
  return keys(call, 'alice', 'conference');
};
const inRoom = (call: TestCall) =>
  [...call.world.telephony.legs.values()]
    .filter((leg) => leg.state === 'answered' && leg.room !== null)
    .map((leg) => leg.userId ?? 'caller')
    .sort();
const pairs = (call: TestCall, type: 'parties.connected' | 'parties.parted') =>
  call.facts.flatMap((one) => (one.type === type ? [`${one.a % 1000}-${one.b % 1000}`] : []));
const add = (call: TestCall, id: string, leg: string | null = null) =>
  call.controls({ kind: 'add', leg, destination: { type: 'user', id } });

describe('three by key', () => {
  it('hear each other after a word with the third', () => {
    const call = three();
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    expect(ofUser(call.world, 'alice').bridged).toBe(null);
    call.hangsUp();
    call.waits(200);
    // the two users go on
    expect(ofUser(call.world, 'alice').bridged).toBe(ofUser(call.world, 'bob').id);
    expect(inRoom(call)).toEqual([]);
    call.userHangsUp('bob');
    expect(call.ends()).toMatchObject({ disposition: 'answered' });
    expect(pairs(call, 'parties.connected').length).toBe(pairs(call, 'parties.parted').length);
    settled(call.world);
  });

  it('when who called them together leaves, the others go on; then the flow, with its caller', () => {
    const call = three().userHangsUp('alice').waits(200);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    call.userHangsUp('bob').hears('anything else').ends();
    settled(call.world);
  });

  it('a fourth comes the same way, while the others go on', () => {
    const call = three();
    keys(call, 'bob', 'conference');
    expect(inRoom(call)).toEqual(['alice', 'caller']);
    dials(call, 'bob', '103').userAnswers('carol').waits(100);
    expect(ofUser(call.world, 'bob').bridged).toBe(ofUser(call.world, 'carol').id);
    keys(call, 'bob', 'conference');
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller', 'carol']);
    call.userHangsUp('bob').userHangsUp('alice').waits(200);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'carol').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('a fourth who refuses leaves three', () => {
    const call = three();
    dials(keys(call, 'alice', 'conference'), 'alice', '103')
      .userRejects('carol', 'busy')
      .waits(200);
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    keys(call, 'alice', 'blind');
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    call.hangsUp().waits(200).userHangsUp('alice').ends();
    settled(call.world);
  });

  it('who consults and hangs up leaves the others alone', () => {
    const call = three();
    dials(keys(call, 'alice', 'conference'), 'alice', '103')
      .userAnswers('carol')
      .waits(100);
    call.userHangsUp('alice').waits(200);
    expect(call.world.telephony.legOfUser('carol')).toBe(null);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('transfer keys may still complete the transfer instead', () => {
    const call = dials(keys(talking(), 'alice', 'conference'), 'alice', '102')
      .userAnswers('bob')
      .waits(100);
    keys(call, 'alice', 'attended');
    expect(caller(call).bridged).toBe(ofUser(call.world, 'bob').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('a phone that holds is not heard until it retrieves', () => {
    const call = three();
    const bob = ofUser(call.world, 'bob');
    call.world.telephony.say(bob, { type: 'held' });
    expect([call.waits(100) && bob.muted, bob.room !== null]).toEqual([true, true]);
    call.world.telephony.say(bob, { type: 'resumed' });
    expect(call.waits(100) && bob.muted).toBe(false);
    call.hangsUp().userHangsUp('alice').ends();
    settled(call.world);
  });

  it('by the caller himself, whose flow waits: the two he brought together go on when he leaves', () => {
    const called = { type: 'user', id: 'bob', number: '102' };
    const call = TestCall.start(direct, { ...options, user: 'alice', called })
      .userAnswers('bob')
      .talksTo('bob');
    dials(keys(call, 'alice', 'conference'), 'alice', '103')
      .userAnswers('carol')
      .waits(100);
    keys(call, 'alice', 'conference').userHangsUp('alice').waits(200);
    expect(ofUser(call.world, 'bob').bridged).toBe(ofUser(call.world, 'carol').id);
    call.userHangsUp('carol').ends();
    settled(call.world);
  });
});

describe('adding by command', () => {
  it('brings who answers into the conversation; the result is told then', () => {
    const call = add(talking(), 'bob');
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    expect(done(call)).toEqual([]);
    call.userAnswers('bob').waits(200);
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    expect(done(call)).toEqual(['done']);
    add(call, 'carol', ofUser(call.world, 'bob').id).userAnswers('carol').waits(200);
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller', 'carol']);
    call.hangsUp().userHangsUp('alice').userHangsUp('bob').ends();
    settled(call.world);
  });

  it('who does not come leaves the conversation as it is, and so does nobody', () => {
    const call = add(talking(), 'bob').userRejects('bob', 'busy').waits(100);
    add(call, 'nobody').waits(100);
    expect(done(call)).toEqual(['busy', 'not-found']);
    expect(caller(call).bridged).toBe(ofUser(call.world, 'alice').id);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('the conversation ends meanwhile: who rings is let go', () => {
    const call = add(talking(), 'bob').reaches('bob').userHangsUp('alice').waits(100);
    expect(done(call)).toEqual(['failed']);
    expect(call.world.telephony.legOfUser('bob')).toBe(null);
    call.hears('anything else').ends();
    settled(call.world);
  });

  it('may be asked for before the two are joined', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').reaches('alice');
    call.world.telephony.answer(ofUser(call.world, 'alice'));
    while (!call.facts.some((one) => one.type === 'party.answered' && one.coordinates.id === 'alice')) call.waits(1);
    expect(caller(call).bridged).toBe(null);
    add(call, 'bob').userAnswers('bob').waits(200);
    expect(done(call)).toEqual(['done']);
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    call.hangsUp().userHangsUp('alice').ends();
    settled(call.world);
  });

  it('nobody talks, or the leg is unknown', () => {
    const call = add(TestCall.start(desk, options).hears('welcome'), 'bob');
    expect(done(call)).toEqual(['not-talking']);
    add(call, 'bob', `${call.callId}/leg/99`);
    expect(done(call)).toEqual(['not-talking', 'unknown-leg']);
    call.hangsUp().ends();
  });

  it('a leg is taken out of the room before another call gets it; the others go on', () => {
    const call = add(talking(), 'bob').userAnswers('bob').waits(200);
    const { world } = call;
    const other = TestCall.start(desk, { ...options, world, caller: '0041' }).hears('welcome');
    other.controls({ kind: 'join', callId: call.callId, leg: caller(call).id }).waits(300);
    expect(caller(other).bridged).toBe(caller(call).id);
    expect(caller(call).room).toBe(null);
    expect(ofUser(world, 'alice').bridged).toBe(ofUser(world, 'bob').id);
    other.hangsUp().ends();
    call.userHangsUp('alice').ends();
    settled(world);
  });

  it('an instance is lost: the call ends', () => {
    const call = add(talking(), 'bob').userAnswers('bob').waits(200);
    call.world.loseInstance('media.1');
    expect(call.ends()).toBeTruthy();
  });
});

describe('a page', () => {
  const more: TestCallOptions = {
    users: { ...users, dora: { registered: false } },
    groups: { sales: { members: ['alice', 'bob', 'carol', 'dora'], memberRingMs: 9000, more: { broadcast: true } } },
  };
  const pages = (world?: World) =>
    TestCall.start(desk, world ? { ...more, world } : more)
      .hears('welcome')
      .presses('2')
      .reaches('alice');

  it('is heard by all who answer, and they are not', () => {
    const call = pages().userAnswers('alice').userAnswers('bob').waits(300);
    expect(inRoom(call)).toEqual(['alice', 'bob', 'caller']);
    const muted = ['alice', 'bob'].map((user) => ofUser(call.world, user).muted);
    expect([caller(call).muted, ...muted]).toEqual([false, true, true]);
    const dials = call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one.autoAnswer] : []));
    expect(dials).toEqual([true, true, true]);
    // a phone that does not answer by itself stops ringing in time
    call.waits(12_000);
    expect(call.world.telephony.legOfUser('carol')).toBe(null);
    call.hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
    settled(call.world);
  });

  it('one who leaves does not end it, the last does: the flow goes on', () => {
    const call = pages().userAnswers('alice').userAnswers('bob').userAnswers('carol').waits(100);
    call.userHangsUp('alice').userHangsUp('bob').waits(100);
    expect(inRoom(call)).toEqual(['caller', 'carol']);
    call.userHangsUp('carol').hears('anything else').ends();
    settled(call.world);
  });

  it('passes over who talks, and ends when nobody is there', () => {
    const first = pages().userAnswers('alice').userAnswers('bob').userAnswers('carol').waits(3000);
    const second = TestCall.start(desk, { ...more, world: first.world })
      .hears('welcome')
      .presses('2');
    expect(second.hears('nobody there').path).toContain('sales=busy');
    first.hangsUp().ends();
    const third = pages(first.world).waits(12_000);
    expect(third.hears('nobody there').path).toContain('sales=no-answer');
    settled(first.world);
  });

  it('all refuse at once', () => {
    const call = pages();
    for (const user of ['alice', 'bob', 'carol']) call.userRejects(user);
    call.hears('nobody there').ends();
    settled(call.world);
  });

  it('the caller gives up while it rings', () => {
    const call = pages().hangsUp();
    call.ends();
    settled(call.world);
  });
});
