/** Supervision: listening, whispering, barging in; by command and by dialling; what becomes of it when others act. */
import { describe, expect, it } from 'vitest';
import { direct } from '../../testing/flows.ts';
import { answersOf as done, ofUser, keys as presses, settled } from '../../testing/talking.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';
import { userCoordinates } from '../../testing/world-directory.ts';
import { flow, node, say } from '../flow/author.ts';

const users = {
  alice: { extension: '101' },
  bob: { extension: '102', supervisor: true },
  carol: { extension: '103' },
};
const options: TestCallOptions = { users };
const toAlice = { type: 'user', id: 'alice', number: '101' };
/** An outside caller talks with alice. */
const talking = () =>
  TestCall.start(direct, { ...options, called: toAlice })
    .reaches('alice')
    .userAnswers('alice')
    .talksTo('alice');
type Mode = 'listen' | 'whisper' | 'barge' | 'end';
const wish = (mode: Mode, user = 'bob', leg: string | null = null) =>
  ({
    kind: 'supervise',
    mode,
    leg,
    supervisor: userCoordinates({ users }, user),
    autoAnswer: false,
  }) as const;
const facts = (call: TestCall) => call.facts.filter((one) => one.type.startsWith('supervision.'));
const ears = (call: TestCall) =>
  call.call.commands.flatMap((one) => (one.kind === 'media.supervise' ? [[one.leg, one.target, one.mode]] : []));
const supervised = (mode: Mode = 'listen') => talking().controls(wish(mode)).waits(100).userAnswers('bob').waits(100);
const dials = (world: World, user: string, whom: string) =>
  TestCall.start(
    flow('supervise-test', {
      title: 'Supervise',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'enter' }),
        enter: node('supervise', { user: '${called.id}' }, { idle: 'idle', forbidden: 'no', failed: 'no' }),
        idle: node('play', { prompts: [say({ en: 'nobody talks' })] }, { next: 'end' }),
        no: node('hang-up', { cause: 'forbidden' }),
        end: node('hang-up', {}),
      },
    }),
    { ...options, world, user, called: { type: 'supervise', id: whom, number: '*33' } },
  );

describe('supervision by command', () => {
  it('calls the supervisor, who hears the user; mode by command and by key; the call is what it was', () => {
    const call = supervised();
    const [bob, alice] = [ofUser(call.world, 'bob').id, ofUser(call.world, 'alice').id];
    call.controls(wish('whisper')).waits(100);
    presses(call, 'bob', 'barge');
    presses(call, 'bob', 'barge');
    expect(ears(call)).toEqual([
      [bob, alice, 'listen'],
      [bob, alice, 'whisper'],
      [bob, alice, 'barge'],
    ]);
    expect(facts(call)).toMatchObject([
      { type: 'supervision.started', mode: 'listen', by: 'account:test' },
      { type: 'supervision.changed', mode: 'whisper' },
      { type: 'supervision.changed', mode: 'barge' },
    ]);
    expect(ofUser(call.world, 'alice').bridged).not.toBe(null);
    call.controls(wish('end')).waits(200);
    expect(facts(call).at(-1)).toMatchObject({ type: 'supervision.ended', code: 'stopped' });
    expect(call.world.telephony.legOfUser('bob')).toBe(null);
    expect(done(call)).toEqual(['done', 'done', 'done']);
    call.hangsUp();
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', connected: { id: 'alice' }, endedBy: 'calling' });
    expect(cdr.legs.find((leg) => leg.coordinates.id === 'bob')).toMatchObject({ direction: 'outbound' });
    settled(call.world);
  });

  it('never keeps the call up, and is over with whom it is of', () => {
    const call = supervised('barge').userHangsUp('alice').waits(500);
    expect(facts(call).map((one) => one.type)).toEqual(['supervision.started', 'supervision.ended']);
    expect(facts(call).at(-1)).toMatchObject({ code: 'over' });
    expect(call.ends()).toMatchObject({ cause: 'normal', disposition: 'answered' });
    settled(call.world);
  });

  it('the supervisor may hang up: the others go on', () => {
    const call = supervised().userHangsUp('bob').waits(500);
    expect(facts(call).at(-1)).toMatchObject({ type: 'supervision.ended', code: 'left' });
    expect(ofUser(call.world, 'alice').bridged).not.toBe(null);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('a supervisor who does not answer was none', () => {
    const call = talking().controls(wish('listen')).waits(35_000);
    expect(facts(call)).toMatchObject([{ type: 'supervision.ended', code: 'no-answer' }]);
    expect(ears(call)).toEqual([]);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('a mode changed while he rings is the one he begins with', () => {
    const call = talking().controls(wish('listen')).controls(wish('barge')).waits(100).userAnswers('bob').waits(100);
    expect(ears(call).map(([, , mode]) => mode)).toEqual(['barge']);
    expect(call.world.telephony.legs.size).toBe(3);
    call.hangsUp().ends();
  });

  it('goes on through hold and a transfer of the other party; a blind transfer of the one who stays keeps it', () => {
    const call = talking();
    const callerLeg = `${call.callId}/leg/0`;
    call
      .controls(wish('listen', 'bob', callerLeg))
      .waits(100)
      .userAnswers('bob')
      .waits(100);
    call.world.telephony.say(ofUser(call.world, 'alice'), { type: 'held' });
    call.waits(200);
    call.controls({ kind: 'redirect', leg: callerLeg, destination: { type: 'user', id: 'carol' } }).waits(200);
    call.reaches('carol').userAnswers('carol').talksTo('carol');
    expect(facts(call).map((one) => one.type)).toEqual(['supervision.started']);
    expect(ofUser(call.world, 'bob').state).toBe('answered');
    call.userHangsUp('carol').waits(500);
    expect(facts(call).at(-1)).toMatchObject({ type: 'supervision.ended', code: 'over' });
    call.ends();
    settled(call.world);
  });

  /** Another call takes the outside caller, who is supervised, in any order of what happens. */
  const moved = (mode: Mode = 'listen') => {
    const other = talking();
    const target = `${other.callId}/leg/0`;
    other
      .controls(wish(mode, 'bob', target))
      .waits(100)
      .userAnswers('bob')
      .waits(100);
    const call = TestCall.start(direct, { ...options, world: other.world, called: { ...toAlice, id: 'carol' } });
    call.userAnswers('carol').talksTo('carol');
    return { other, call, target };
  };

  it('follows whom it is of to another call, with its mode', () => {
    const { other, call, target } = moved('whisper');
    call.controls({ kind: 'join', callId: other.callId, leg: target }).waits(300);
    expect(other.ends()).toMatchObject({ cause: 'transferred' });
    expect(facts(other).at(-1)).toMatchObject({ type: 'supervision.ended', code: 'moved' });
    const bob = ofUser(call.world, 'bob');
    expect([bob.state, bob.owner]).toEqual(['answered', call.callId]);
    expect(ears(call)).toEqual([[bob.id, target, 'whisper']]);
    expect(facts(call)).toMatchObject([{ type: 'supervision.started', mode: 'whisper', by: 'account:test' }]);
    presses(call, 'bob', 'listen');
    expect(ears(call).at(-1)).toEqual([bob.id, target, 'listen']);
    call.controls(wish('end')).waits(200);
    expect(facts(call).at(-1)).toMatchObject({ type: 'supervision.ended', code: 'stopped' });
    call.hangsUp().ends();
    settled(call.world);
  });

  it('whoever hangs up while it follows: no leg is left, and both calls end', () => {
    for (const who of ['caller', 'bob', 'carol'] as const) {
      for (let ms = 0; ms < 60; ms += 3) {
        const { other, call, target } = moved();
        call.controls({ kind: 'join', callId: other.callId, leg: target }).waits(ms);
        const legs = [...call.world.telephony.legs.values()];
        const leg = who === 'caller' ? legs.find(({ id }) => id === target)! : call.world.telephony.legOfUser(who);
        if (leg && leg.state === 'answered') call.world.telephony.hangUp(leg, 'normal', 'remote');
        call.waits(1000);
        for (const one of [call, other]) if (!one.ended) one.controls({ kind: 'hangup', leg: null });
        call.ends();
        other.ends();
        settled(call.world);
      }
    }
  });

  it('is refused of oneself, of nobody, of a leg that rings, and by more than a handful', () => {
    const ringing = TestCall.start(direct, { ...options, called: toAlice }).reaches('alice');
    ringing.controls(wish('listen', 'bob', ofUser(ringing.world, 'alice').id)).controls(wish('end'));
    ringing.controls(wish('listen', 'bob', 'no such leg'));
    expect(done(ringing)).toEqual(['not-answered', 'not-supervising', 'unknown-leg']);
    ringing.hangsUp().ends();
    const call = talking();
    call.controls(wish('listen', 'alice', ofUser(call.world, 'alice').id));
    for (let n = 0; n < 6; n += 1) {
      const supervisor = { type: 'user', id: `boss ${n}`, entityNumber: null, number: '', name: '' };
      call.controls({ ...wish('listen'), supervisor });
    }
    expect(done(call)).toEqual(['oneself', 'done', 'done', 'done', 'done', 'done', 'too-many']);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('a media layer that cannot lets the supervisor go with the reason', () => {
    const call = talking().controls(wish('listen')).waits(100);
    const { telephony } = call.world;
    const bob = ofUser(call.world, 'bob');
    telephony.answer(bob);
    call.waits(6);
    const { op } = call.call.commands.findLast((one) => one.kind === 'media.supervise')!;
    telephony.say(bob, { type: 'result', op, result: { status: 'failed', code: 'TEL_LINK', message: '' } });
    call.waits(200);
    expect(facts(call)).toMatchObject([{ type: 'supervision.ended', code: 'TEL_LINK' }]);
    expect(telephony.legOfUser('bob')).toBe(null);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('an instance that is lost takes both along', () => {
    const call = supervised();
    call.world.loseInstance('media.1');
    expect(call.ends()).toMatchObject({ disposition: 'media-lost' });
  });
});

describe('supervision by dialling', () => {
  it('takes the supervisor to the call of the user, and he ends with it', () => {
    const call = talking();
    const boss = dials(call.world, 'bob', '101').waits(500);
    expect(boss.ends()).toMatchObject({ cause: 'transferred' });
    const bob = `${boss.callId}/leg/0`;
    expect(ears(call)).toEqual([[bob, ofUser(call.world, 'alice').id, 'listen']]);
    expect(call.facts.find((one) => one.type === 'party.added' && one.role === 'supervising')).toMatchObject({
      coordinates: { id: 'bob' },
    });
    presses(call, 'bob', 'whisper');
    expect(facts(call).map((one) => one.type)).toEqual(['supervision.started', 'supervision.changed']);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('is for supervisors, and for users who have a call', () => {
    const call = talking();
    expect(dials(call.world, 'carol', '101').ends()).toMatchObject({ cause: 'forbidden' });
    dials(call.world, 'bob', '103').hears('nobody talks').ends();
    expect(facts(call)).toEqual([]);
    call.hangsUp().ends();
    settled(call.world);
  });

  it('who comes while the call ends is let go', () => {
    for (let ms = 0; ms < 40; ms += 1) {
      const call = talking();
      const boss = dials(call.world, 'bob', '101').waits(ms);
      call.hangsUp().ends();
      boss.ends();
      settled(call.world);
    }
  });
});
