/** Voicemail: messages left and heard, who gets in, what is full. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { sine } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { expectTone } from './talk.ts';
import { World } from './world.ts';

const BEEP_HZ = 1000;
const PIN = '4711';

let world: World;
let boxId: string;
beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  const userId = items.find(({ extension }) => extension === '102')?.id;
  const box = { userId, name: 'Bob', pin: PIN, maxMessages: 2 };
  boxId = (await world.must<{ id: string }>('POST', '/voicemail-boxes', box)).id;
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

interface Message {
  readonly id: string;
  readonly state: string;
  readonly number: string;
  readonly durationMs: number;
}

const soundOf = (path: string, range?: string): Promise<Response> =>
  fetch(`${world.installation.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${world.key}`, ...(range ? { range } : {}) },
  });

/** Calls 102, skips the greeting, waits for the beep and says a tone. */
async function sayAfterBeep(call: PhoneCall, frequencyHz: number): Promise<void> {
  await call.until('answered');
  await call.press('1');
  await expectTone(call, BEEP_HZ);
  call.rtp.say(sine(frequencyHz, 1500));
  await new Promise((resume) => setTimeout(resume, 1600));
}

it('takes a message of whoever reaches nobody; its owner hears it, the caller’s very sound, and deletes it', async () => {
  const alice = await world.phoneOf('101');
  const call = await alice.call('102');
  await sayAfterBeep(call, 600);
  await call.press('#');
  await call.until('ended');
  const bob = await world.phoneOf('102');
  const own = await bob.call('*98');
  await own.until('answered');
  // through the counts, the menu and what is said of the message
  await own.press('1');
  await expectTone(own, 600);
  await own.press('3');
  await own.hangUp();
  await world.idle();
});

it('keeps what was said when the caller hangs up, and is full after two', async () => {
  const alice = await world.phoneOf('101');
  for (const frequency of [700, 800]) {
    const call = await alice.call('102');
    await sayAfterBeep(call, frequency);
    await call.hangUp();
    await world.idle();
  }
  const path = `/voicemail-boxes/${boxId}/messages`;
  const { items } = await world.must<{ items: Message[] }>('GET', path);
  expect(items).toMatchObject([
    { state: 'new', number: '101' },
    { state: 'new', number: '101' },
  ]);
  expect(items[0]!.durationMs).toBeGreaterThan(1000);
  const audio = await soundOf(`${path}/${items[0]!.id}/audio`);
  expect(audio.status).toBe(200);
  const bytes = Buffer.from(await audio.arrayBuffer());
  // the header tells the true length
  expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
  const part = await soundOf(`${path}/${items[0]!.id}/audio`, 'bytes=4-7');
  expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(4, 8)]);
  const third = await alice.call('102');
  await third.until('ended');
  expect(third.endedBy).toBe('them');
  expect((await world.cdrOf(third.callId)).path).toContain('full');
});

it('asks strangers for the PIN, and shuts after too many guesses', async () => {
  const carol = await world.phoneOf('103');
  const good = await carol.call('*98102');
  await good.until('answered');
  await good.press(`${PIN}#`);
  await good.press('1');
  await expectTone(good, 700);
  await good.hangUp();
  for (let guesses = 0; guesses < 2; guesses++) {
    const call = await carol.call('*98102');
    await call.until('answered');
    for (let tries = 0; tries < 3; tries++) await call.press(`00${guesses}${tries}#`);
    await call.until('ended');
    expect((await world.cdrOf(call.callId)).path).toContain('refused');
  }
  const locked = await carol.call('*98102');
  await locked.until('answered');
  await locked.press(`${PIN}#`);
  await locked.until('ended');
  expect((await world.cdrOf(locked.callId)).path).toContain('refused');
});
