/** Holding and retrieving: who hears music, what overtakes nothing, and what ends a hold. */
import { describe, expect, it } from 'vitest';
import { desk, direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { createWorld, earliest } from '../../testing/world.ts';
import type { WorldLeg } from '../../testing/world-telephony.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' } };
const options: TestCallOptions = { users, called: { type: 'user', id: 'alice', number: '101' } };
const talking = (flow = direct, more: TestCallOptions = {}) => {
  const call = TestCall.start(flow, { ...options, ...more });
  if (flow === desk) call.hears('welcome').presses('1');
  return call.userAnswers('alice').talksTo('alice');
};
const legs = (call: TestCall): [WorldLeg, WorldLeg] => {
  const [caller, alice] = [...call.world.telephony.legs.values()].filter((leg) => leg.owner === call.callId);
  return [caller!, alice!];
};
const says = (call: TestCall, leg: WorldLeg, type: 'held' | 'resumed') => {
  call.world.telephony.say(leg, { type });
  return call.waits(50);
};
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));

describe('a phone that holds', () => {
  it('lets the other party hear music until it retrieves', () => {
    const call = talking();
    const [caller, alice] = legs(call);
    says(call, alice, 'held');
    expect(caller.bridged).toBe(null);
    expect(caller.heard.at(-1)).toBe('[music]');
    expect(alice.heard).not.toContain('[music]');
    call.waits(3000);
    says(call, alice, 'resumed');
    expect(caller.bridged).toBe(alice.id);
    call.waits(1000).hangsUp();
    const cdr = call.ends();
    expect(cdr.holdMs).toBe(3050);
    expect(cdr.talkMs).toBeGreaterThan(4000);
    expect(call.facts.filter((one) => one.type === 'parties.parted')).toHaveLength(1);
  });

  it('while the other holds too gives nobody music; it comes back with the first to return', () => {
    const call = talking();
    const [caller, alice] = legs(call);
    says(says(call, alice, 'held') && call, caller, 'held');
    expect(caller.heard.at(-1)).toBe('[none]');
    says(call, alice, 'resumed');
    expect(caller.bridged).toBe(null);
    expect(alice.heard.at(-1)).toBe('[music]');
    says(call, caller, 'resumed');
    expect(caller.bridged).toBe(alice.id);
    call.hangsUp().ends();
  });

  it('is not overtaken by its own retrieval', () => {
    const call = talking();
    const [caller, alice] = legs(call);
    call.world.telephony.say(alice, { type: 'held' });
    call.world.telephony.say(alice, { type: 'resumed' });
    call.waits(100);
    expect(caller.bridged).toBe(alice.id);
    const kinds = call.call.commands.flatMap((one) => (one.kind.startsWith('media.') ? [one.kind] : []));
    expect(kinds.slice(-2)).toEqual(['media.unbridge', 'media.bridge']);
    call.hangsUp().ends();
  });

  it('and hangs up leaves no music behind when the flow goes on', () => {
    const call = talking(desk);
    const [caller, alice] = legs(call);
    says(call, alice, 'held');
    call.userHangsUp('alice').hears('anything else');
    expect(caller.heard.at(-1)).toBe('anything else');
    call.ends();
  });

  it('and transfers lets its party hear ringing, then talk', () => {
    const call = talking(desk);
    const [caller, alice] = legs(call);
    says(call, alice, 'held');
    call.world.telephony.say(alice, { type: 'refer', target: '102', replacesLeg: null, replacesCall: null });
    call.reaches('bob').waits(20);
    expect(caller.heard.at(-1)).toBe('[ringback]');
    call.userAnswers('bob').talksTo('bob').userHangsUp('bob').hears('anything else').ends();
  });
});

describe('a hold by command', () => {
  it('stands beside the phone’s own and is taken back by command only', () => {
    const call = talking();
    const [caller, alice] = legs(call);
    call.controls({ kind: 'hold', leg: null });
    expect(caller.heard.at(-1)).toBe('[music]');
    says(call, alice, 'held');
    says(call, alice, 'resumed');
    expect(caller.bridged).toBe(null);
    call.controls({ kind: 'retrieve', leg: alice.id });
    expect(caller.bridged).toBe(alice.id);
    says(call, alice, 'held');
    call.controls({ kind: 'retrieve', leg: alice.id });
    call.controls({ kind: 'hold', leg: 'nobody' });
    expect(done(call)).toEqual(['done', 'done', 'held-by-phone', 'unknown-leg']);
    expect(call.facts.filter((one) => one.type === 'party.held')).toHaveLength(2);
    call.hangsUp().ends();
  });

  it('needs a conversation', () => {
    const call = TestCall.start(desk, options).hears('welcome');
    call.controls({ kind: 'hold', leg: null });
    call.controls({ kind: 'hold', leg: `${call.callId}/leg/0` });
    expect(done(call)).toEqual(['unknown-leg', 'not-talking']);
    call.hangsUp().ends();
  });
});

describe('a hold and a move', () => {
  it('an offer that lapses brings the music back', () => {
    const call = talking();
    const [caller, alice] = legs(call);
    says(call, alice, 'held');
    const ask = { type: 'leg.ask', id: 'a', from: '00000000-0000-7000-8000-00000000dead', leg: caller.id } as const;
    call.world.tell(call.callId, { type: 'message', at: call.world.now(), message: ask });
    call.waits(6000);
    expect(caller.heard.at(-1)).toBe('[music]');
    expect(caller.bridged).toBe(null);
    says(call, alice, 'resumed');
    expect(caller.bridged).toBe(alice.id);
    call.hangsUp().ends();
  });

  it('an offer that lapses leaves the music of a flow that waits as it was', () => {
    const call = TestCall.start(desk, options).hears('welcome').presses('3').waits(50);
    const [caller] = legs(call);
    const before = [...caller.heard];
    const ask = { type: 'leg.ask', id: 'a', from: '00000000-0000-7000-8000-00000000dead', leg: null } as const;
    call.world.tell(call.callId, { type: 'message', at: call.world.now(), message: ask });
    call.waits(6000);
    const stops = call.call.commands.filter((one) => one.kind === 'media.stop' || one.kind === 'media.background');
    expect(caller.heard).toEqual(before);
    expect(stops.filter((one) => one.kind === 'media.stop')).toEqual([]);
    call.hangsUp().ends();
  });

  it('whoever is taken over while his phone holds stays on hold', () => {
    const other = talking();
    const [outside] = legs(other);
    says(other, outside, 'held');
    const call = TestCall.start(desk, { ...options, world: other.world })
      .hears('welcome')
      .presses('3')
      .waits(50);
    call.controls({ kind: 'join', callId: other.callId, leg: null }).waits(300);
    const caller = call.world.telephony.legs.get(`${call.callId}/leg/0`)!;
    expect(caller.heard.at(-1)).toBe('[music]');
    says(call, outside, 'resumed');
    expect(caller.bridged).toBe(outside.id);
    call.hangsUp().ends();
  });
});

describe('every order of hold, retrieve and hang-up', () => {
  it('ends with one true account and nothing left over', () => {
    let runs = 0;
    const tries = (choices: readonly number[]): number => {
      const world = createWorld({ users });
      const call = talking(direct, { world });
      const [caller, alice] = legs(call);
      world.telephony.say(alice, { type: 'held' });
      world.telephony.say(caller, { type: 'held' });
      world.telephony.say(alice, { type: 'resumed' });
      world.telephony.say(caller, { type: 'resumed' });
      world.later('hang-up', 12, () => world.telephony.hangUp(caller, 'normal', 'remote'));
      let step = 0;
      let width = 1;
      for (;;) {
        const soon = world.heads().filter((one) => one.at - world.now() < 20);
        if (soon.length === 0) break;
        if (step === choices.length) width = soon.length;
        const pick = choices[step] ?? 0;
        world.happen(soon.sort((a, b) => a.seq - b.seq)[pick] ?? earliest(soon)!);
        step += 1;
      }
      runs += 1;
      expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
      world.pass(20_000);
      expect([...world.telephony.legs.values()].every((leg) => leg.released)).toBe(true);
      return width;
    };
    const explore = (choices: readonly number[]): void => {
      if (choices.length > 4) return;
      const width = tries(choices);
      for (let pick = 0; pick < width; pick += 1) explore([...choices, pick]);
    };
    explore([]);
    expect(runs).toBeGreaterThan(30);
  }, 60_000);
});
