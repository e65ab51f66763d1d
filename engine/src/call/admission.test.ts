/** Admission in the course of a call: whose account is asked and when, what the refused one hears, and calls that may not last for ever. */
import { describe, expect, it } from 'vitest';
import { ringOnce as direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { flow, node } from '../flow/author.ts';
import type { Cause, Forward, TalkLimit } from '../protocol/index.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const suspended = { code: 'ADM_SUSPENDED', check: 'account-state', by: 'user', cause: 'forbidden' } as const;
const full = { code: 'ADM_TOO_MANY_CALLS', check: 'simultaneous-calls', by: 'user', cause: 'busy' } as const;
const restricted = { code: 'ADM_RESTRICTED', check: 'restrictions', by: 'company', cause: 'forbidden' } as const;
const MOBILE = '0612345678';

const forwarding = (to: Forward['to'], more: TestCallOptions = {}) => {
  const plan = { always: { to, shown: 'caller', reason: 'always' } as const };
  return TestCall.start(direct, {
    called: { type: 'user', id: 'alice', number: '101' },
    ...more,
    users: { ...users, alice: { extension: '101', plan } },
  });
};
const lookups = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'io.lookup' ? [one.lookup] : []));
const refusals = (call: TestCall) => call.facts.filter(({ type }) => type === 'call.refused');
const dialled = (call: TestCall) => call.call.commands.some(({ kind }) => kind === 'leg.dial');

describe('a forward', () => {
  it('to the outside is the forwarder’s: refused, the caller hears why and is told 403', () => {
    const call = forwarding({ type: 'number', id: MOBILE }, { refused: { [MOBILE]: restricted } });
    call.hears('not allowed');
    expect(call.ends()).toMatchObject({ cause: 'forbidden', answeredAt: null });
    expect(lookups(call)).toContainEqual({ what: 'number', number: MOBILE, account: 'alice' });
    expect(refusals(call)).toMatchObject([{ code: 'ADM_RESTRICTED', number: MOBILE }]);
  });

  it.each([
    ['a colleague', { type: 'user', id: 'bob' }],
    ['a group', { type: 'ring-group', id: 'sales' }],
    ['a flow', { type: 'flow', id: 'desk' }],
    ['a SIP address', { type: 'sip', id: 'sip:x@peer.test' }],
  ])('to %s is admitted on the forwarder’s account, too', (_name, to) => {
    const call = forwarding(to, { refusedAccounts: { alice: suspended }, groups: { sales: { members: ['bob'] } } });
    call.hears('out of service');
    expect(call.ends()).toMatchObject({ cause: 'forbidden', answeredAt: null });
    expect(refusals(call)).toMatchObject([{ code: 'ADM_SUSPENDED' }]);
    expect(dialled(call)).toBe(false);
  });

  it('says that all lines are in use, and the caller is busy', () => {
    const call = forwarding({ type: 'user', id: 'bob' }, { refusedAccounts: { alice: full } });
    call.hears('All lines are in use');
    expect(call.ends()).toMatchObject({ disposition: 'busy' });
  });
});

describe('a transfer', () => {
  it.each([
    ['inside', { type: 'extension', extension: '103' }],
    ['outside', { type: 'number', number: MOBILE }],
  ] as const)('to the %s is on the account of whoever transfers', (where, to) => {
    const call = TestCall.start(direct, {
      users,
      called: { type: 'user', id: 'alice', number: '101' },
      refusedAccounts: { alice: suspended },
      refused: { [MOBILE]: restricted },
      numbers: { '103': { type: 'user', id: 'carol' } },
    });
    call.userAnswers('alice').talksTo('alice');
    const leg = call.world.telephony.legOfUser('alice')!;
    const target = to.type === 'number' ? to.number : to.extension;
    call.world.telephony.say(leg, { type: 'refer', target, replacesCall: null, replacesLeg: null });
    call.hears(where === 'inside' ? 'out of service' : 'not allowed');
    expect(call.ends()).toMatchObject({ disposition: 'answered', connected: { id: 'alice' } });
    expect(refusals(call)).toHaveLength(1);
  });
});

/** Waits, then reaches a colleague. */
const later = flow('later', {
  title: 'Later',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'wait' }),
    wait: node('wait', { forMs: 20_000 }, { elapsed: 'dial' }),
    dial: node(
      'dial',
      { to: { type: 'user', id: 'bob' } },
      { completed: 'end', busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'sorry' },
    ),
    sorry: node('play', { prompts: [{ parts: [{ type: 'text', text: 'another way' }] }] }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});

describe('a dial node', () => {
  it('is admitted with its call at once, and asks again later on', () => {
    const plain = TestCall.start(direct, { users, called: { type: 'user', id: 'bob', number: '102' } }).reaches('bob');
    expect(lookups(plain)[0]).not.toHaveProperty('account');
    plain.hangsUp().ends();
    const call = TestCall.start(later, { users, refusedAccounts: { company: suspended } });
    call.waits(21_000).hears('out of service').hears('another way');
    expect(call.ends().disposition).toBe('answered');
    expect(lookups(call)).toMatchObject([{ what: 'user', account: null }]);
    expect(dialled(call)).toBe(false);
  });
});

/** Calls a mobile number for a colleague. */
const calling = (limit: TalkLimit, more: TestCallOptions = {}) =>
  TestCall.start(
    flow('out', {
      title: 'Out',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'dial' }),
        dial: node(
          'dial',
          { to: { type: 'number', number: MOBILE } },
          { completed: 'end', busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'end' },
        ),
        end: node('hang-up', {}),
      },
    }),
    {
      users,
      user: 'alice',
      numbers: { [MOBILE]: { type: 'number', id: MOBILE } },
      limits: { [MOBILE]: limit },
      ...more,
    },
  );
const outsideLeg = (call: TestCall) =>
  [...call.world.telephony.legs.values()].find(({ id }) => id !== `${call.callId}/leg/0`)!;
const answered = (call: TestCall): TestCall => {
  call.waits(100);
  call.world.telephony.answer(outsideLeg(call));
  return call.waits(100);
};
const callerHeard = (call: TestCall): string => call.world.telephony.legs.get(`${call.callId}/leg/0`)!.heard.join();
const limited = (call: TestCall) => call.facts.filter(({ type }) => type === 'leg.limited');

describe('a call to the outside', () => {
  it('ends when its account has nothing left, asked each minute; who is left hears why', () => {
    let left = 150_000;
    const call = answered(calling({ account: 'alice', leftMs: 150_000, mostMs: null }, { allowance: () => left }));
    for (let minute = 1; minute <= 2; minute += 1) {
      left -= 60_000;
      call.waits(60_000);
    }
    expect(callerHeard(call)).toContain('thirty seconds');
    expect(outsideLeg(call).heard.join()).not.toContain('thirty');
    expect(lookups(call).filter(({ what }) => what === 'allowance')).toEqual([
      { what: 'allowance', number: MOBILE, account: 'alice' },
      { what: 'allowance', number: MOBILE, account: 'alice' },
    ]);
    expect(call.ended).toBe(false);
    left = 0;
    call.waits(31_000).hears('spending limit');
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', legs: [{}, { cause: 'timeout' }] });
    expect(limited(call)).toMatchObject([{ by: 'spend-cap' }]);
    expect(Math.round((cdr.legs[1]!.endedAt! - cdr.legs[1]!.answeredAt!) / 1000)).toBe(150);
  });

  it('goes on when the cap was raised, or cannot be asked about', () => {
    let asked = 0;
    const call = answered(
      calling(
        { account: 'alice', leftMs: 5000, mostMs: null },
        {
          allowance: () => {
            asked += 1;
            return null;
          },
        },
      ),
    );
    call.waits(600_000);
    expect([asked, call.ended]).toEqual([1, false]);
    call.hangsUp();
    expect(call.ends().cause).toBe('normal');
    expect(limited(call)).toEqual([]);
  });

  it('lasts no longer than the company lets calls last', () => {
    const call = answered(calling({ account: null, leftMs: null, mostMs: 90_000 }));
    call.waits(50_000);
    expect(callerHeard(call)).not.toContain('thirty');
    call.waits(39_000);
    expect(callerHeard(call).split('thirty seconds')).toHaveLength(2);
    expect([call.ended, outsideLeg(call).bridged !== null]).toEqual([false, true]);
    call.hears('longest time');
    expect(call.ends().disposition).toBe('answered');
    expect(limited(call)).toMatchObject([{ by: 'max-duration' }]);
  });

  it('that is short from its beginning is not interrupted to say so', () => {
    const call = answered(calling({ account: null, leftMs: null, mostMs: 20_000 }));
    call.waits(19_000);
    expect(callerHeard(call)).not.toContain('thirty');
    call.hears('longest time').ends();
  });

  it('has its clock stopped when it ends by itself', () => {
    const call = answered(calling({ account: null, leftMs: 60_000, mostMs: 90_000 }));
    call.hangsUp();
    expect(call.ends().cause).toBe('normal' satisfies Cause);
    call.waits(200_000);
    expect(limited(call)).toEqual([]);
  });
});
