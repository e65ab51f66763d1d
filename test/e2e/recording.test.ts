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

/** Waits until so many recordings have begun in the call. */
const begun = (callId: string, times: number): Promise<void> =>
  expect
    .poll(async () => (await factTypes(world, callId)).filter((type) => type === 'recording.started').length, {
      timeout: 20_000,
    })
    .toBe(times);

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
  // both are told, in speech, while they stay joined; only then it begins
  await begun(id, 1);
  await pause(1200);
  await call.hangUp();
  await incoming.until('ended');
  await expect.poll(async () => (await recordingsOf(id))[0]?.state, { timeout: 15_000 }).toBe('stored');
  const [kept] = await recordingsOf(id);
  expect(kept!.durationMs).toBeGreaterThan(800);
  const { items } = await world.must<{ items: { type: string; body: { recordingId: string } }[] }>(
    'GET',
    '/directory-events',
  );
  expect(items.find(({ type, body }) => type === 'recording.stored' && body.recordingId === kept!.id)).toBeDefined();
});

it('by policy: both are told, a key pauses it; without a policy a user records by key', async () => {
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  const subjectId = items.find(({ extension }) => extension === '102')!.id;
  const name = `Policy ${crypto.randomUUID().slice(0, 8)}`;
  const policy = await world.must<{ id: string }>('POST', '/recording-policies', {
    name,
    subject: 'user',
    subjectId,
    direction: 'internal',
    keys: true,
  });
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const first = await talk(alice, bob, '102');
  await expectTalking(first.call, first.incoming);
  const id = await callIdOf(world, first.call);
  await begun(id, 1);
  await pause(1000);
  await first.incoming.press('*5');
  await expect.poll(() => factTypes(world, id), { timeout: 15_000 }).toContain('recording.paused');
  await first.call.hangUp();
  await expect.poll(async () => (await recordingsOf(id))[0]?.state, { timeout: 15_000 }).toBe('stored');
  const started = (await world.records(id)).find(({ type }) => type === 'recording.started');
  expect(started?.body.by).toBe(`policy:${policy.id}`);
  await world.must('DELETE', `/recording-policies/${policy.id}`);
  const second = await talk(alice, bob, '102');
  await expectTalking(second.call, second.incoming);
  const other = await callIdOf(world, second.call);
  await second.incoming.press('*2');
  await begun(other, 1);
  await second.incoming.press('*2');
  await expect.poll(async () => (await recordingsOf(other))[0]?.state, { timeout: 15_000 }).toBe('stored');
  // the conversation is none the worse
  await expectTalking(second.call, second.incoming);
  await second.call.hangUp();
});
