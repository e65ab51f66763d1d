/** Recording of a conversation: both sides are in it, what is said while it is paused is not. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { loudness, toneShare } from '../phone/audio.ts';
import { callIdOf, command, expectTalking, factTypes, talk } from './talk.ts';
import { World } from './world.ts';

interface Recording {
  readonly id: string;
  readonly state: string;
  readonly durationMs: number;
  readonly ended: string;
}

let world: World;
beforeAll(async () => {
  world = await World.company(['101', '102']);
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

const recordingsOf = async (callId: string): Promise<readonly Recording[]> =>
  (await world.must<{ items: Recording[] }>('GET', `/recordings?call=${callId}`)).items;

async function soundOf(id: string): Promise<Int16Array> {
  const response = await fetch(`${world.installation.url}/api/v1/recordings/${id}/audio`, {
    headers: { authorization: `Bearer ${world.key}` },
  });
  expect(response.status).toBe(200);
  const bytes = await response.arrayBuffer();
  return new Int16Array(bytes.slice(44));
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

it('by command: both sides, silence while it is paused; kept, served, deleted', async () => {
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const { call, incoming } = await talk(alice, bob, '102');
  await expectTalking(call, incoming);
  const id = await callIdOf(world, call);
  const record = (act: string) => command(world, id, 'record', { act, leg: null, announce: false });
  expect(await record('start')).toBe('done');
  expect(await record('start')).toBe('recording');
  await pause(1200);
  expect(await record('pause')).toBe('done');
  await pause(1200);
  expect(await record('stop')).toBe('done');
  await expect.poll(async () => (await recordingsOf(id))[0]?.state, { timeout: 15_000 }).toBe('stored');
  const [kept] = await recordingsOf(id);
  const sound = await soundOf(kept!.id);
  const spoken = sound.subarray(2400, 6400);
  expect(toneShare(spoken, 600)).toBeGreaterThan(0.2);
  expect(toneShare(spoken, 900)).toBeGreaterThan(0.2);
  expect(loudness(sound.subarray(-4000))).toBeLessThan(50);
  await call.hangUp();
  await incoming.until('ended');
  expect((await factTypes(world, id)).filter((type) => type.startsWith('recording.'))).toEqual([
    'recording.started',
    'recording.paused',
    'recording.stopped',
  ]);
  await world.must('DELETE', `/recordings/${kept!.id}`);
  expect(await recordingsOf(id)).toEqual([]);
});

it('one that runs when its party hangs up is kept, and told of', async () => {
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const { call, incoming } = await talk(alice, bob, '102');
  await expectTalking(call, incoming);
  const id = await callIdOf(world, call);
  expect(await command(world, id, 'record', { act: 'start', leg: null, announce: true })).toBe('done');
  // both are told, in speech, while they stay joined
  await pause(3500);
  await call.hangUp();
  await incoming.until('ended');
  await expect.poll(async () => (await recordingsOf(id))[0]?.state, { timeout: 15_000 }).toBe('stored');
  const [kept] = await recordingsOf(id);
  expect(kept!.durationMs).toBeGreaterThan(2000);
  const { items } = await world.must<{ items: { type: string; body: { recordingId: string } }[] }>(
    'GET',
    '/directory-events',
  );
  expect(items.find(({ type, body }) => type === 'recording.stored' && body.recordingId === kept!.id)).toBeDefined();
});
