/** A supervisor hears a call, whispers and joins in: by command and keys, and by dialling. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { callIdOf, command, expectTalking, factTypes, talk } from './talk.ts';
import { World } from './world.ts';

let world: World;
let supervisor: string;
beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  supervisor = items.find(({ extension }) => extension === '103')!.id;
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

const TONES = [600, 900, 1500] as const;

/** Exactly these tones are heard. */
async function hears(call: PhoneCall, ...tones: number[]): Promise<void> {
  const heard = (): number[] => {
    const now = performance.now();
    const last = call.rtp.heardBetween(now - 600, now);
    return TONES.filter((hz) => toneShare(last, hz) > 0.12);
  };
  await expect.poll(heard, { timeout: 15_000, interval: 100 }).toEqual(tones);
}

it('by command and by key: hears both, then one of them hears him, then both; nothing of it holds the call up', async () => {
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const boss = await world.phoneOf('103');
  const { call, incoming } = await talk(alice, bob, '102');
  await expectTalking(call, incoming);
  const id = await callIdOf(world, call);
  const rung = boss.nextIncoming();
  expect(await command(world, id, 'supervise', { mode: 'listen', userId: supervisor })).toBe('done');
  const ear = await (await rung).until('answered');
  ear.rtp.say(sine(1500, 1000), true);
  await hears(ear, 600, 900);
  await hears(incoming, 600);
  await ear.press('5');
  await hears(incoming, 600, 1500);
  await hears(call, 900);
  expect(await command(world, id, 'supervise', { mode: 'barge', userId: supervisor })).toBe('done');
  await hears(call, 900, 1500);
  await ear.press('4');
  await hears(call, 900);
  // a hold, and the conversation after it, are heard as well
  expect(await command(world, id, 'hold', {})).toBe('done');
  expect(await command(world, id, 'retrieve', {})).toBe('done');
  await hears(ear, 600, 900);
  await call.hangUp();
  await ear.until('ended');
  const cdr = await world.cdrOf(call.callId);
  expect(cdr).toMatchObject({ disposition: 'answered', endedBy: 'calling', connected: { number: '102' } });
  expect(cdr.legs.find(({ coordinates }) => coordinates.number === '103')).toMatchObject({ sipCallId: ear.callId });
  expect((await factTypes(world, id)).filter((type) => type.startsWith('supervision.'))).toEqual([
    'supervision.started',
    'supervision.changed',
    'supervision.changed',
    'supervision.changed',
    'supervision.ended',
  ]);
});

it('by dialling: for supervisors only, with a line in the audit log', async () => {
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const boss = await world.phoneOf('103');
  const { call, incoming } = await talk(alice, bob, '102');
  await expectTalking(call, incoming);
  expect((await (await boss.call('*33102')).until('ended')).finalStatus).toBe(403);
  await world.must('POST', '/accounts', {
    email: `boss-${crypto.randomUUID().slice(0, 8)}@example.test`,
    name: 'Boss',
    role: 'supervisor',
    userId: supervisor,
    password: crypto.randomUUID(),
  });
  const ear = await boss.call('*33102');
  await ear.until('answered');
  ear.rtp.say(sine(1500, 1000), true);
  await hears(ear, 600, 900);
  await ear.press('6');
  await hears(call, 900, 1500);
  await ear.hangUp();
  await hears(call, 900);
  await call.hangUp();
  await incoming.until('ended');
  const { items } = await world.must<{ items: { action: string }[] }>('GET', '/audit');
  expect(items.some(({ action }) => action === 'call.supervised')).toBe(true);
});
