/** Calls between two named parties. */
import { describe, expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import type { Prompt } from '../protocol/index.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' } };
const groups = { sales: { members: ['bob'] } };
const say = (text: string): Prompt => ({ items: [{ type: 'text', text }], bargeIn: false });
const connect = (more: object = {}, to: object = { type: 'user', userId: 'bob' }) =>
  TestCall.start(desk, {
    users,
    groups,
    originate: 'alice',
    called: { type: 'user', id: 'bob', number: '102' },
    second: { to: to as { type: 'user'; userId: string }, ...more },
  });
const dials = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one] : []));

describe('two parties', () => {
  it('the second is called when the first has answered; each is shown the other', () => {
    const call = connect().reaches('alice').waits(1000);
    expect(dials(call)).toHaveLength(1);
    call.userAnswers('alice').reaches('bob');
    expect(dials(call).map((one) => one.callerId.number)).toEqual(['102', '101']);
    call.userAnswers('bob').talksTo('bob').waits(5000).userHangsUp('bob');
    expect(call.ends()).toMatchObject({ disposition: 'answered', connected: { id: 'bob' }, path: [] });
    expect(call.waits(100).world.pool()).toMatchObject({ users: {}, requests: [] });
  });

  it('the second is not called when the first does not answer', () => {
    const call = connect().userRejects('alice', 'busy');
    expect(call.ends()).toMatchObject({ disposition: 'busy', connected: null });
    expect(dials(call)).toHaveLength(1);
  });

  it('ends truly when the second cannot be had, or the first gives up meanwhile', () => {
    const busy = connect().userAnswers('alice').userRejects('bob', 'busy');
    expect(busy.ends()).toMatchObject({ cause: 'busy', connected: null, talkMs: 0 });
    const gone = connect().userAnswers('alice').reaches('bob').userHangsUp('alice');
    expect(gone.ends()).toMatchObject({ connected: null, endedBy: 'calling' });
    expect([...gone.world.telephony.legs.values()].every((leg) => leg.released)).toBe(true);
  });

  it('each side hears its announcement first', () => {
    const call = connect({ firstPrompts: [say('calling bob')], secondPrompts: [say('a call for you')] });
    call.userAnswers('alice').hears('calling bob');
    expect(dials(call)).toHaveLength(1);
    call.userAnswers('bob').waits(100);
    const bob = call.world.telephony.legOfUser('bob')!;
    expect(bob.heard).toContain('a call for you');
    expect(bob.bridged).toBe(null);
    call.talksTo('bob').hangsUp().ends();
  });

  it('shows the number it is told to, asks the phone to answer, and ends after its time', () => {
    const call = connect({ callerId: { number: '+3902', name: 'Desk' }, autoAnswer: true, maxTalkMs: 5000 });
    call.userAnswers('alice').userAnswers('bob').talksTo('bob');
    expect(dials(call)[1]).toMatchObject({ callerId: { number: '+3902', name: 'Desk' }, autoAnswer: true });
    call.waits(5100);
    const cdr = call.ends();
    expect(cdr.talkMs).toBeGreaterThanOrEqual(5000);
    expect(cdr.talkMs).toBeLessThan(5100);
    expect(cdr.legs[1]?.cause).toBe('timeout');
  });

  it('of the second only the log-ins named are dialled', () => {
    const call = connect({}, { type: 'user', userId: 'bob', loginIds: ['desk'] })
      .userAnswers('alice')
      .reaches('bob');
    expect(dials(call)[1]).toMatchObject({ target: { type: 'user', userId: 'bob', loginIds: ['desk'] } });
    call.userAnswers('bob').talksTo('bob').hangsUp().ends();
  });

  it('the second may be any entity', () => {
    const call = connect({}, { type: 'ring-group', id: 'sales' })
      .userAnswers('alice')
      .userAnswers('bob')
      .talksTo('bob');
    expect(call.hangsUp().ends().connected).toMatchObject({ id: 'bob' });
  });
});

describe('a group that is called first', () => {
  const both = { sales: { members: ['bob', 'carol'] } };
  const team = { ...users, carol: { extension: '103' } };
  const start = (to: object = { type: 'user', userId: 'alice' }, more: object = {}) =>
    TestCall.start(desk, {
      users: team,
      groups: both,
      originateGroup: 'sales',
      called: { type: 'user', id: 'alice', number: '101' },
      second: { to: to as { type: 'user'; userId: string } },
      ...more,
    });
  const roles = (call: TestCall) =>
    call.facts.flatMap((one) => (one.type === 'party.added' ? [[one.coordinates.id, one.role, one.leg !== null]] : []));
  const clean = (call: TestCall) => {
    call.waits(200);
    expect(call.world.pool()).toMatchObject({ users: {}, requests: [] });
    expect([...call.world.telephony.legs.values()].every((leg) => leg.released)).toBe(true);
  };

  it('rings its members; whoever answers is the caller, then the second is called', () => {
    const call = start().reaches('bob').reaches('carol').waits(500);
    expect(dials(call).map(({ callerId }) => callerId.number)).toEqual(['101', '101']);
    call.userAnswers('carol').reaches('alice');
    expect(call.world.telephony.legOfUser('bob')).toBe(null);
    expect(roles(call)).toEqual([
      ['sales', 'calling', false],
      ['alice', 'called', false],
      ['bob', 'calling', true],
      ['carol', 'calling', true],
      ['alice', 'called', true],
    ]);
    call.userAnswers('alice').waits(3000);
    const cdr = call.userHangsUp('carol').ends();
    expect(cdr).toMatchObject({ disposition: 'answered', calling: { id: 'sales' }, connected: { id: 'alice' } });
    expect(cdr.talkMs).toBeGreaterThanOrEqual(2900);
    clean(call);
  });

  it('is not reached: the second is not called, the call says why', () => {
    const call = start().userRejects('bob', 'busy').userRejects('carol', 'busy');
    expect(call.ends()).toMatchObject({ cause: 'busy', connected: null });
    expect(dials(call)).toHaveLength(2);
    clean(call);
    const late = start().reaches('bob').waits(120_000);
    expect(late.ends()).toMatchObject({ cause: 'no-answer', connected: null });
    clean(late);
    expect(start(undefined, { originateGroup: 'nobody' }).waits(100).ends()).toMatchObject({ cause: 'not-found' });
  });

  it('is served by a flow when the second is one', () => {
    const call = start({ type: 'flow', id: 'none' }, { originateGroup: 'sales', second: undefined }).userAnswers('bob');
    call.hears('welcome').userHangsUp('bob');
    expect(call.ends()).toMatchObject({ disposition: 'answered' });
    clean(call);
  });

  it('ends at once by a command, while members are looked up, ring, or one has answered', () => {
    for (const until of [
      (call: TestCall) => call,
      (call: TestCall) => call.reaches('bob'),
      (call: TestCall) => call.userAnswers('bob'),
    ]) {
      const call = until(start()).controls({ kind: 'hangup', leg: null });
      expect(call.ends().connected).toBe(null);
      clean(call);
    }
  });
});
