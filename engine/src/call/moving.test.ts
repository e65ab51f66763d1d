/** Legs that move between calls, transfers from phones, and commands from outside. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { earliest, type Happening } from '../../testing/world.ts';
import type { Cdr } from '../protocol/index.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const numbers = { '200': { type: 'user', id: 'bob' } };
const options: TestCallOptions = { users, numbers };
const to = (id: string) => ({ type: 'user', id, number: id });
const waiting = (more: TestCallOptions = {}) => {
  const call = TestCall.start(desk, { ...options, ...more })
    .hears('welcome')
    .presses('3')
    .waits(50);
  return call;
};
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one] : []));
const legs = (call: TestCall) => [...call.world.telephony.legs.values()];
const settled = (call: TestCall) => {
  call.waits(100);
  expect(
    legs(call)
      .filter((leg) => !leg.released)
      .map((leg) => leg.id),
  ).toEqual([]);
  expect(call.world.pool()).toMatchObject({ users: {}, requests: [] });
};

describe('joining two calls', () => {
  it('bridges both callers; the other call ends as transferred, this one when either leaves', () => {
    const other = waiting();
    const call = waiting({ world: other.world });
    call.controls({ kind: 'join', callId: other.callId, leg: null }).waits(200);
    expect(done(call)).toMatchObject([{ action: 'join', ok: true }]);
    expect(other.ends()).toMatchObject({ cause: 'transferred', disposition: 'answered' });
    const [a, b] = legs(call);
    expect(a?.bridged).toBe(b?.id);
    expect(a?.owner).toBe(call.callId);
    call.waits(10_000).world.telephony.hangUp(a!, 'normal', 'remote');
    const cdr = call.ends();
    expect(cdr.talkMs).toBeGreaterThan(9000);
    expect(cdr.legs).toHaveLength(2);
    // the dialog is the same one, and so says each account
    const dialog = ({ sipCallId, codec }: Cdr['legs'][number]) => ({ sipCallId, codec });
    const taken = cdr.legs.find((leg) => leg.leg === a!.id)!;
    expect(dialog(taken)).toEqual(dialog(other.ends().legs[0]!));
    expect(taken.sipCallId).not.toBe(null);
    settled(call);
  });

  it('takes the outside party of a conversation; the user he talked with is let go', () => {
    const other = TestCall.start(direct, { ...options, called: to('alice') })
      .userAnswers('alice')
      .talksTo('alice');
    const call = waiting({ world: other.world });
    call.controls({ kind: 'join', callId: other.callId, leg: null }).waits(200);
    expect(other.ends().cause).toBe('transferred');
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    call.hangsUp().ends();
    settled(call);
  });

  it('puts the leg in the place of whom our caller talked with', () => {
    const other = waiting();
    const call = TestCall.start(desk, { ...options, world: other.world })
      .hears('welcome')
      .presses('1');
    call.userAnswers('alice').talksTo('alice').controls({ kind: 'join', callId: other.callId, leg: null }).waits(200);
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    expect(legs(call)[0]?.bridged).toBe(legs(call)[1]?.id);
    call.world.telephony.hangUp(legs(call)[0]!, 'normal', 'remote');
    call.hears('anything else').ends();
    settled(call);
  });

  it('takes the place of a leg that is named: whoever that talked with stays', () => {
    const other = waiting();
    const call = TestCall.start(desk, { ...options, world: other.world })
      .hears('welcome')
      .presses('1');
    call.userAnswers('alice').talksTo('alice');
    const caller = legs(call).find(({ id }) => id === `${call.callId}/leg/0`);
    call.controls({ kind: 'join', callId: other.callId, leg: null, replaces: caller!.id }).waits(200);
    const alice = call.world.telephony.legOfUser('alice')!;
    expect(alice.bridged).not.toBe(null);
    expect(caller!.released).toBe(true);
    expect(done(call).at(-1)).toMatchObject({ ok: true, code: 'done' });
    call.controls({ kind: 'join', callId: other.callId, leg: null, replaces: caller!.id });
    expect(done(call).at(-1)).toMatchObject({ ok: false, code: 'not-talking' });
    call.world.telephony.hangUp(alice, 'normal', 'remote');
    call.ends();
    settled(call);
  });

  it('is refused with a reason and changes nothing', () => {
    const ringing = TestCall.start(direct, { ...options, called: to('alice') }).reaches('alice');
    const call = waiting({ world: ringing.world });
    call.controls({ kind: 'join', callId: ringing.callId, leg: null }).waits(100);
    call.controls({ kind: 'join', callId: call.callId, leg: null });
    ringing.hangsUp().ends();
    call.controls({ kind: 'join', callId: ringing.callId, leg: null }).waits(100);
    expect(done(call).map((one) => [one.ok, one.code])).toEqual([
      [false, 'not-answered'],
      [false, 'same-call'],
      [false, 'ending'],
    ]);
    call.controls({ kind: 'continue' }).hears('anything else').ends();
    settled(call);
  });

  it('an offer that nobody takes is withdrawn after 5 s and the flow goes on', () => {
    const giver = TestCall.start(desk, options).hears('welcome');
    const nobody = '00000000-0000-7000-8000-00000000dead';
    const { world } = giver;
    const ask = { type: 'leg.ask', id: 'ask', from: nobody, leg: null } as const;
    world.tell(giver.callId, { type: 'message', at: world.now(), message: ask });
    giver.waits(1000);
    expect(giver.call.commands.some((one) => one.kind === 'send' && one.message.type === 'leg.offer')).toBe(true);
    // While it is offered the leg's news may be the receiver's: it is queued.
    world.telephony.say(legs(giver)[0]!, { type: 'held' });
    giver.waits(1000);
    expect(giver.facts.some((one) => one.type === 'party.held')).toBe(false);
    giver.waits(4000);
    expect(giver.facts.some((one) => one.type === 'party.held')).toBe(true);
    // The menu that was stopped for the move begins again.
    giver.hears('welcome').presses('3').controls({ kind: 'continue' }).hears('anything else').ends();
    settled(giver);
  });

  it('a leg that hangs up while it is offered ends here', () => {
    const giver = waiting();
    const { world } = giver;
    const from = '00000000-0000-7000-8000-00000000dead';
    world.tell(giver.callId, {
      type: 'message',
      at: world.now(),
      message: { type: 'leg.ask', id: 'ask', from, leg: null },
    });
    giver.waits(500).hangsUp();
    expect(giver.ended).toBe(false);
    expect(giver.waits(5000).ends()).toMatchObject({ endedBy: 'calling', cause: 'normal' });
    settled(giver);
  });

  it('a receiver that was too late does not get the leg', () => {
    const giver = waiting();
    const call = waiting({ world: giver.world });
    const { world } = call;
    const by = { type: 'account', id: 'x' };
    const action = { kind: 'join', callId: giver.callId, leg: null } as const;
    world.tell(call.callId, { type: 'control', at: world.now(), id: 'late', by, action });
    const until = world.now() + 5500;
    for (;;) {
      const next = earliest(world.heads().filter((one) => !isTake(call, one)));
      if (!next || next.at > until) break;
      world.happen(next);
    }
    world.pass(500);
    expect(done(call)).toMatchObject([{ ok: false, code: 'not-committed' }]);
    expect(legs(call)[0]?.owner).toBe(giver.callId);
    giver.controls({ kind: 'continue' }).hears('anything else').ends();
    call.hangsUp().ends();
    settled(call);
  });
});

/** The lane of the receiver's `leg.take`, held back to make it late. */
function isTake(call: TestCall, happening: Happening): boolean {
  const take = call.call.commands.find((one) => one.kind === 'leg.take');
  return take?.kind === 'leg.take' && happening.lane === `op:${call.callId}:${take.leg}`;
}

describe('a phone transfers', () => {
  it('blind, by the called party: the caller talks to the new target and the flow goes on after it', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    const { telephony } = call.world;
    telephony.say(telephony.legOfUser('alice')!, {
      type: 'refer',
      target: '200',
      replacesLeg: null,
      replacesCall: null,
    });
    call.userAnswers('bob').talksTo('bob');
    expect(telephony.legOfUser('alice')).toBe(null);
    call.userHangsUp('bob').hears('anything else').ends();
    settled(call);
  });

  it('attended, before we have joined whom the phone has only just reached', () => {
    const first = TestCall.start(direct, { ...options, called: to('alice') })
      .userAnswers('alice')
      .talksTo('alice');
    const { world } = first;
    const { telephony } = world;
    const referring = telephony.legOfUser('alice')!;
    const second = TestCall.start(direct, { ...options, world, user: 'alice', called: to('bob') }).reaches('bob');
    telephony.answer(telephony.legOfUser('bob')!);
    const replaced = telephony.legs.get(`${second.callId}/leg/0`)!;
    // up to the moment in which her phone hears that bob has answered
    while (replaced.state !== 'answered') world.happen(earliest(world.heads())!);
    expect(second.facts.some(({ type }) => type === 'parties.connected')).toBe(false);
    telephony.say(referring, { type: 'refer', target: '102', replacesLeg: replaced.id, replacesCall: replaced.owner });
    first.waits(3000);
    expect(telephony.legOfUser('bob')?.bridged).toBe(telephony.legs.get(`${first.callId}/leg/0`)?.id);
    expect(telephony.legOfUser('alice')).toBe(null);
    first.hangsUp();
    expect(first.ends()).toMatchObject({ disposition: 'answered' });
    expect(second.ends()).toMatchObject({ cause: 'transferred' });
    settled(first);
  });

  it('blind, by the caller: whom he talked with goes to the target, he is let go', () => {
    const call = TestCall.start(desk, { ...options, user: 'carol' })
      .hears('welcome')
      .presses('1')
      .userAnswers('alice');
    call.talksTo('alice');
    const { telephony } = call.world;
    telephony.say(legs(call)[0]!, { type: 'refer', target: '200', replacesLeg: null, replacesCall: null });
    call.userAnswers('bob').waits(200);
    expect(telephony.legOfUser('alice')?.bridged).toBe(telephony.legOfUser('bob')?.id);
    expect(legs(call)[0]?.state).toBe('ended');
    call.userHangsUp('alice');
    expect(call.ends()).toMatchObject({ disposition: 'answered' });
    settled(call);
  });

  it('attended: the two others talk, the phone is out of both calls', () => {
    const first = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    const { world } = first;
    const aliceIn = world.telephony.legOfUser('alice')!;
    const second = TestCall.start(direct, { ...options, world, user: 'alice', called: to('bob') });
    second.userAnswers('bob').talksTo('bob');
    const aliceOut = [...world.telephony.legs.values()].find((leg) => leg.owner === second.callId)!;
    const refer = { target: '102', replacesLeg: aliceOut.id, replacesCall: second.callId };
    world.telephony.say(aliceIn, { type: 'refer', ...refer });
    first.talksTo('bob');
    expect(second.ends().cause).toBe('transferred');
    first.waits(100);
    expect(world.telephony.legOfUser('alice')).toBe(null);
    expect(Object.keys(world.pool().users)).toEqual(['bob']);
    first.userHangsUp('bob').hears('anything else').ends();
    settled(first);
  });

  it('is ignored when there is nobody to transfer', () => {
    const call = TestCall.start(desk, options).hears('welcome');
    call.world.telephony.say(legs(call)[0]!, { type: 'refer', target: '200', replacesLeg: null, replacesCall: null });
    call.waits(100);
    expect(call.facts).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
    call.presses('3').hangsUp().ends();
  });
});

describe('commands from outside', () => {
  it('redirect lets go of the flow and of whom the caller talked with', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'bob' } });
    call.userAnswers('bob').talksTo('bob').userHangsUp('bob');
    expect(call.ends().connected).toMatchObject({ id: 'bob' });
    settled(call);
  });

  it('redirect tells whoever is rung what was written for him; an outside number goes through the trunks named', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    const sent = { note: 'wants the invoice', shown: '0733' };
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'bob' }, ...sent });
    const dial = () => call.call.commands.findLast((one) => one.kind === 'leg.dial');
    call.reaches('bob');
    expect(dial()).toMatchObject({ target: { userId: 'bob' }, subject: 'wants the invoice', shown: '0733' });
    expect(call.facts).toContainEqual(
      expect.objectContaining({ type: 'party.transferred', note: 'wants the invoice' }),
    );
    call.userAnswers('bob').talksTo('bob');
    const outside = { type: 'number', id: '0612345678' };
    call.controls({ kind: 'redirect', leg: null, destination: outside, trunks: ['carrier'] }).waits(1000);
    const looked = call.call.commands.findLast((one) => one.kind === 'io.lookup');
    expect(looked).toMatchObject({ lookup: { what: 'number', number: '0612345678', trunks: ['carrier'] } });
    expect(call.facts.filter(({ type }) => type === 'party.transferred').at(-1)).not.toHaveProperty('note');
    call.hangsUp().ends();
  });

  it('redirect while somebody rings stops the ringing; to nobody it ends the call truly', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').reaches('alice');
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'nobody' } });
    expect(call.ends()).toMatchObject({ cause: 'not-found', disposition: 'answered' });
    settled(call);
  });

  it('hang-up of a party or of the call', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    const leg = call.world.telephony.legOfUser('alice')!;
    call.controls({ kind: 'hangup', leg: leg.id }).hears('anything else');
    call.controls({ kind: 'hangup', leg: 'nobody' });
    call.controls({ kind: 'hangup', leg: null });
    expect(call.ends()).toMatchObject({ endedBy: 'platform', cause: 'normal' });
    expect(done(call).map((one) => one.code)).toEqual(['done', 'unknown-leg', 'done']);
    settled(call);
  });

  it('continue is for a flow that waits, and a repeated command acts once', () => {
    const call = TestCall.start(desk, options).hears('welcome').controls({ kind: 'continue' });
    expect(done(call)).toMatchObject([{ ok: false, code: 'not-waiting' }]);
    call.presses('3').waits(100);
    const by = { type: 'account', id: 'x' };
    for (let i = 0; i < 2; i += 1) {
      call.world.tell(call.callId, {
        type: 'control',
        at: call.world.now(),
        id: 'once',
        by,
        action: { kind: 'continue' },
      });
    }
    expect(done(call).filter((one) => one.id === 'once')).toHaveLength(1);
    call.hears('anything else').ends();
  });

  it('override changes a node of this call from its next visit on', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('3').waits(50);
    const prompts = [{ parts: [{ type: 'text', text: 'something new' }] }];
    call.controls({ kind: 'override', node: 'after', config: { prompts } });
    call.controls({ kind: 'override', node: 'nowhere', config: {} });
    expect(done(call).map((one) => one.code)).toEqual(['done', 'unknown-node']);
    call.controls({ kind: 'continue' }).hears('something new').ends();
  });
});

describe('a lost media instance', () => {
  it('ends the calls whose caller it held and frees everybody', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    call.world.loseInstance('media.1');
    expect(call.waits(100).ends()).toMatchObject({ disposition: 'media-lost', cause: 'media-lost' });
    expect(call.waits(100).world.pool().users).toEqual({});
  });

  it('lets a call go on that held another leg there', () => {
    const other = waiting({ instance: 'media.2' });
    const call = waiting({ world: other.world });
    call.controls({ kind: 'join', callId: other.callId, leg: null }).waits(200);
    other.ends();
    call.world.loseInstance('media.2');
    expect(call.waits(200).ends()).toMatchObject({ cause: 'failed', disposition: 'answered' });
  });
});
