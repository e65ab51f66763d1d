/** Follow-me and screening by the caller's own name. */
import { describe, expect, it } from 'vitest';
import { direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { WorldUser } from '../../testing/world.ts';
import type { Prompt, RingPlan } from '../protocol/index.ts';

const people: Record<string, WorldUser> = { bob: { extension: '102' } };
const calling = (plan: Partial<RingPlan>, alice: WorldUser = {}, more: TestCallOptions = {}) =>
  TestCall.start(direct, {
    called: { type: 'user', id: 'alice', number: '101' },
    ...more,
    users: { ...people, alice: { extension: '101', ...alice, plan } },
  });
const coordinates = (type: string, id: string | null, number: string) => ({
  type,
  id,
  entityNumber: null,
  number,
  name: '',
});
const bob = (delayMs: number, more: object = {}) => ({
  userId: 'bob',
  coordinates: coordinates('user', 'bob', '102'),
  registered: true,
  delayMs,
  ringMs: 10_000,
  ...more,
});
const mobile = (delayMs: number, more: object = {}) => ({
  userId: 'alice/1',
  coordinates: coordinates('number', null, '0791234567'),
  registered: true,
  delayMs,
  ringMs: 15_000,
  target: { type: 'trunk' as const, trunkIds: ['t'], number: '0791234567' },
  ...more,
});
const dials = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one] : []));
const outside = (call: TestCall) =>
  [...call.world.telephony.legs.values()].find((leg) => leg.target === '0791234567' && leg.state !== 'ended')!;

describe('follow-me', () => {
  it('rings each after his delay; the first who takes the call has it, the others stop', () => {
    const call = calling({ followMe: [bob(4000), mobile(8000)] }).reaches('alice');
    expect(dials(call)).toHaveLength(1);
    call.waits(5000);
    expect(dials(call).map((one) => one.target.type)).toEqual(['user', 'user']);
    call.waits(4000);
    expect(dials(call)).toHaveLength(3);
    call.world.telephony.answer(outside(call));
    call.waits(100);
    expect(outside(call).bridged).toBe(`${call.callId}/leg/0`);
    expect([call.world.telephony.legOfUser('alice'), call.world.telephony.legOfUser('bob')]).toEqual([null, null]);
    const cdr = call.hangsUp().ends();
    // who follows himself to a number outside pays for it
    expect(cdr.legs.find((leg) => leg.coordinates.number === '0791234567')?.charged).toMatchObject({ id: 'alice' });
  });

  it('who must accept by a key hears whom the call is for; the others ring on until he does', () => {
    const call = calling({ followMe: [mobile(0, { confirm: true })] }).reaches('alice');
    call.waits(100);
    call.world.telephony.answer(outside(call));
    call.waits(100);
    expect(outside(call).heard.join(' ')).toContain('A call for alice');
    expect(call.world.telephony.legOfUser('alice')?.state).toBe('ringing');
    call.world.telephony.press(outside(call), '1');
    call.waits(100);
    expect(outside(call).bridged).toBe(`${call.callId}/leg/0`);
    call.hangsUp().ends();
  });

  it('nobody takes it: the rule for no answer holds, after all of them', () => {
    const rule = { to: { type: 'user', id: 'bob' }, shown: 'caller', reason: 'no-answer', afterMs: 3000 } as const;
    const call = calling({ followMe: [mobile(8000)], noAnswer: rule }).reaches('alice');
    call.waits(4000);
    expect(call.world.telephony.legOfUser('bob')).toBe(null);
    call.waits(20_000);
    expect(call.world.telephony.legOfUser('bob')).not.toBe(null);
    call.userAnswers('bob').hangsUp().ends();
  });

  it('reaches the others of a user without a phone, or who talks', () => {
    const call = calling({ followMe: [bob(0)] }, { registered: false })
      .userAnswers('bob')
      .talksTo('bob');
    call.hangsUp().ends();
    const nobody = calling({ followMe: [mobile(0, { registered: false })] }, { registered: false });
    expect(nobody.ends()).toMatchObject({ disposition: 'unavailable' });
    const world = call.world;
    const talk = TestCall.start(direct, { world, called: { type: 'user', id: 'alice', number: '101' } });
    talk.userAnswers('bob').hangsUp().ends();
  });
});

describe('screening by name', () => {
  const number: Prompt = { items: [{ type: 'text', text: 'a number calls' }], bargeIn: true };
  const plan = { screening: number, recordName: true };

  it('the caller says his name, the user hears it and accepts', () => {
    const call = calling(plan).hears('say your name').presses('#').userAnswers('alice').waits(100);
    const alice = call.world.telephony.legOfUser('alice')!;
    expect(alice.heard.join(' ')).toContain('Call from');
    expect(JSON.stringify(call.call.commands)).toContain('"type":"recording"');
    call.world.telephony.press(alice, '1');
    call.talksTo('alice').hangsUp().ends();
  });

  it('who hangs up while he is asked rings nobody', () => {
    const call = calling(plan).hears('say your name').hangsUp();
    expect(call.ends()).toMatchObject({ endedBy: 'calling' });
    expect(dials(call)).toEqual([]);
  });
});
