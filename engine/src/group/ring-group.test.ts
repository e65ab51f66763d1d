/** Ring groups by their strategies, through the call machine and the company's pool. */
import { describe, expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { WorldGroup } from '../../testing/world.ts';

const users = { ann: {}, bob: {}, cid: {}, away: { registered: false } };
const members = ['ann', 'bob', 'cid'];
const withGroup = (group: Partial<WorldGroup>, more: TestCallOptions = {}): TestCallOptions => ({
  users,
  groups: { sales: { members, ...group } },
  ...more,
});
const callSales = (options: TestCallOptions) => TestCall.start(desk, options).hears('welcome').presses('2');
const rung = (call: TestCall) =>
  call.call.commands.flatMap((one) =>
    one.kind === 'leg.dial' && one.target.type === 'user' ? [one.target.userId] : [],
  );

describe('ring all', () => {
  it('rings every registered member; the first who answers wins, the others stop', () => {
    const call = callSales(withGroup({ members: [...members, 'away'] }));
    call.reaches('ann').reaches('bob').reaches('cid');
    call.userAnswers('bob').talksTo('bob').waits(100);
    expect(rung(call)).toEqual(members);
    const losers = call.facts.filter((one) => one.type === 'party.left');
    expect(losers).toMatchObject([{ cause: 'answered-elsewhere' }, { cause: 'answered-elsewhere' }]);
    expect(Object.keys(call.world.pool().users)).toEqual(['bob']);
    call.userHangsUp('bob').hears('anything else').ends();
    expect(call.facts).toContainEqual(
      expect.objectContaining({ type: 'group.ended', outcome: 'completed', userId: 'bob' }),
    );
    expect(call.world.pool()).toMatchObject({ users: {}, requests: [] });
  });

  it('hangs up the second of two who answer at once', () => {
    const call = callSales(withGroup({})).reaches('cid');
    const { telephony } = call.world;
    for (const user of ['ann', 'bob']) telephony.answer(telephony.legOfUser(user)!);
    call.waits(500);
    expect([...telephony.legs.values()].filter((leg) => leg.state !== 'ended')).toHaveLength(2);
    call.hangsUp().ends();
  });

  it('is over when all have refused, and tells the most telling reason', () => {
    const call = callSales(withGroup({}));
    call.userRejects('ann').userRejects('bob', 'busy').userRejects('cid');
    expect(call.path).toContain('sales=busy');
    call.hears('nobody there').ends();
  });

  it('rings a member who becomes free while it lasts', () => {
    const first = callSales(withGroup({ members: ['ann'] }))
      .userAnswers('ann')
      .talksTo('ann');
    const second = callSales(withGroup({ members: ['ann'] }, { world: first.world })).waits(2000);
    expect(rung(second)).toEqual([]);
    first.hangsUp();
    second.reaches('ann').userAnswers('ann').talksTo('ann').hangsUp().ends();
  });

  it('ends after its time, with busy when nobody could be rung', () => {
    const first = callSales(withGroup({ members: ['ann'] }))
      .userAnswers('ann')
      .talksTo('ann');
    const second = callSales(withGroup({ members: ['ann'], totalRingMs: 8000 }, { world: first.world }));
    second.hears('nobody there');
    expect(second.path).toContain('sales=busy');
    second.ends();
    const third = callSales(withGroup({ members: ['bob'], totalRingMs: 8000 })).hears('nobody there');
    expect(third.path).toContain('sales=no-answer');
    third.ends();
  });

  it('is unavailable at once without a registered member', () => {
    const call = callSales(withGroup({ members: ['away'] }));
    expect(call.path).toContain('sales=unavailable');
    call.ends();
  });

  it('withdraws everything when the caller hangs up', () => {
    const call = callSales(withGroup({})).reaches('cid').hangsUp();
    expect(call.ends()).toMatchObject({ endedBy: 'calling' });
    call.waits(100);
    expect(call.world.pool()).toMatchObject({ users: {}, requests: [] });
    expect([...call.world.telephony.legs.values()].every((leg) => leg.released)).toBe(true);
  });
});

describe('one after the other', () => {
  it('rings the next when one does not answer, and comes to an end', () => {
    const call = callSales(withGroup({ strategy: 'sequence', memberRingMs: 5000 })).reaches('ann');
    expect(rung(call)).toEqual(['ann']);
    call.waits(6000);
    expect(rung(call)).toEqual(['ann', 'bob']);
    call.userRejects('bob').reaches('cid').hears('nobody there');
    expect(call.path).toContain('sales=no-answer');
    call.ends();
  });

  it('skips members who are occupied', () => {
    const options = withGroup({ strategy: 'sequence' });
    const first = callSales(options).userAnswers('ann');
    const second = callSales({ ...options, world: first.world }).reaches('bob');
    second.hangsUp().ends();
  });

  it('round robin begins after the member rung last; two calls at once get different members', () => {
    const options = withGroup({ strategy: 'round-robin' });
    const first = callSales(options).reaches('ann');
    const second = callSales({ ...options, world: first.world }).reaches('bob');
    first.hangsUp().waits(100);
    const third = callSales({ ...options, world: first.world }).reaches('cid');
    second.hangsUp().waits(100);
    const fourth = callSales({ ...options, world: first.world }).reaches('ann');
    third.hangsUp();
    fourth.hangsUp().ends();
  });

  it('random draws its order from the seed of the call', () => {
    const firsts = Array.from({ length: 20 }, (_, seed) => {
      const call = callSales(withGroup({ strategy: 'random' }, { seed })).waits(100);
      call.hangsUp().ends();
      return rung(call)[0];
    });
    expect(new Set(firsts)).toEqual(new Set(members));
  });
});
