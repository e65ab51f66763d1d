/** Cancelling what is on its way: a hang-up that overtakes its dial, an answer that crosses a CANCEL, results that never come. */
import { describe, expect, it } from 'vitest';
import { direct } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import { createWorld, earliest, factsOf, type World } from '../../testing/world.ts';
import type { EngineEvent, LegEventBody } from '../protocol/index.ts';

const users = { alice: {} };

/** A direct call to alice whose `leg.dial` has left, told by hand from here on. */
function dialling() {
  const world: World = createWorld({ users });
  const call = TestCall.start(direct, { world, users, called: { type: 'user', id: 'alice' } });
  const dial = () => call.call.commands.find((one) => one.kind === 'leg.dial');
  while (!dial()) world.happen(earliest(world.heads())!);
  const command = dial()!;
  const leg = command.kind === 'leg.dial' ? command.leg : '';
  const op = command.kind === 'leg.dial' ? command.op : '';
  const numbers = new Map<string, number>();
  const tell = (event: EngineEvent) => world.tell(call.callId, event);
  const say = (id: string, body: LegEventBody) => {
    const n = (numbers.get(id) ?? 0) + 1;
    numbers.set(id, n);
    tell({ type: 'leg', at: world.now(), leg: id, n, body });
  };
  const hangups = () => call.call.commands.filter((one) => one.kind === 'leg.hangup' && one.leg === leg);
  const releases = () => call.call.commands.filter((one) => one.kind === 'leg.release' && one.leg === leg);
  const callerGone = () =>
    say(`${call.callId}/leg/0`, { type: 'hangup', cause: 'cancelled', sipStatus: 487, by: 'remote' });
  return { world, call, leg, op, tell, say, hangups, releases, callerGone };
}

describe('a leg that is cancelled', () => {
  it('is hung up again when the hang-up has overtaken the dial', () => {
    const { call, leg, op, tell, say, hangups, callerGone } = dialling();
    callerGone();
    expect(hangups()).toHaveLength(1);
    const first = hangups()[0]!;
    tell({ type: 'op.result', at: 0, op: 'op' in first ? first.op : '', result: { status: 'gone' } });
    expect(call.ended).toBe(false);
    say(leg, { type: 'result', op, result: { status: 'done' } });
    expect(hangups()).toHaveLength(2);
    say(leg, { type: 'hangup', cause: 'cancelled', sipStatus: 487, by: 'local' });
    expect(call.cdr).toMatchObject({ disposition: 'cancelled', endedBy: 'calling' });
  });

  it('is hung up again when its answer crosses the CANCEL, and counts as answered by nobody', () => {
    const { call, leg, op, say, hangups, releases, callerGone } = dialling();
    say(leg, { type: 'result', op, result: { status: 'done' } });
    say(leg, { type: 'ringing', early: false });
    callerGone();
    say(leg, { type: 'answered', codec: 'PCMA', sipCallId: 'x' });
    expect(hangups()).toHaveLength(2);
    expect(call.call.commands.map((one) => one.kind)).not.toContain('media.bridge');
    say(leg, { type: 'hangup', cause: 'normal', sipStatus: null, by: 'local' });
    expect(releases()).toMatchObject([{ upTo: 4 }]);
    expect(call.cdr).toMatchObject({ disposition: 'cancelled', connected: null, talkMs: 0 });
  });

  it('ends with a dial that never placed it', () => {
    for (const result of [{ status: 'gone' }, { status: 'failed', code: 'MED_X', message: '' }] as const) {
      const { call, op, tell, releases, world } = dialling();
      tell({ type: 'op.result', at: world.now(), op, result });
      expect(releases()).toEqual([]);
      expect(factsOf(call.call)).toContainEqual(expect.objectContaining({ type: 'node.left', outcome: 'failed' }));
    }
  });

  it('does not hold the call when its hang-up fails', () => {
    const { call, leg, op, tell, say, hangups, callerGone, world } = dialling();
    say(leg, { type: 'result', op, result: { status: 'done' } });
    callerGone();
    const hangup = hangups()[0]!;
    const failed = { status: 'failed', code: 'MED_X', message: '' } as const;
    tell({ type: 'op.result', at: world.now(), op: 'op' in hangup ? hangup.op : '', result: failed });
    expect(call.ended).toBe(true);
  });

  it('gives its user back to the pool only when it has ended', () => {
    const { call, leg, op, say, callerGone } = dialling();
    const returned = () => call.call.commands.some((one) => one.kind === 'send' && one.message.type === 'pool.return');
    say(leg, { type: 'result', op, result: { status: 'done' } });
    callerGone();
    expect(returned()).toBe(false);
    say(leg, { type: 'hangup', cause: 'cancelled', sipStatus: 487, by: 'local' });
    expect(returned()).toBe(true);
  });

  it('stops when the pool takes its grant back before the answer', () => {
    const { call, leg, op, tell, say, hangups, world } = dialling();
    say(leg, { type: 'result', op, result: { status: 'done' } });
    const confirm = call.call.commands.flatMap((one) =>
      one.kind === 'send' && one.message.type === 'pool.confirm' ? [one.message.grant] : [],
    );
    const message = { type: 'pool.revoked', id: 'r', grant: confirm[0]! } as const;
    tell({ type: 'message', at: world.now(), message });
    expect(hangups()).toHaveLength(1);
  });
});

describe('legs whose ends are heard of in another order', () => {
  it('leave a call that ends with the last of them', () => {
    const { call, leg, op, tell, say, world } = dialling();
    say(leg, { type: 'result', op, result: { status: 'done' } });
    const [early, late] = [world.now(), world.now() + 40];
    const end = { type: 'hangup', cause: 'cancelled', sipStatus: 487 } as const;
    tell({ type: 'leg', at: late, leg: `${call.callId}/leg/0`, n: 1, body: { ...end, by: 'remote' } });
    tell({ type: 'leg', at: early, leg, n: 2, body: { ...end, by: 'local' } });
    expect(call.cdr).toMatchObject({ endedAt: late, legs: [{ endedAt: late }, { endedAt: early }] });
  });
});

describe('a pool that is silent', () => {
  it('fails the attempt, not the call', () => {
    const world = createWorld({ users });
    const call = TestCall.start(direct, { world, users, called: { type: 'user', id: 'alice' } });
    const mute = () => world.heads().filter((one) => !one.lane.endsWith('>pool'));
    while (!call.ended) {
      const next = earliest(mute());
      if (!next) break;
      world.happen(next);
    }
    expect(call.path).toContain('ring=failed');
    expect(call.call.commands.map((one) => one.kind)).not.toContain('leg.dial');
  });
});
