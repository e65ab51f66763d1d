/** Steering by command: leaving a node, and saying something to a party, whatever the call is doing. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { WorldLeg } from '../../testing/world-telephony.ts';
import { flow, node, say as spoken } from '../flow/author.ts';
import type { ControlAction } from '../protocol/index.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' } };
const toAlice: TestCallOptions = { users, called: { type: 'user', id: 'alice', number: '101' } };
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));
const skip = (outcome: string | null = null, at: string | null = null): ControlAction => ({
  kind: 'skip',
  node: at,
  outcome,
});
const say = (text: string, more: { leg?: string; both?: boolean } = {}): ControlAction => ({
  kind: 'say',
  leg: more.leg ?? null,
  both: more.both ?? false,
  prompts: [{ items: [{ type: 'text', text }], bargeIn: false }],
});
const legs = (call: TestCall): [WorldLeg, WorldLeg] => {
  const [caller, other] = [...call.world.telephony.legs.values()].filter((leg) => leg.owner === call.callId);
  return [caller!, other!];
};
const after = (call: TestCall, text: string) => call.heard.slice(call.heard.indexOf(text) + 1);

describe('skipping a node', () => {
  it('leaves a menu by a chosen outcome, without a key', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').controls(skip('wait', 'menu')).waits(100);
    expect(done(call)).toEqual(['done']);
    expect(call.path).toContain('menu=wait');
    const left = call.facts.find((one) => one.type === 'node.left' && one.node === 'menu');
    expect(left).toMatchObject({ reason: 'skipped from outside' });
    expect(call.heard.at(-1)).toBe('[music]');
    // the key that was meant for the menu decides nothing any more
    call.presses('1').waits(100);
    expect(call.path).not.toContain('menu=alice');
    call.hangsUp().ends();
  });

  it('without an outcome takes the first one', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('3').waits(100).controls(skip());
    call.hears('anything else');
    expect(call.path).toContain('wait=continue');
    call.ends();
  });

  it('lets whom the caller talks with go', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('1').userAnswers('alice').talksTo('alice');
    call.waits(1000).controls(skip('completed', 'alice')).hears('anything else');
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'platform' });
  });

  it('stops a phone that rings', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('1').reaches('alice');
    call.controls(skip('busy')).hears('nobody there');
    expect(call.world.telephony.legOfUser('alice')).toBe(null);
    call.ends();
  });

  it('is refused where the call is not, by an outcome that is not there, without a flow, and at the end', () => {
    const call = TestCall.start(desk, { users }).hears('welcome');
    call.controls(skip('wait', 'alice')).waits(10);
    call.controls(skip('no-such', 'menu')).waits(10);
    expect(done(call)).toEqual(['moved-on', 'unknown-outcome']);
    call.presses('1').userAnswers('alice').talksTo('alice');
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'bob' } }).waits(100);
    call.controls(skip()).waits(10);
    expect(done(call).at(-1)).toBe('no-flow');
    expect(call.facts).toContainEqual({ type: 'flow.changed', revision: null });
    call.hangsUp().ends();
  });
});

describe('saying something', () => {
  it('stops a menu for it, which begins anew', () => {
    const call = TestCall.start(desk, { users })
      .hears('welcome')
      .waits(200)
      .controls(say('one moment'))
      .hears('one moment');
    expect(done(call)).toEqual([]);
    call.waits(1100);
    expect(done(call)).toEqual(['done']);
    expect(after(call, 'one moment')).toEqual(['welcome']);
    call.presses('3').waits(100);
    expect(call.path).toContain('menu=wait');
    call.hangsUp().ends();
  });

  it('counts the key that was pressed in the moment of the command', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('3').controls(say('one moment')).waits(3000);
    expect(call.path).toContain('menu=wait');
    expect(call.heard).toContain('one moment');
    call.hangsUp().ends();
  });

  it('comes back to the music of who waits', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('3').waits(100).controls(say('still here'));
    call.hears('still here').waits(1100);
    expect(after(call, 'still here')).toEqual(['[music]']);
    call.hangsUp().ends();
  });

  it('comes back to the ringing tone, and gives way to who answers', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('1').reaches('alice');
    call.controls(say('we are trying')).waits(1200);
    expect(after(call, 'we are trying')).toEqual(['[ringback]']);
    call.controls(say('once more')).waits(100).userAnswers('alice').talksTo('alice');
    expect(done(call)).toEqual(['done', 'interrupted']);
    call.hangsUp().ends();
  });

  it('is heard above a conversation by one side, or by both', () => {
    const call = TestCall.start(direct, toAlice).userAnswers('alice').talksTo('alice').waits(500);
    const [caller, alice] = legs(call);
    call.controls(say('for the caller', { leg: caller.id })).waits(1100);
    expect(caller.heard).toContain('for the caller');
    expect(alice.heard).not.toContain('for the caller');
    call.controls(say('for both', { both: true })).waits(1100);
    expect(alice.heard).toContain('for both');
    expect(caller.bridged).toBe(alice.id);
    expect(done(call)).toEqual(['done', 'done']);
    call.hangsUp().ends();
  });

  it('is refused to who is not there, has not answered, or is told something already', () => {
    const call = TestCall.start(direct, toAlice).reaches('alice');
    const [, alice] = legs(call);
    call
      .controls(say('x'))
      .controls(say('x', { leg: alice.id }))
      .controls(say('x', { leg: 'nobody' }))
      .waits(50);
    expect(done(call)).toEqual(['not-answered', 'not-answered', 'unknown-leg']);
    call.userAnswers('alice').talksTo('alice').controls(say('a')).controls(say('b')).waits(1200);
    expect(done(call).slice(3)).toEqual(['saying', 'done']);
    call.hangsUp().ends();
  });

  it('is answered when its hearer hangs up', () => {
    const call = TestCall.start(desk, { users })
      .hears('welcome')
      .controls(say('one moment'))
      .hears('one moment')
      .hangsUp();
    call.ends();
    expect(done(call)).toEqual(['interrupted']);
  });

  it('is over when the call is sent elsewhere', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').controls(say('one moment')).hears('one moment');
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'bob' } });
    call.userAnswers('bob').talksTo('bob');
    expect(done(call).sort()).toEqual(['done', 'interrupted']);
    call.hangsUp().ends();
  });

  it('waits for no one who holds, and for no one who is just being joined', () => {
    const call = TestCall.start(direct, toAlice).reaches('alice');
    const [, alice] = legs(call);
    call.world.telephony.answer(alice);
    while (!call.facts.some((one) => one.type === 'party.answered' && one.coordinates.id === 'alice')) call.waits(1);
    call.controls(say('x', { leg: alice.id }));
    call.talksTo('alice').waits(100).controls({ kind: 'hold', leg: null }).waits(100).controls(say('y')).waits(100);
    expect(done(call)).toEqual(['not-now', 'done', 'not-now']);
    call.hangsUp().ends();
  });

  it('does not disturb a recording that the caller makes', () => {
    const box = flow('box', {
      title: 'Box',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'tape' }),
        tape: node(
          'record',
          { prompts: [spoken({ en: 'speak now' })] },
          { recorded: 'end', empty: 'end', failed: 'end' },
        ),
        end: node('hang-up', {}),
      },
    });
    const call = TestCall.start(box, { users }).hears('speak now').controls(say('x')).waits(20);
    expect(done(call)).toEqual(['not-now']);
    call.ends();
  });
});
