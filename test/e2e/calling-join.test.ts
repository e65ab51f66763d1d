/** Calls that come together: pick-up by code, park slots, meeting rooms, two parties joined at once and at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine } from '../phone/audio.ts';
import { header } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import {
  callIdOf,
  command,
  commandDone,
  expectAllTalking,
  expectMusic,
  expectSilence,
  expectTalking,
  expectTone,
  factTypes,
  talk,
} from './talk.ts';
import { World } from './world.ts';

let world: World;
let room: { id: string };
beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
  room = await world.must('POST', '/meeting-rooms', {
    name: 'Room',
    extension: '800',
    pin: '1234',
    announce: false,
  });
  await world.must('POST', '/park-slots', { extension: '701', returnMs: 60_000 });
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

const number = (to: string) => ({ to: { type: 'number', number: to } });

describe('intercom', () => {
  it('asks the phone to answer by itself', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const rung = bob.nextIncoming();
    const call = await alice.call('*80102');
    const incoming = await (await rung).until('answered');
    expect(header(incoming.invite!, 'call-info')).toContain('answer-after=0');
    await call.until('answered');
    await expectTalking(call, incoming);
    await call.hangUp();
    await incoming.until('ended');
  });
});

describe('pick-up', () => {
  it('by code and extension: the caller talks to whoever was quicker', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    alice.policy = { ring: true };
    const rung = alice.nextIncoming();
    const call = await carol.call('101');
    const ringing = await rung;
    await call.until('ringing');
    const picker = await (await bob.call('*8101')).until('answered');
    await call.until('answered');
    await expectTalking(call, picker);
    await ringing.until('ended');
    expect(ringing.byeReason).toContain('cause=200');
    await call.hangUp();
    const cdr = await world.cdrOf(call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', connected: { number: '102' } });
    await world.idle();
  });

  it('where nothing rings is refused', async () => {
    const bob = await world.phoneOf('102');
    const picker = await bob.call('*8101');
    await picker.until('ended');
    expect(picker.finalStatus).toBe(480);
  });
});

describe('a park slot', () => {
  it('holds a transferred party with music until somebody dials it', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    expect(await incoming.refer(`sip:701@127.0.0.1:${world.sipPort}`)).toBe(202);
    await incoming.until('ended');
    await expectMusic(call, 900);
    const fetcher = await (await carol.call('701')).until('answered');
    await expectTalking(call, fetcher);
    await fetcher.hangUp();
    await call.until('ended');
    expect((await world.cdrOf(call.callId)).connected).toMatchObject({ number: '103' });
    await world.idle();
  });
});

describe('a meeting room', () => {
  it('is entered by its code; members hear each other, a muted one is not heard, a locked room lets nobody in', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const enter = async (phone: Phone) => {
      const call = await (await phone.call('800')).until('answered');
      await call.press('1234#');
      return call;
    };
    await world.must('PUT', `/meeting-rooms/${room.id}/lock`, { locked: false });
    const [one, other] = [await enter(alice), await enter(bob)];
    await expectTalking(one, other);
    const id = await callIdOf(world, other);
    expect(await command(world, id, 'mute', { muted: true })).toBe('done');
    await expectSilence(one);
    expect(await command(world, id, 'mute', { muted: false })).toBe('done');
    await expectTalking(one, other);
    await world.must('PUT', `/meeting-rooms/${room.id}/lock`, { locked: true });
    const late = await enter(carol);
    await late.until('ended', 20_000);
    await one.hangUp();
    await other.hangUp();
    await world.cdrOf(other.callId);
    expect(await factTypes(world, id)).toEqual(
      expect.arrayContaining(['conference.joined', 'conference.muted', 'conference.left']),
    );
    await world.idle();
  });
});

describe('a moderated room', () => {
  it('keeps members waiting for the moderator, takes as many as it says, lets one go by key, and is recorded', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const extension = `8${Math.floor(Math.random() * 900 + 100)}`;
    const pins = { pin: '1111', moderatorPin: '9999' };
    const rules = { waitForModerator: true, maxMembers: 2, announce: true, record: true };
    const { id } = await world.must<{ id: string }>('POST', '/meeting-rooms', {
      name: `Board ${extension}`,
      extension,
      ...pins,
      ...rules,
    });
    const enter = async (phone: Phone, pin: string) => {
      const call = await (await phone.call(extension)).until('answered');
      await call.press(`${pin}#`);
      return call;
    };
    const member = await enter(alice, '1111');
    await expectMusic(member, 900);
    const chair = await enter(bob, '9999');
    await expectTalking(member, chair);
    const { items } = await world.must<{ items: unknown[] }>('GET', `/meeting-rooms/${id}/members`);
    expect(items).toMatchObject([
      { number: '101', moderator: false, waiting: false },
      { number: '102', moderator: true },
    ]);
    await (await enter(carol, '1111')).until('ended', 30_000);
    await chair.press('*9');
    await member.until('ended', 20_000);
    await chair.hangUp();
    await world.idle();
    let kept: { state: string; durationMs: number | null }[] = [];
    for (const deadline = Date.now() + 15_000; kept.length === 0 && Date.now() < deadline; await sleep(200)) {
      const answer = await world.must<{ items: { state: string; durationMs: number; callId: string }[] }>(
        'GET',
        '/recordings',
      );
      kept = answer.items.filter((one) => one.state === 'stored');
    }
    expect(kept[0]?.durationMs).toBeGreaterThan(500);
  });
});

describe('three', () => {
  it('by key: all hear each other after a word with the third; the others go on when one leaves', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    await incoming.press('*3');
    await expectMusic(call, 900);
    const rung = carol.nextIncoming();
    await incoming.press('103#');
    const third = await (await rung).until('answered');
    await expectTalking(incoming, third);
    await incoming.press('*3');
    await expectAllTalking(call, incoming, third);
    await incoming.hangUp();
    await expectTalking(call, third);
    await call.hangUp();
    await third.until('ended');
    await world.idle();
  });

  it('by command: who is added comes in as soon as he answers', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    const id = await callIdOf(world, call);
    const rung = carol.nextIncoming();
    const to = { destination: { type: 'number', id: '103' } };
    const added = await world.must<{ id: string }>('POST', `/calls/${id}/add`, to);
    const third = await (await rung).until('answered');
    expect(await commandDone(world, id, added.id)).toBe('done');
    await expectAllTalking(call, incoming, third);
    await call.hangUp();
    await expectTalking(incoming, third);
    await incoming.hangUp();
    await third.until('ended');
    await world.idle();
  });
});

describe('a page', () => {
  it('is heard by every member at once, whose phones are asked to answer by themselves', async () => {
    const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
    const members = items.filter((one) => one.extension !== '103').map((one) => ({ userId: one.id }));
    const group = { name: `page-${crypto.randomUUID().slice(0, 8)}`, broadcast: true, members };
    const extension = `6${Math.floor(Math.random() * 900 + 100)}`;
    await world.must('POST', '/ring-groups', { ...group, extension, strategy: 'all' });
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const rung = [alice.nextIncoming(), bob.nextIncoming()];
    const call = await carol.call(extension);
    const heard = await Promise.all(rung.map(async (one) => (await one).until('answered')));
    expect(header(heard[0]!.invite!, 'call-info')).toContain('answer-after=0');
    await call.until('answered');
    call.rtp.say(sine(700, 1000), true);
    for (const one of heard) one.rtp.say(sine(1100, 1000), true);
    for (const one of heard) await expectTone(one, 700);
    await expectSilence(call);
    await call.hangUp();
    for (const one of heard) await one.until('ended');
    await world.idle();
  });
});

describe('two parties', () => {
  it('are called one after the other, each shown the other', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const [first, second] = [alice.nextIncoming(), bob.nextIncoming()];
    await world.must('POST', '/calls/connect', {
      first: { ...number('101'), autoAnswer: true },
      second: number('102'),
      externalId: 'crm-7',
    });
    const one = await (await first).until('answered');
    const other = await (await second).until('answered');
    expect(header(one.invite!, 'from')).toContain('sip:102@');
    expect(header(one.invite!, 'call-info')).toContain('answer-after=0');
    expect(header(other.invite!, 'from')).toContain('sip:101@');
    await expectTalking(one, other);
    await other.hangUp();
    await one.until('ended');
    expect(await world.cdrOf(one.callId)).toMatchObject({ externalId: 'crm-7', connected: { number: '102' } });
  });

  it('at a time: tried again until both have talked; another is cancelled before', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    bob.policy = { refuse: 486 };
    const order = { first: number('101'), second: number('102') };
    const later = await world.must<{ id: string }>('POST', '/scheduled-calls', {
      ...order,
      at: '2099-01-01T00:00:00Z',
    });
    await world.must('POST', `/scheduled-calls/${later.id}/cancel`, {});
    const soon = { ...order, at: new Date().toISOString(), tries: 3, retryAfterMs: 1000 };
    const { id } = await world.must<{ id: string }>('POST', '/scheduled-calls', soon);
    await (await alice.nextIncoming(20_000)).until('ended', 20_000);
    bob.policy = { answerAfterMs: 50 };
    const again = await (await alice.nextIncoming(20_000)).until('answered');
    const other = await (await bob.nextIncoming(20_000)).until('answered');
    await expectTalking(again, other);
    await again.hangUp();
    await other.until('ended');
    await world.cdrOf(again.callId);
    let state = '';
    for (const deadline = Date.now() + 20_000; state !== 'done' && Date.now() < deadline; ) {
      ({ state } = await world.must<{ state: string }>('GET', `/scheduled-calls/${id}`));
      await sleep(100);
    }
    expect(state).toBe('done');
    expect(await world.must('GET', `/scheduled-calls/${later.id}`)).toMatchObject({ state: 'cancelled', callId: null });
  });

  it('as soon as the one who is busy is free again, by code', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    const wish = await (await carol.call('*37102')).until('answered');
    await wish.hangUp();
    expect(carol.incomingCalls).toEqual([]);
    const back = carol.nextIncoming(30_000);
    await call.hangUp();
    await incoming.until('ended');
    const rung = bob.nextIncoming(30_000);
    const one = await (await back).until('answered');
    const other = await (await rung).until('answered');
    await expectTalking(one, other);
    await one.hangUp();
    await other.until('ended');
    await world.idle();
  });
});
