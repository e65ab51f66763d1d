/** Meeting rooms: entering by PIN, being heard or not, leaving. */
import { describe, expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import type { World } from '../../testing/world.ts';
import { flow, node, say } from '../flow/author.ts';

const meeting = flow('meeting-test', {
  title: 'Meeting',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'room' }),
    room: node(
      'conference',
      { room: '${called.id}', pinPrompts: [say({ en: 'the code' })] },
      { unknown: 'sorry', refused: 'sorry', left: 'sorry', failed: 'sorry' },
    ),
    sorry: node('play', { prompts: [say({ en: 'sorry' })] }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});
const options: TestCallOptions = {
  users: { alice: { extension: '101', name: 'Alice' } },
  rooms: {
    '800': {},
    '801': { pin: '1234' },
    '802': { moderatorPin: '9999', pin: '1', waitForModerator: true },
    '803': { maxMembers: 2 },
    '804': { announce: true, record: true },
  },
};
const enters = (room: string, more: TestCallOptions = options) =>
  TestCall.start(meeting, { ...more, called: { type: 'meeting-room', id: room } });
const legOf = (call: TestCall) => call.world.telephony.legs.get(`${call.callId}/leg/0`)!;
const key = (call: TestCall, name: string) => {
  call.world.telephony.say(legOf(call), { type: 'feature', name });
  return call.waits(100);
};
const facts = (call: TestCall) => call.facts.filter((one) => one.type.startsWith('conference.')).map((one) => one.type);
const joins = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'media.conference' ? [one] : []));
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));

describe('a meeting room', () => {
  it('is entered, and left by hanging up', () => {
    const call = enters('800').waits(500);
    expect(joins(call)).toMatchObject([{ room: '800', muted: false, moderator: false }]);
    call.waits(60_000);
    expect(call.ended).toBe(false);
    expect(call.hangsUp().ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
    expect(facts(call)).toEqual(['conference.joined', 'conference.left']);
  });

  it('is entered after its code; a wrong one is asked again, three of them are too many', () => {
    const call = enters('801').hears('the code').presses('9#').hears('the code').presses('1234#').waits(500);
    expect(joins(call)).toHaveLength(1);
    expect(JSON.stringify(call.facts)).not.toContain('1234');
    call.hangsUp().ends();
    const refused = enters('801');
    for (let tries = 0; tries < 3; tries += 1) refused.hears('the code').presses('9#');
    expect(refused.hears('sorry').path).toContain('room=refused');
  });

  it('that does not exist is unknown', () => {
    expect(enters('899').hears('sorry').path).toContain('room=unknown');
  });

  it('a party is heard or not, by command, once inside', () => {
    const call = enters('800').controls({ kind: 'mute', muted: true }).waits(300);
    call.controls({ kind: 'mute', muted: true }).controls({ kind: 'mute', muted: false });
    expect(joins(call).map((one) => one.muted)).toContain(true);
    expect(done(call).slice(-2)).toEqual(['done', 'done']);
    call.hangsUp().ends();
    const other = enters('801').hears('the code').controls({ kind: 'mute', muted: true });
    expect(done(other)).toEqual(['not-in-room']);
    other.hangsUp().ends();
  });

  it('is left when the party is sent elsewhere', () => {
    const call = enters('800').waits(500);
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'nobody' } }).ends();
    expect(facts(call)).toEqual(['conference.joined', 'conference.left']);
    expect(joins(call).at(-1)?.room).toBe(null);
  });
});

describe('members', () => {
  const moderated = (world?: World) =>
    enters('802', world ? { ...options, world } : options)
      .hears('the code')
      .presses('9999#')
      .waits(300);
  const member = (world: World) =>
    enters('802', { ...options, world })
      .hears('the code')
      .presses('1#')
      .waits(300);

  it('wait with music for a moderator, who lets all in; who comes later finds him there', () => {
    const first = enters('802').hears('the code').presses('1#').hears('as soon as its moderator').waits(5000);
    expect(legOf(first)).toMatchObject({ room: null });
    expect(first.heard.at(-1)).toBe('[music]');
    const { world } = first;
    const chair = moderated(world);
    expect([legOf(first).room, legOf(chair).room]).toEqual(['802', '802']);
    const late = member(world);
    expect(legOf(late).room).toBe('802');
    for (const call of [first, chair, late]) call.hangsUp().ends();
  });

  it('a caller who gives up waiting, or whose moderator comes while he goes, leaves nothing behind', () => {
    const waits = enters('802').hears('the code').presses('1#').hears('as soon as its moderator');
    const { world } = waits;
    const chair = enters('802', { ...options, world })
      .hears('the code')
      .presses('9999#');
    waits.hangsUp();
    expect(waits.ends()).toMatchObject({ endedBy: 'calling' });
    expect(facts(waits).length % 2).toBe(0);
    chair.waits(200).hangsUp().ends();
  });

  it('are as many as the room takes; a seat is free again when its caller leaves', () => {
    const one = enters('803').waits(200);
    const { world } = one;
    const two = enters('803', { ...options, world }).waits(200);
    const three = enters('803', { ...options, world });
    expect(three.hears('sorry').path).toContain('room=refused');
    two.hangsUp().ends();
    const four = enters('803', { ...options, world }).waits(200);
    expect(legOf(four).room).toBe('803');
    one.controls({ kind: 'leave-room' });
    expect(one.hears('sorry').path).toContain('room=left');
    expect(legOf(enters('803', { ...options, world }).waits(200)).room).toBe('803');
  });

  it('on another media instance are refused', () => {
    const one = enters('800').waits(200);
    const far = enters('800', { ...options, world: one.world, instance: 'media.2' });
    expect(far.hears('sorry').path).toContain('room=refused');
    one.hangsUp().ends();
  });

  it('are announced by name where the room says so, and recorded', () => {
    const call = enters('804', { ...options, user: 'alice' }).waits(200);
    const [join] = joins(call);
    expect(JSON.stringify(join!.hello)).toContain('Alice');
    expect(JSON.stringify(join!.goodbye)).toContain('left the meeting');
    expect(join!.record).toBe('room:804');
    call.hangsUp().ends();
    const stranger = enters('804').waits(200);
    expect(joins(stranger)[0]!.hello!.items[0]).toMatchObject({ type: 'tone' });
    stranger.hangsUp().ends();
  });

  it('mute themselves by key; a moderator mutes the others, lets the last go and locks the room', () => {
    const chair = moderated();
    const { world } = chair;
    const [one, two] = [member(world), member(world)];
    expect(key(key(one, 'room-mute'), 'blind') && legOf(one).muted).toBe(true);
    key(one, 'room-mute');
    expect(legOf(one).muted).toBe(false);
    key(one, 'room-mute-others');
    expect(legOf(two).muted).toBe(false);
    key(chair, 'room-mute-others');
    expect([legOf(one).muted, legOf(two).muted, legOf(chair).muted]).toEqual([true, true, false]);
    key(chair, 'room-let-go');
    expect(two.hears('sorry').path).toContain('room=left');
    key(chair, 'room-lock');
    expect(chair.heard.at(-1)).toBe('The room is locked.');
    expect(member(world).hears('sorry').path).toContain('room=refused');
    for (const call of [chair, one]) call.hangsUp().ends();
  });

  it('a leg is taken out of its room before another call gets it', () => {
    const call = enters('800').waits(200);
    const { world } = call;
    const other = TestCall.start(desk, { ...options, world }).hears('welcome');
    other.controls({ kind: 'join', callId: call.callId, leg: null }).waits(300);
    expect(legOf(other).bridged).toBe(legOf(call).id);
    expect(legOf(call).room).toBe(null);
    expect(facts(call)).toEqual(['conference.joined', 'conference.left']);
    other.hangsUp().ends();
    call.ends();
  });

  it('a leg that another call wanted and did not take goes back into its room', () => {
    const call = enters('800').waits(200);
    const ask = { type: 'leg.ask', id: 'x/1', from: '00000000-0000-7000-8000-00000000ffff', leg: null } as const;
    call.world.tell(call.callId, { type: 'message', at: call.world.now(), message: ask });
    call.waits(100);
    expect(legOf(call).room).toBe(null);
    call.waits(8000);
    expect(legOf(call).room).toBe('800');
    call.hangsUp().ends();
  });
});
