/** How users want to be reached: forwarding by condition, loops, refusals, messages before and after the answer, deflection. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { WorldUser } from '../../testing/world.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';
import type { Forward, ForwardReason, Prompt, RingPlan } from '../protocol/index.ts';

const to = (type: string, id: string, reason: ForwardReason, shown: Forward['shown'] = 'caller'): Forward => ({
  to: { type, id },
  shown,
  reason,
});
const say = (text: string): Prompt => ({ items: [{ type: 'text', text }], bargeIn: true });
const people: Record<string, WorldUser> = { bob: { extension: '102' }, carol: { extension: '103' } };
const calling = (plan: Partial<RingPlan>, more: TestCallOptions = {}, alice: WorldUser = {}) =>
  TestCall.start(direct, {
    called: { type: 'user', id: 'alice', number: '101' },
    ...more,
    users: { ...people, ...more.users, alice: { extension: '101', ...alice, plan } },
  });
const facts = (call: TestCall, type: string) => call.facts.filter((one) => one.type === type);
const dials = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one] : []));
const alices = (call: TestCall) => call.world.telephony.legOfUser('alice')!;

describe('forwarding', () => {
  it('always: the user is not rung, the next one sees the caller, the CDR says who pays', () => {
    const call = calling({ always: to('user', 'bob', 'always') })
      .userAnswers('bob')
      .talksTo('bob')
      .waits(1000);
    expect(dials(call)).toMatchObject([
      {
        target: { userId: 'bob' },
        callerId: { number: '0041790000000' },
        diversions: [{ number: '101', reason: 'always' }],
      },
    ]);
    expect(facts(call, 'party.forwarded')).toMatchObject([
      { from: { id: 'alice' }, to: { id: 'bob' }, reason: 'always' },
    ]);
    call.hangsUp();
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', called: { id: 'alice' }, connected: { id: 'bob' } });
    expect(cdr.legs[1]?.charged).toMatchObject({ type: 'user', id: 'alice' });
    expect(cdr.legs[0]?.charged).toBe(undefined);
  });

  it('shows the account’s number where the rule says so', () => {
    const call = calling(
      { always: to('number', '0390001', 'always', 'account'), accountNumber: '+3902555' },
      {
        numbers: { '0390001': { type: 'number', id: '0390001' } },
      },
    ).waits(100);
    expect(dials(call)).toMatchObject([{ callerId: { number: '+3902555', name: 'alice' } }]);
    call.hangsUp().ends();
  });

  it.each([
    ['busy', 'busy'],
    ['rejected', 'busy'],
    ['no-answer', 'noAnswer'],
    ['unavailable', 'unreachable'],
  ] as const)('on %s', (cause, rule) => {
    const forward = to('user', 'bob', cause === 'rejected' ? 'busy' : cause === 'unavailable' ? 'unreachable' : cause);
    const call = calling({ [rule]: { ...forward, ...(rule === 'noAnswer' ? { afterMs: 8000 } : {}) } });
    call.userRejects('alice', cause).userAnswers('bob').talksTo('bob').hangsUp();
    expect(call.ends().connected).toMatchObject({ id: 'bob' });
    expect(call.waits(100).world.pool()).toMatchObject({ users: {}, requests: [] });
  });

  it('on no answer after the time of the rule, not of the flow', () => {
    const call = calling({ noAnswer: { ...to('user', 'bob', 'no-answer'), afterMs: 5000 } }).reaches('alice');
    call.waits(4500);
    expect(dials(call)).toHaveLength(1);
    call.waits(700).reaches('bob').hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'cancelled', endedBy: 'calling' });
  });

  it('of a user without a phone, and of one who is occupied', () => {
    const away = calling({ unreachable: to('user', 'bob', 'unreachable') }, {}, { registered: false });
    away.userAnswers('bob').talksTo('bob').hangsUp().ends();
    const first = calling({ busy: to('user', 'bob', 'busy') })
      .userAnswers('alice')
      .talksTo('alice');
    const second = TestCall.start(direct, { world: first.world, called: { type: 'user', id: 'alice', number: '101' } });
    second.userAnswers('bob').talksTo('bob').hangsUp().ends();
    first.hangsUp().ends();
  });

  it('to a flow hands the caller over to it; to hang-up ends the call', () => {
    const other = buildRevision(desk, NO_CATALOGUE).closure;
    const call = calling({ always: to('flow', 'desk', 'always') }, { flows: { desk: other } }).hears('welcome');
    expect(call.hangsUp().ends()).toMatchObject({ disposition: 'answered' });
    const refused = calling({ always: to('hang-up', '', 'always') });
    expect(refused.ends()).toMatchObject({ answeredAt: null });
    expect(dials(refused)).toEqual([]);
  });

  it('goes on with the plan of the next one, and ends where nobody forwards', () => {
    const users = { bob: { extension: '102', plan: { busy: to('user', 'carol', 'busy') } } };
    const call = calling({ always: to('user', 'bob', 'always') }, { users });
    call.userRejects('bob', 'busy').userRejects('carol', 'busy');
    expect(call.ends().disposition).toBe('busy');
    expect(facts(call, 'party.forwarded')).toHaveLength(2);
    expect(dials(call)[1]?.diversions).toEqual([
      { number: '101', reason: 'always' },
      { number: '102', reason: 'busy' },
    ]);
  });

  it('in a circle is noticed at its first return', () => {
    const users = { bob: { extension: '102', plan: { always: to('user', 'alice', 'always') } } };
    const call = calling({ always: to('user', 'bob', 'always') }, { users });
    expect(call.ends().disposition).toBe('unavailable');
    expect(facts(call, 'user.refused')).toMatchObject([{ why: 'forward-loop', coordinates: { id: 'alice' } }]);
    expect(dials(call)).toEqual([]);
  });

  it('that left the company and came back is noticed by its history', () => {
    const diversions = [{ number: '101', reason: 'always' }];
    const call = calling({ always: to('number', '0390001', 'always') }, { diversions });
    expect(call.ends().disposition).toBe('unavailable');
    expect(facts(call, 'user.refused')).toMatchObject([{ why: 'forward-loop' }]);
  });

  it('of too long a history is not followed', () => {
    const diversions = ['1', '2', '3', '4', '5'].map((number) => ({ number, reason: 'always' }));
    const call = calling({ always: to('user', 'bob', 'always') }, { diversions });
    expect(call.ends().disposition).toBe('unavailable');
    expect(dials(call)).toEqual([]);
  });
});

describe('a user who is not to be rung', () => {
  it.each([
    ['dnd', 'busy'],
    ['away', 'unavailable'],
    ['anonymous', 'busy'],
    ['blocked', 'busy'],
  ] as const)('%s', (refuse, disposition) => {
    const call = calling({ refuse });
    expect(call.ends().disposition).toBe(disposition);
    expect(facts(call, 'user.refused')).toMatchObject([{ why: refuse }]);
    expect(dials(call)).toEqual([]);
  });

  it('is forwarded as if he were busy while he does not want to be disturbed; an anonymous caller is not', () => {
    const busy = to('user', 'bob', 'busy');
    const call = calling({ refuse: 'dnd', busy }).userAnswers('bob').talksTo('bob');
    call.hangsUp().ends();
    expect(dials(calling({ refuse: 'anonymous', busy }))).toEqual([]);
  });
});

describe('what is heard before two are joined', () => {
  it('the caller hears the message unanswered, then ringing, then talks', () => {
    const call = calling({ preAnswer: say('one moment') }).hears('one moment');
    expect(dials(call)).toEqual([]);
    call.reaches('alice').waits(20);
    expect(call.heard).toEqual(['one moment', '[ringback]']);
    expect(call.call.commands.filter((one) => one.kind === 'leg.ring')).toMatchObject([{ earlyMedia: true }]);
    expect(call.call.commands.map((one) => one.kind)).not.toContain('leg.answer');
    call.userAnswers('alice').talksTo('alice').hangsUp().ends();
  });

  it('whoever is screened for accepts by 1', () => {
    const call = calling({ screening: say('a call from') })
      .userAnswers('alice')
      .waits(100);
    expect(alices(call).heard).toContain('a call from');
    expect(alices(call).bridged).toBe(null);
    call.world.telephony.press(alices(call), '1');
    call.talksTo('alice').hangsUp().ends();
  });

  it('refuses by 2, and by 3 or silence sends the call on', () => {
    const noAnswer = { ...to('user', 'bob', 'no-answer'), afterMs: 10_000 };
    const asked = () =>
      calling({ screening: say('a call from'), noAnswer })
        .userAnswers('alice')
        .waits(100);
    const refused = asked();
    refused.world.telephony.press(alices(refused), '2');
    expect(refused.ends().disposition).toBe('busy');
    const later = asked();
    later.world.telephony.press(alices(later), '3');
    later.userAnswers('bob').talksTo('bob').hangsUp().ends();
    asked().userAnswers('bob').talksTo('bob').hangsUp().ends();
  });

  it('a caller who gives up meanwhile frees everybody', () => {
    const call = calling({ screening: say('a call from') })
      .userAnswers('alice')
      .waits(100)
      .hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'cancelled', connected: null, talkMs: 0 });
    expect(call.waits(200).world.pool()).toMatchObject({ users: {}, requests: [] });
    expect([...call.world.telephony.legs.values()].every((leg) => leg.released)).toBe(true);
  });

  it('who hears the question and hangs up has refused', () => {
    const call = calling({ screening: say('a call from') })
      .userAnswers('alice')
      .waits(100)
      .userHangsUp('alice');
    expect(call.ends().disposition).toBe('busy');
  });
});

describe('a prompt instead of the ringing tone', () => {
  const backgrounds = (call: TestCall) =>
    call.call.commands.flatMap((one) => (one.kind === 'media.background' ? [one] : []));

  it('is heard before the answer, from the first ring on, and ends with it', () => {
    const ringback = say('our new catalogue');
    const call = calling({ ringback }).reaches('alice').waits(2000);
    expect(backgrounds(call)).toMatchObject([{ sound: 'prompt', prompt: ringback }]);
    const rings = call.call.commands.flatMap((one) => (one.kind === 'leg.ring' ? [one.earlyMedia] : []));
    expect(rings).toEqual([true]);
    call.userAnswers('alice').talksTo('alice').hangsUp();
    expect(call.ends().disposition).toBe('answered');
  });

  it('gives way to the tone where the call goes on to somebody without one', () => {
    const call = calling({ ringback: say('our new catalogue'), busy: to('user', 'bob', 'busy') });
    call.userRejects('alice', 'busy').reaches('bob').waits(100);
    expect(backgrounds(call).map(({ sound }) => sound)).toEqual(['prompt', 'ringback']);
    call.hangsUp().ends();
  });
});

describe('deflection', () => {
  it('by the phone that rings (302)', () => {
    const call = calling({}).reaches('alice');
    const { telephony } = call.world;
    telephony.say(alices(call), { type: 'deflected', target: '103' });
    telephony.hangUp(alices(call), 'rejected', 'remote');
    call.userAnswers('carol').talksTo('carol').hangsUp();
    expect(call.ends().connected).toMatchObject({ id: 'carol' });
    expect(facts(call, 'party.forwarded')).toMatchObject([{ reason: 'deflected', from: { id: 'alice' } }]);
  });

  it('by command, with a note; not of a leg that talks', () => {
    const call = calling({}).reaches('alice');
    const leg = alices(call).id;
    const deflect = {
      kind: 'deflect',
      leg,
      destination: { type: 'user', id: 'bob' },
      note: 'about the invoice',
    } as const;
    call.controls(deflect).userAnswers('bob').talksTo('bob');
    expect(facts(call, 'party.forwarded')).toMatchObject([{ reason: 'deflected', note: 'about the invoice' }]);
    const dialled = call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one] : []));
    expect(dialled.map(({ subject }) => subject)).toEqual([undefined, 'about the invoice']);
    call.controls({ ...deflect, leg: call.world.telephony.legOfUser('bob')!.id });
    call.controls(deflect);
    const done = call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));
    expect(done).toEqual(['done', 'not-ringing', 'unknown-leg']);
    call.hangsUp().ends();
  });
});
