/** Features of the telephone system, each brought half way by `begin`; what it answers brings it to its end and says what must be true. */
import { expect } from 'vitest';
import { callIdOf, command, expectMusic, expectTalking, expectTone, talk } from '../e2e/talk.ts';
import type { World } from '../e2e/world.ts';
import { sine } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { IncomingPolicy } from '../phone/phone.ts';
import { addUsers, callMany, eventually, scaled, type TestUser } from './population.ts';

export interface Feature {
  readonly name: string;
  readonly begin: (world: World) => Promise<Finish>;
}
export type Finish = () => Promise<void>;

const PATIENCE_MS = 60_000;
const BEEP_HZ = 1000;
/** A hundred in the bench. */
const QUEUED = scaled(100);
const SERVED = 3;

const users = (world: World, count: number, first: number, incoming: IncomingPolicy = { answerAfterMs: 50 }) =>
  addUsers(world, count, first, incoming);
const uri = (world: World, number: string): string => `sip:${number}@127.0.0.1:${world.sipPort}`;

interface Live {
  readonly waiting: readonly { readonly callId: string; readonly enteredAt: string; readonly waitedMs: number }[];
}

async function queueOf(world: World, agent: TestUser, extension: string, more: object = {}): Promise<string> {
  const queue = { name: `queue ${extension}`, extension, strategy: 'linear', wrapUpMs: 0, restMs: 0, ...more };
  const { id } = await world.must<{ id: string }>('POST', '/queues', queue);
  await world.must('PUT', `/queues/${id}/members`, { items: [{ userId: agent.id }] });
  return id;
}

const queue: Feature = {
  name: 'a queue keeps the order of its callers and how long they have waited',
  begin: async (world) => {
    const [agent] = (await users(world, 1, 700)) as [TestUser];
    const id = await queueOf(world, agent, '708');
    const number = { dialled: '7080', kind: 'service', public: true, destination: { type: 'queue', id } };
    await world.must('POST', '/numbers', number);
    const callers = await world.stranger({ rtp: { continuous: false, keepAudio: false } });
    const calls = await callMany(QUEUED, () => callers.call('7080'));
    const live = () => world.must<Live>('GET', `/queues/${id}/live`);
    await eventually('everybody to wait', PATIENCE_MS, async () => (await live()).waiting.length === QUEUED);
    const before = (await live()).waiting;
    return async () => {
      const after = (await live()).waiting;
      const places = (waiting: Live['waiting']) => waiting.map(({ callId, enteredAt }) => ({ callId, enteredAt }));
      expect(places(after)).toEqual(places(before));
      expect(after.every(({ waitedMs }, i) => waitedMs >= before[i]!.waitedMs)).toBe(true);
      await world.must('POST', `/users/${agent.id}/agent`, { do: 'log-in', queueId: id });
      for (let served = 1; served <= SERVED; served++) {
        await eventually(
          `caller ${served} to be served`,
          PATIENCE_MS,
          () => agent.phone.incomingCalls.length >= served,
        );
        await (await agent.phone.incomingCalls[served - 1]!.until('answered', PATIENCE_MS)).hangUp();
      }
      await world.must('POST', `/users/${agent.id}/agent`, { do: 'log-out' });
      for (const { callId, waitedMs } of before.slice(0, SERVED)) {
        await eventually('the account of who was served', PATIENCE_MS, async () =>
          (await world.records(callId)).some(({ type }) => type === 'queue.answered'),
        );
        const told = (await world.records(callId)).filter(({ type }) => type === 'queue.answered');
        expect(told).toHaveLength(1);
        expect(told[0]!.body.waitedMs).toBeGreaterThanOrEqual(waitedMs);
      }
      await Promise.all(calls.map((call) => call.hangUp()));
    };
  },
};

const voicemail: Feature = {
  name: 'a message that is being left is kept once, whole, and mailed once',
  begin: async (world) => {
    const box = `box-${crypto.randomUUID().slice(0, 8)}@mail.example`;
    const userId = await world.addUser('710');
    const { id } = await world.must<{ id: string }>('POST', '/voicemail-boxes', { userId, name: 'Box', email: box });
    const [caller] = (await users(world, 1, 711)) as [TestUser];
    const call = await (await caller.phone.call('710')).until('answered', PATIENCE_MS);
    await call.press('1');
    await expectTone(call, BEEP_HZ);
    call.rtp.say(sine(600, 1000), true);
    const saidFrom = Date.now();
    return async () => {
      const saidMs = Date.now() - saidFrom;
      await call.press('#');
      await call.hangUp();
      const messages = async () =>
        (await world.must<{ items: { durationMs: number }[] }>('GET', `/voicemail-boxes/${id}/messages`)).items;
      await eventually('the message', PATIENCE_MS, async () => (await messages()).length > 0);
      const kept = await messages();
      expect(kept).toHaveLength(1);
      expect(kept[0]!.durationMs).toBeGreaterThan(saidMs - 1500);
    };
  },
};

const recording: Feature = {
  name: 'a recording goes on and is stored once',
  begin: async (world) => {
    const [one, other] = (await users(world, 2, 720)) as [TestUser, TestUser];
    const { call, incoming } = await talk(one.phone, other.phone, '721');
    await expectTalking(call, incoming);
    const id = await callIdOf(world, call);
    const record = (act: string) => command(world, id, 'record', { act, leg: null, announce: false });
    expect(await record('start')).toBe('done');
    const from = Date.now();
    return async () => {
      const ranMs = Date.now() - from;
      expect(await record('stop')).toBe('done');
      const kept = async () =>
        (await world.must<{ items: { state: string; durationMs: number }[] }>('GET', `/recordings?call=${id}`)).items;
      await eventually('the recording', PATIENCE_MS, async () => (await kept())[0]?.state === 'stored');
      expect(await kept()).toHaveLength(1);
      expect((await kept())[0]!.durationMs).toBeGreaterThan(ranMs - 1500);
      await expectTalking(call, incoming);
      await call.hangUp();
    };
  },
};

const park: Feature = {
  name: 'a parked party waits with music and is fetched',
  begin: async (world) => {
    const [one, other, third] = (await users(world, 3, 730)) as [TestUser, TestUser, TestUser];
    await world.must('POST', '/park-slots', { extension: '739', returnMs: 600_000 });
    const { call, incoming } = await talk(one.phone, other.phone, '731');
    await expectTalking(call, incoming);
    await incoming.refer(uri(world, '739'));
    await incoming.until('ended', PATIENCE_MS);
    await expectMusic(call, 900);
    return async () => {
      await expectMusic(call, 900);
      const fetcher = await (await third.phone.call('739')).until('answered', PATIENCE_MS);
      await expectTalking(call, fetcher);
      await fetcher.hangUp();
      await call.until('ended', PATIENCE_MS);
    };
  },
};

const room: Feature = {
  name: 'members of a room hear each other, and another may come in',
  begin: async (world) => {
    const members = await users(world, 3, 740);
    await world.must('POST', '/meeting-rooms', { name: 'Chaos', extension: '749', pin: '1234' });
    const enter = async ({ phone }: TestUser): Promise<PhoneCall> => {
      const call = await (await phone.call('749')).until('answered', PATIENCE_MS);
      await call.press('1234#');
      return call;
    };
    const [one, other] = [await enter(members[0]!), await enter(members[1]!)];
    await expectTalking(one, other);
    return async () => {
      await expectTalking(one, other);
      const third = await enter(members[2]!);
      await one.hangUp();
      await expectTalking(other, third);
      await Promise.all([other.hangUp(), third.hangUp()]);
    };
  },
};

const transfer: Feature = {
  name: 'a transfer that still rings gets through',
  begin: async (world) => {
    const [one, other, third] = (await users(world, 3, 750)) as [TestUser, TestUser, TestUser];
    third.phone.policy = { ring: true };
    const { call, incoming } = await talk(one.phone, other.phone, '751');
    const rung = third.phone.nextIncoming(PATIENCE_MS);
    await incoming.refer(uri(world, '752'));
    const ringing = await rung;
    return async () => {
      expect(ringing.state).toBe('ringing');
      third.phone.answer(ringing);
      await expectTalking(call, ringing);
      expect(third.phone.incomingCalls).toHaveLength(1);
      await call.hangUp();
      await ringing.until('ended', PATIENCE_MS);
    };
  },
};

const scheduled: Feature = {
  name: 'a call at a time is placed once',
  begin: async (world) => {
    const [one, other] = (await users(world, 2, 760)) as [TestUser, TestUser];
    const number = (to: string) => ({ to: { type: 'number', number: to } });
    const at = new Date(Date.now() + 3000).toISOString();
    const rung = [one.phone.nextIncoming(PATIENCE_MS), other.phone.nextIncoming(PATIENCE_MS)];
    const order = { first: number('760'), second: number('761'), at, tries: 1 };
    const { id } = await world.must<{ id: string }>('POST', '/scheduled-calls', order);
    return async () => {
      const [first, second] = await Promise.all(rung);
      await expectTalking(first!, second!);
      await first!.hangUp();
      await second!.until('ended', PATIENCE_MS);
      await eventually('the order to be done', PATIENCE_MS, async () => {
        const { state } = await world.must<{ state: string }>('GET', `/scheduled-calls/${id}`);
        return state === 'done';
      });
      expect([one, other].map(({ phone }) => phone.incomingCalls.length)).toEqual([1, 1]);
    };
  },
};

const callback: Feature = {
  name: 'who wants to be called back is called back in his turn, once',
  begin: async (world) => {
    const [agent, caller] = (await users(world, 2, 770)) as [TestUser, TestUser];
    const id = await queueOf(world, agent, '778', { callbackKey: '2' });
    const call = await (await caller.phone.call('778')).until('answered', PATIENCE_MS);
    await expectMusic(call, 600);
    await call.press('2');
    await call.until('ended', PATIENCE_MS);
    return async () => {
      const [atAgent, atCaller] = [agent.phone.nextIncoming(PATIENCE_MS), caller.phone.nextIncoming(PATIENCE_MS)];
      await world.must('POST', `/users/${agent.id}/agent`, { do: 'log-in', queueId: id });
      const [one, other] = [await atAgent, await atCaller];
      await expectTalking(one, other);
      await other.hangUp();
      await one.until('ended', PATIENCE_MS);
      expect([agent, caller].map(({ phone }) => phone.incomingCalls.length)).toEqual([1, 1]);
      await world.must('POST', `/users/${agent.id}/agent`, { do: 'log-out' });
    };
  },
};

/** In the order in which they are begun: what must not wait comes last. */
export const FEATURES: readonly Feature[] = [queue, voicemail, recording, park, room, transfer, callback, scheduled];
