/** A call whose legs are held by two media instances, each with servers of its own (design §4). */
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sine } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import { toneLevel } from './listen.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

let stage: Stage;
let here: Telephony;
let there: Telephony;
let farPort: number;
const open: Phone[] = [];

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.database.store.pool.query('delete from media_link');
  const [one, other] = await Promise.all([stage.boot(), stage.bootApart()]);
  here = one;
  there = other.telephony;
  farPort = other.sipPort;
});
afterEach(async () => {
  for (const phone of open.splice(0)) {
    await phone.register(0).catch(() => {});
    await phone.close();
  }
  await Promise.all([here.stop(), there.stop()]);
});

const links = async () => (await stage.database.store.pool.query('select * from media_link')).rows;

interface Parted {
  readonly puppet: Puppet;
  /** The caller, on the one instance. */
  readonly leg: string;
  readonly call: PhoneCall;
  /** The called, on the other. */
  readonly far: string;
  readonly farCall: PhoneCall;
}

async function apart(): Promise<Parted> {
  const alice = await stage.phone('101', { serverPort: farPort, incoming: { answerAfterMs: 20 } });
  const caller = await stage.phone(null);
  open.push(alice, caller);
  expect(await alice.register()).toBe(200);
  const call = await caller.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, here.instance);
  await call.until('answered');
  const { rows } = await stage.database.store.pool.query(`select id from directory_user where extension = '101'`);
  const far = `${puppet.callId}/leg/1`;
  const dialled = await puppet.order(
    {
      kind: 'leg.dial',
      leg: far,
      target: { type: 'user', userId: rows[0].id },
      callerId: { number: '4711', name: '' },
      called: { type: 'user', id: null, entityNumber: null, number: '101', name: 'Alice' },
      ringTimeoutMs: 10_000,
      autoAnswer: false,
    },
    there.instance,
  );
  expect(dialled.result).toEqual({ status: 'done' });
  await puppet.event(far, 'answered');
  const farCall = alice.incomingCalls.at(-1)!;
  return { puppet, leg, call, far, farCall };
}

const bridge = async ({ puppet, leg, far }: Parted) =>
  (await puppet.order({ kind: 'media.bridge', leg, other: far }, here.instance)).result;
const unbridge = async ({ puppet, leg, far }: Parted) =>
  (await puppet.order({ kind: 'media.unbridge', leg, other: far }, here.instance)).result;

const level = (call: PhoneCall, hz: number) => toneLevel(call.rtp.heard().slice(-2400), hz);
const patience = { timeout: 10_000, interval: 50 };

async function hearEachOther({ call, farCall }: Parted): Promise<void> {
  call.rtp.say(sine(440, 1000), true);
  farCall.rtp.say(sine(880, 1000), true);
  await expect.poll(() => level(farCall, 440), patience).toBeGreaterThan(0.5);
  await expect.poll(() => level(call, 880), patience).toBeGreaterThan(0.5);
}

async function plays(puppet: Puppet, leg: string, on: Telephony): Promise<void> {
  const order = { kind: 'media.play' as const, leg, prompts: [tone(600, 200)], clearDigits: true };
  expect((await puppet.order(order, on.instance)).result).toEqual({ status: 'done' });
}

it('joins them both ways, parts them from either side, and joins them again', async () => {
  const parted = await apart();
  const { puppet, leg, far } = parted;
  expect(await bridge(parted)).toEqual({ status: 'done' });
  await hearEachOther(parted);
  expect(await links()).toMatchObject([{ leg_a: leg, leg_b: far, state_a: 'open', state_b: 'open' }]);
  // asked for again, it is the same link
  const [{ id }] = await links();
  expect(await bridge(parted)).toEqual({ status: 'done' });
  expect((await links()).map((link) => link.id)).toEqual([id]);

  expect(await unbridge(parted)).toEqual({ status: 'done' });
  expect(await links()).toEqual([]);
  await Promise.all([plays(puppet, leg, here), plays(puppet, far, there)]);
  await expect.poll(() => level(parted.farCall, 440), patience).toBeLessThan(0.1);

  expect(await bridge(parted)).toEqual({ status: 'done' });
  await hearEachOther(parted);
  const other = await puppet.order({ kind: 'media.unbridge', leg: far, other: leg }, there.instance);
  expect(other.result).toEqual({ status: 'done' });
  expect(await links()).toEqual([]);
  expect([here.legs.get(leg)?.bridged, there.legs.get(far)?.bridged]).toEqual([null, null]);
  await Promise.all([plays(puppet, leg, here), plays(puppet, far, there)]);
});

it('keeps the caller when the called hangs up, and the called when the caller does', async () => {
  const first = await apart();
  await bridge(first);
  await first.farCall.hangUp();
  await first.puppet.event(first.far, 'hangup');
  expect(await unbridge(first)).toEqual({ status: 'done' });
  await plays(first.puppet, first.leg, here);
  await expect.poll(links, patience).toEqual([]);

  const second = await apart();
  await bridge(second);
  await second.call.hangUp();
  await second.puppet.event(second.leg, 'hangup');
  await expect.poll(() => there.legs.get(second.far)?.bridged, patience).toBeNull();
  await plays(second.puppet, second.far, there);
  await expect.poll(links, patience).toEqual([]);
});

it('keeps the leg of the instance that is left when the other one dies', async () => {
  const parted = await apart();
  await bridge(parted);
  await hearEachOther(parted);
  await stage.database.store.pool.query(`update media_instance set state = 'lost' where instance = $1`, [
    there.instance,
  ]);
  await parted.puppet.event(parted.far, 'hangup');
  await expect.poll(() => here.legs.get(parted.leg)?.bridged, patience).toBeNull();
  await plays(parted.puppet, parted.leg, here);
  expect(await bridge(parted)).toEqual({ status: 'interrupted' });
});

it('keeps the leg that is left when the other instance is gone without a word, whichever side asked for the link', async () => {
  const { pool } = stage.database.store;
  await pool.query(`insert into media_instance (instance, name, epoch) values ('gone.1', 'gone', 1)`);
  const parted = await apart();
  await bridge(parted);
  await hearEachOther(parted);
  // as if it had been another process, which no longer looks after its side
  await pool.query(`update media_link set instance_b = 'gone.1'`);
  await pool.query(`update media_instance set state = 'lost' where instance = 'gone.1'`);
  await expect.poll(() => here.legs.get(parted.leg)?.bridged, patience).toBeNull();
  await plays(parted.puppet, parted.leg, here);
  await expect.poll(() => there.legs.get(parted.far)?.bridged, patience).toBeNull();

  expect(await bridge(parted)).toEqual({ status: 'done' });
  await pool.query(`update media_link set instance_a = 'gone.1' where instance_a = $1 and state_a = 'open'`, [
    here.instance,
  ]);
  await expect.poll(() => there.legs.get(parted.far)?.bridged, patience).toBeNull();
  await plays(parted.puppet, parted.far, there);
});

it('ends the links of an instance whose successor boots', async () => {
  const parted = await apart();
  await bridge(parted);
  const successor = await stage.boot();
  await expect.poll(() => there.legs.get(parted.far)?.bridged, patience).toBeNull();
  await plays(parted.puppet, parted.far, there);
  await expect.poll(links, patience).toEqual([]);
  await here.stop();
  here = successor;
});

it('takes nobody into a link who is not of the call, has not answered or is nowhere', async () => {
  const one = await apart();
  const strange = await one.puppet.order(
    { kind: 'media.bridge', leg: one.leg, other: `${one.puppet.callId}/leg/9` },
    here.instance,
  );
  expect(strange.result).toEqual({ status: 'interrupted' });
  const caller = await stage.phone(null);
  open.push(caller);
  const call = await caller.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, here.instance);
  const foreign = await puppet.order({ kind: 'media.bridge', leg, other: one.far }, here.instance);
  expect(foreign.result).toEqual({ status: 'interrupted' });
  expect(there.legs.get(one.far)?.bridged).toBeNull();
  expect(await links()).toEqual([]);
});

it('fails in time when the other instance says nothing', async () => {
  const parted = await apart();
  const { rows } = await stage.database.store.pool.query(
    `insert into media_instance (instance, name, epoch) values ('mute.1', 'mute', 1) on conflict (instance) do update set state = 'alive'
     returning instance`,
  );
  await stage.database.store.pool.query('update leg set instance = $2 where id = $1', [parted.far, rows[0].instance]);
  expect(await bridge(parted)).toMatchObject({ status: 'failed', code: 'TEL_LINK' });
  expect(here.legs.get(parted.leg)?.bridged).toBeNull();
  await plays(parted.puppet, parted.leg, here);
});
