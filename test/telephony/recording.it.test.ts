/** `media.tap` with real sound: who is told before it begins, what is in it, a disk without room, and that the call goes on; and what is said above a conversation. */
import { readFileSync } from 'node:fs';
import { listRecordings, recordingFile, trustedScope } from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sine } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import { toneLevel } from './listen.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

const MB = 1024 ** 2;
let stage: Stage;
let telephony: Telephony;
let free = 1000 * MB;
const open: Phone[] = [];

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  free = 1000 * MB;
  telephony = await stage.boot({ recordingMinFreeBytes: 100 * MB, freeBytes: async () => free });
});
afterEach(async () => {
  for (const phone of open.splice(0)) {
    await phone.register(0).catch(() => {});
    await phone.close();
  }
  await telephony.stop();
});

interface Talk {
  readonly puppet: Puppet;
  readonly leg: string;
  readonly call: PhoneCall;
  readonly far: string;
  readonly farCall: PhoneCall;
}

/** A caller (440 Hz) talks with a user (880 Hz). */
async function talk(): Promise<Talk> {
  const alice = await stage.phone('101', { incoming: { answerAfterMs: 20 } });
  const caller = await stage.phone(null);
  open.push(alice, caller);
  expect(await alice.register()).toBe(200);
  const call = await caller.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  const { rows } = await stage.database.store.pool.query(`select id from directory_user where extension = '101'`);
  const far = `${puppet.callId}/leg/1`;
  const dial = {
    kind: 'leg.dial' as const,
    leg: far,
    target: { type: 'user', userId: rows[0].id },
    callerId: { number: '4711', name: '' },
    called: { type: 'user', id: null, entityNumber: null, number: '101', name: 'Alice' },
    ringTimeoutMs: 10_000,
    autoAnswer: false,
  };
  await puppet.order(dial, telephony.instance);
  await puppet.event(far, 'answered');
  const farCall = alice.incomingCalls.at(-1)!;
  call.rtp.say(sine(440, 1000), true);
  farCall.rtp.say(sine(880, 1000), true);
  const joined = await puppet.order({ kind: 'media.bridge', leg, other: far }, telephony.instance);
  expect(joined.result).toEqual({ status: 'done' });
  await expect.poll(() => lately(call, 880), patience).toBeGreaterThan(0.5);
  return { puppet, leg, call, far, farCall };
}

const patience = { timeout: 15_000, interval: 50 };
const lately = (call: PhoneCall, hz: number): number => {
  const now = performance.now();
  return toneLevel(call.rtp.heardBetween(now - 400, now), hz);
};
const tapOrder = ({ leg }: Talk, act: string, more: object = {}) => ({
  kind: 'media.tap' as const,
  leg,
  act,
  key: 'rec',
  by: 'user:1',
  announcement: null,
  ...more,
});
const order = async (talking: Talk, act: string, more: object = {}) =>
  (await talking.puppet.order(tapOrder(talking, act, more), telephony.instance)).result;
const notice = tone(1500, 1500, false);
const recordings = ({ puppet }: Talk) =>
  listRecordings(stage.database.store.db, trustedScope(puppet.companyId), {
    before: null,
    limit: 10,
    callId: puppet.callId,
  });
const soundOf = (talking: Talk, id: string): Int16Array => {
  const bytes = readFileSync(recordingFile(stage.mediaDir, talking.puppet.companyId, id));
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44));
};
const eventsOf = async (type: string) =>
  (
    await stage.database.store.pool.query('select body from directory_event where type = $1 order by n', [type])
  ).rows.map((row) => row.body as Record<string, unknown>);

it.each([
  ['leg', 'call', 'farCall'],
  ['other', 'farCall', 'call'],
] as const)(
  'tells only the one concerned (%s) before it begins, and holds both sides without the notice',
  async (hearers, told, spared) => {
    const talking = await talk();
    const op = await talking.puppet.begin(
      tapOrder(talking, 'start', { announcement: notice, hearers }),
      telephony.instance,
    );
    await expect.poll(() => lately(talking[told], 1500), patience).toBeGreaterThan(0.3);
    expect(lately(talking[spared], 1500)).toBeLessThan(0.1);
    expect((await talking.puppet.result(op)).result).toEqual({ status: 'done' });
    await expect.poll(() => lately(talking.call, 880) > 0.5 && lately(talking.farCall, 440) > 0.5, patience).toBe(true);
    const stopped = await order(talking, 'stop');
    expect(stopped).toMatchObject({ status: 'recorded', ended: 'max' });
    const [kept] = await recordings(talking);
    expect(kept).toMatchObject({ state: 'stored', ended: 'stopped' });
    const sound = soundOf(talking, kept!.id);
    expect(toneLevel(sound, 1500)).toBeLessThan(0.05);
    expect(toneLevel(sound, 440)).toBeGreaterThan(0.1);
    expect(toneLevel(sound, 880)).toBeGreaterThan(0.1);
    // a second stop finds nothing, and says nothing of the leg
    expect(await order(talking, 'stop')).toEqual({ status: 'interrupted' });
  },
);

it('given up while the notice is heard, nothing is kept', async () => {
  const talking = await talk();
  const op = await talking.puppet.begin(tapOrder(talking, 'start', { announcement: notice }), telephony.instance);
  await expect.poll(() => lately(talking.call, 1500), patience).toBeGreaterThan(0.3);
  expect(await order(talking, 'stop')).toMatchObject({ status: 'recorded', recordingId: null });
  expect((await talking.puppet.result(op)).result).toEqual({ status: 'interrupted' });
  expect(await recordings(talking)).toEqual([]);
  await expect.poll(() => lately(talking.call, 880), patience).toBeGreaterThan(0.5);
});

it('does not begin on a disk without room: the company is told, the call goes on', async () => {
  free = 99 * MB;
  const talking = await talk();
  expect(await order(talking, 'start')).toMatchObject({ status: 'failed', code: 'TEL_DISK' });
  expect(await recordings(talking)).toMatchObject([{ state: 'failed', ended: 'disk-full' }]);
  expect((await eventsOf('recording.failed')).at(-1)).toMatchObject({
    callId: talking.puppet.callId,
    code: 'disk-full',
  });
  const message = { kind: 'media.record' as const, leg: talking.leg, prompts: [], beep: false, terminators: '#' };
  const spoken = { maxMs: 5000, minMs: 0, silenceMs: 0, purpose: { type: 'flow', label: '' } };
  const refused = await talking.puppet.order({ ...message, ...spoken }, telephony.instance);
  expect(refused.result).toMatchObject({ status: 'failed', code: 'TEL_DISK' });
  expect(lately(talking.farCall, 440)).toBeGreaterThan(0.5);
});

it('a meeting is not recorded without room, and its recording ends when the room does; the meeting goes on', async () => {
  const talking = await talk();
  const room = `meeting-${Date.now()}`;
  const enter = {
    kind: 'media.conference' as const,
    leg: talking.leg,
    room,
    moderator: false,
    muted: false,
    record: 'room:x',
  };
  free = 99 * MB;
  const sent = async () => (await talking.puppet.order(enter, telephony.instance)).result;
  expect(await sent()).toEqual({ status: 'done' });
  await expect.poll(async () => recordings(talking), patience).toMatchObject([{ state: 'failed', ended: 'disk-full' }]);
  await talking.puppet.order({ ...enter, room: null }, telephony.instance);
  free = 1000 * MB;
  expect(await sent()).toEqual({ status: 'done' });
  const states = async () => (await recordings(talking)).map((one) => one.state);
  await expect.poll(states, patience).toContain('recording');
  free = 0;
  const ended = async () =>
    (await recordings(talking)).filter((one) => one.state !== 'recording').map((one) => one.ended);
  await expect.poll(ended, patience).toEqual(['disk-full', 'disk-full']);
  expect(talking.call.state).toBe('answered');
  free = 1000 * MB;
});

it('ends when the room ends: what there is is kept, call and company are told, both talk on', async () => {
  const talking = await talk();
  expect(await order(talking, 'start')).toEqual({ status: 'done' });
  free = 0;
  const told = await talking.puppet.event(talking.leg, 'tap-ended');
  expect(told.body).toMatchObject({ key: 'rec', code: 'disk-full' });
  const [kept] = await recordings(talking);
  expect(kept).toMatchObject({ id: told.body.recordingId, state: 'stored', ended: 'disk-full' });
  expect((await eventsOf('recording.failed')).at(-1)).toMatchObject({ recordingId: kept!.id, code: 'disk-full' });
  await expect.poll(() => lately(talking.call, 880) > 0.5 && lately(talking.farCall, 440) > 0.5, patience).toBe(true);
  expect([talking.call.state, talking.farCall.state]).toEqual(['answered', 'answered']);
});

it('what is said above a conversation is heard by one side or by both; they talk on', async () => {
  const talking = await talk();
  const { puppet, leg, call, farCall } = talking;
  const say = (hearers: 'leg' | 'both') =>
    puppet.order({ kind: 'media.play', leg, prompts: [notice], clearDigits: false, hearers }, telephony.instance);
  const alone = say('leg');
  await expect.poll(() => lately(call, 1500), patience).toBeGreaterThan(0.5);
  expect(lately(farCall, 1500)).toBeLessThan(0.1);
  expect((await alone).result).toEqual({ status: 'done' });
  const both = say('both');
  await expect.poll(() => Math.min(lately(call, 1500), lately(farCall, 1500)), patience).toBeGreaterThan(0.5);
  expect((await both).result).toEqual({ status: 'done' });
  await expect.poll(() => Math.min(lately(call, 880), lately(farCall, 440)), patience).toBeGreaterThan(0.5);
  await call.hangUp();
});
