/** Voicemail: messages left and heard, who gets in, what is full. */
import { decodeWav } from '@callwright/speech';
import { keysWav, startTranscriptionService } from '@callwright/speech/conformance';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { receiveMail } from '../clients/mail-receiver.ts';
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

/** Skips the greeting, waits for the beep and says it. */
async function say(call: PhoneCall, samples: Int16Array): Promise<void> {
  await call.until('answered');
  await call.press('1');
  await expectTone(call, BEEP_HZ);
  call.rtp.say(samples);
  await new Promise((resume) => setTimeout(resume, samples.length / 8 + 100));
}
const sayAfterBeep = (call: PhoneCall, frequencyHz: number): Promise<void> => say(call, sine(frequencyHz, 1500));

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

it('writes a message down and mails it with its sound; the missed call is a mail of its own', async () => {
  const [mail, service] = [await receiveMail(), await startTranscriptionService('sesame')];
  const { adminKey } = world.installation;
  // the platform's own servers may be anywhere
  const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners', undefined, adminKey);
  const platform = `/owners/${items.find(({ kind }) => kind === 'platform')!.id}`;
  try {
    const server = { host: '127.0.0.1', port: mail.port, security: 'none', username: null, sender: 'pbx@mail.example' };
    await world.must('PUT', `${platform}/mail-server`, server, adminKey);
    const recogniser = { provider: 'transcriptions-api', url: service.url, model: 'small', key: 'sesame' };
    await world.must('PUT', `${platform}/recogniser`, recogniser, adminKey);
    const reader = { email: `dora-${crypto.randomUUID()}@reader.test`, missedCallMail: true };
    const extension = `1${Math.floor(1000 + Math.random() * 9000)}`;
    const userId = await world.addUser(extension, { ...reader, language: 'fr' });
    const box = { userId, name: 'Dora', email: reader.email, emailAttach: true, transcribe: true, language: 'fr' };
    const { id } = await world.must<{ id: string }>('POST', '/voicemail-boxes', box);

    const alice = await world.phoneOf('101');
    const call = await alice.call(extension);
    await say(call, decodeWav(keysWav('258')).samples);
    await call.hangUp();
    const mine = () => mail.received.filter((text) => text.includes(reader.email));
    await vi.waitFor(() => expect(mine()).toHaveLength(2), { timeout: 30_000, interval: 200 });
    const voice = mine().find((text) => text.includes('audio/wav'))!;
    expect(voice).toContain('2 5 8');
    expect(mine().find((text) => text !== voice)).toMatch(/^Subject:.*Appel/m);
    const { items: messages } = await world.must<{ items: unknown[] }>('GET', `/voicemail-boxes/${id}/messages`);
    expect(messages).toMatchObject([{ transcript: { state: 'done', text: '2 5 8' } }]);
  } finally {
    await world.api('DELETE', `${platform}/mail-server`, undefined, adminKey);
    await world.api('DELETE', `${platform}/recogniser`, undefined, adminKey);
    await Promise.all([mail.close(), service.close()]);
  }
});
