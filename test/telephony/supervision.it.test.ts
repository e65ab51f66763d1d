/** `media.supervise` with real sound: who hears whom, on one media instance and on two (design §4). */
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sine } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import { toneLevel } from './listen.ts';
import { openStage, type Puppet, type Stage } from './stage.ts';

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

const TONES = { caller: 440, agent: 880, boss: 1500 };

interface Line {
  readonly leg: string;
  readonly call: PhoneCall;
}
interface Supervised {
  readonly puppet: Puppet;
  readonly caller: Line;
  readonly agent: Line;
  readonly boss: Line;
}

async function dialled(puppet: Puppet, extension: string, n: number, on: Telephony, port?: number): Promise<Line> {
  const incoming = { answerAfterMs: 20 };
  const phone = await stage.phone(extension, { incoming, ...(port ? { serverPort: port } : {}) });
  open.push(phone);
  expect(await phone.register()).toBe(200);
  const user = stage.demo.users.find((one) => one.extension === extension)!;
  const { rows } = await stage.database.store.pool.query('select id from directory_user where extension = $1', [
    user.extension,
  ]);
  const leg = `${puppet.callId}/leg/${n}`;
  const order = {
    kind: 'leg.dial' as const,
    leg,
    target: { type: 'user', userId: rows[0].id },
    callerId: { number: '4711', name: '' },
    called: { type: 'user', id: null, entityNumber: null, number: extension, name: '' },
    ringTimeoutMs: 10_000,
    autoAnswer: false,
  };
  expect((await puppet.order(order, on.instance)).result).toEqual({ status: 'done' });
  await puppet.event(leg, 'answered');
  return { leg, call: phone.incomingCalls.at(-1)! };
}

/** Caller and supervisor here; the agent on `on`. All say their tone; caller and agent talk. */
async function supervised(on: Telephony): Promise<Supervised> {
  const stranger = await stage.phone(null);
  open.push(stranger);
  const call = await stranger.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, here.instance);
  await call.until('answered');
  const agent = await dialled(puppet, '101', 1, on, on === there ? farPort : undefined);
  const boss = await dialled(puppet, '102', 2, here);
  const lines = { caller: { leg, call }, agent, boss };
  for (const [name, line] of Object.entries(lines))
    line.call.rtp.say(sine(TONES[name as keyof typeof TONES], 1000), true);
  const joined = await puppet.order({ kind: 'media.bridge', leg, other: agent.leg }, here.instance);
  expect(joined.result).toEqual({ status: 'done' });
  return { puppet, ...lines };
}

const orderOf = ({ puppet, agent, boss }: Supervised, mode: string, target: string | null = agent.leg) =>
  puppet.order({ kind: 'media.supervise', leg: boss.leg, target, mode }, here.instance).then(({ result }) => result);

/** Exactly these are heard. */
async function hears({ call }: Line, ...names: (keyof typeof TONES)[]): Promise<void> {
  const heard = () => {
    const now = performance.now();
    const last = call.rtp.heardBetween(now - 400, now);
    return (Object.keys(TONES) as (keyof typeof TONES)[]).filter((name) => toneLevel(last, TONES[name]) > 0.1);
  };
  await expect.poll(heard, { timeout: 10_000, interval: 50 }).toEqual(names);
}

const DONE = { status: 'done' };

describe.each([['one media instance'], ['two media instances']])('on %s', (which) => {
  const far = which === 'two media instances';

  it('listens, whispers to one, speaks to both, and leaves no trace', async () => {
    const all = await supervised(far ? there : here);
    const { puppet, caller, agent, boss } = all;
    expect(await orderOf(all, 'listen')).toEqual(DONE);
    await hears(boss, 'caller', 'agent');
    await hears(agent, 'caller');
    await hears(caller, 'agent');
    expect(await orderOf(all, 'whisper')).toEqual(DONE);
    await hears(agent, 'caller', 'boss');
    await hears(caller, 'agent');
    await hears(boss, 'caller', 'agent');
    expect(await orderOf(all, 'barge')).toEqual(DONE);
    await hears(caller, 'agent', 'boss');
    await hears(agent, 'caller', 'boss');
    expect(await orderOf(all, 'listen')).toEqual(DONE);
    await hears(caller, 'agent');
    // keys of the supervisor are commands, wherever he listens
    const sequences = [{ keys: '5', name: 'whisper' }];
    await puppet.order({ kind: 'media.keys', leg: boss.leg, sequences, betweenMs: 1000 }, here.instance);
    await boss.call.press('5');
    expect((await puppet.event(boss.leg, 'feature')).body.name).toBe('whisper');
    expect(await orderOf(all, 'listen', null)).toEqual(DONE);
    await hears(boss);
    await hears(agent, 'caller');
  });

  it('goes on while the two are parted, and ends with the leg it is of', async () => {
    const all = await supervised(far ? there : here);
    const { puppet, caller, agent, boss } = all;
    expect(await orderOf(all, 'barge')).toEqual(DONE);
    await hears(boss, 'caller', 'agent');
    await puppet.order({ kind: 'media.unbridge', leg: caller.leg, other: agent.leg }, here.instance);
    await hears(boss, 'agent');
    await hears(agent, 'boss');
    await puppet.order({ kind: 'media.bridge', leg: caller.leg, other: agent.leg }, here.instance);
    await hears(boss, 'caller', 'agent');
    await agent.call.hangUp();
    await puppet.event(agent.leg, 'hangup');
    await hears(boss);
    expect(await orderOf(all, 'listen')).toEqual({ status: 'interrupted' });
    expect(boss.call.state).toBe('answered');
  });
});

it('is of legs of the same call only, and of none that has not answered', async () => {
  const all = await supervised(here);
  expect(await orderOf(all, 'listen', `${all.puppet.callId}/leg/9`)).toEqual({ status: 'interrupted' });
  const other = await stage.phone(null);
  open.push(other);
  const call = await other.call('202');
  const puppet = await stage.callOf(call);
  const { leg } = (await puppet.view()).start.inbound!;
  expect(await orderOf(all, 'listen', leg)).toEqual({ status: 'interrupted' });
  const order = { kind: 'media.supervise' as const, leg, target: all.agent.leg, mode: 'barge' };
  await puppet.order({ kind: 'leg.answer', leg }, here.instance);
  expect((await puppet.order(order, here.instance)).result).toEqual({ status: 'interrupted' });
  await hears(all.agent, 'caller');
});
