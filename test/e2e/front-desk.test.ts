/** The demo front desk with independent clients: SIPp and baresip call, press keys, hear the right prompt, reach a colleague, talk. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEspeak, decodeWav, SHIPPED_PROMPTS_DIR, speechFileName } from '@callwright/speech';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { skipWithout } from '../clients/available.ts';
import { Baresip } from '../clients/baresip.ts';
import { Capture } from '../clients/capture.ts';
import { runSipp, type SippCall, type SippStep } from '../clients/sipp.ts';
import { findAudio, loudness, sine, toneShare } from '../phone/audio.ts';
import { World } from './world.ts';

const WELCOME = { text: 'Welcome. For English, press 1.', language: 'en' };
const MENU_EN = {
  text: 'For sales, press 1. For the operator, press 0. To hear our opening hours, press 3.',
  language: 'en',
};
const MENU_FR = {
  text: 'Pour le service commercial, tapez 1. Pour le standard, tapez 0. Pour connaître nos horaires, tapez 3.',
  language: 'fr',
};
const GOODBYE_EN = { text: 'Goodbye.', language: 'en' };

const FRONT_DESK = '200';
const ECHO_TEST = '201';
const TONE_MENU = '202';

/** The very samples that the catalogue's prompt has. */
async function prompt(request: { text: string; language: string }): Promise<Int16Array> {
  return decodeWav(await readFile(join(SHIPPED_PROMPTS_DIR, speechFileName(createEspeak(), request)))).samples;
}

const contains = async (heard: Int16Array, request: { text: string; language: string }): Promise<number> =>
  findAudio(heard, await prompt(request)).correlation;

let world: World;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'e2e-'));
  world = await World.demo();
});
afterEach(() => world?.closePhones());
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('SIPp', () => {
  beforeEach((context) => skipWithout(context, 'sipp', 'tcpdump'));
  let mediaPort = 40_000;

  /** Runs the steps as one SIPp call; what it heard. */
  async function call(to: string, steps: readonly SippStep[], more: Partial<SippCall> = {}) {
    mediaPort += 10;
    const capture = await Capture.start(join(dir, `${mediaPort}.pcap`), { from: mediaPort, to: mediaPort + 3 });
    const result = await runSipp({
      server: `127.0.0.1:${world.sipPort}`,
      to,
      steps,
      dir: join(dir, String(mediaPort)),
      mediaPort,
      ...more,
    });
    const heard = (await capture.stop()).find((stream) => stream.toPort === mediaPort);
    return { ...result, heard: heard?.samples ?? new Int16Array(0) };
  }

  it.each([
    ['RFC 4733, µ-law, UDP', (key: string): SippStep => ({ key }), {}],
    ['INFO, µ-law, UDP', (infoKey: string): SippStep => ({ infoKey }), {}],
    ['RFC 4733, A-law, TCP', (key: string): SippStep => ({ key }), { codec: 'alaw', transport: 'tcp' }],
  ] as const)('walks through the menus in the chosen language by %s and hangs up', async (_how, key, more) => {
    const steps = [{ pauseMs: 1500 }, key('2'), { pauseMs: 3500 }, { bye: true }] as const;
    const { exitCode, errors, heard } = await call(FRONT_DESK, steps, more);
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    expect(await contains(heard, WELCOME)).toBeGreaterThan(0.9);
    expect(await contains(heard, MENU_FR)).toBeGreaterThan(0.9);
    expect(await contains(heard, MENU_EN)).toBeLessThan(0.6);
    const [newest] = await world.calls('?limit=1');
    await world.idle();
    const cdr = (
      await world.must<{ cdr: { disposition: string; endedBy: string; path: string[] } }>('GET', `/calls/${newest!.id}`)
    ).cdr;
    expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal', endedBy: 'calling' });
    expect(cdr.path).toEqual(['start', 'choose-language', 'set-french', 'opening-hours', 'main-menu']);
  });

  it('hears its own voice in the echo test', async () => {
    const { exitCode, heard } = await call(ECHO_TEST, [{ pauseMs: 6000 }, { bye: true }]);
    expect(exitCode).toBe(0);
    expect(loudness(heard)).toBeGreaterThan(100);
  });

  it('is hung up by the platform at the end of a flow', async () => {
    const { exitCode, errors } = await call(TONE_MENU, [{ pauseMs: 800 }, { key: '*' }, { expectByeMs: 5000 }]);
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
  });
});

describe('a test phone', () => {
  it('hears a tone of its own for every key', async () => {
    const phone = await world.stranger();
    const call = await (await phone.call(TONE_MENU)).until('answered');
    await sleep(600);
    for (const digit of '5038') {
      const pressed = await call.press(digit);
      await sleep(900);
      const heard = call.rtp.heardBetween(pressed + 200, pressed + 800);
      expect(toneShare(heard, 400 + 100 * Number(digit))).toBeGreaterThan(0.9);
    }
    await call.hangUp();
    const cdr = await world.cdrOf(call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal', endedBy: 'calling' });
  });

  it('reaches a user through the ring group; both talk; each may hang up', async () => {
    const alice = await world.phoneOf('101', { incoming: { ring: true } });
    const bob = await world.phoneOf('102', { incoming: { ring: true } });
    for (const hangsUp of ['caller', 'callee'] as const) {
      const caller = await world.stranger();
      const rung = Promise.all([alice.nextIncoming(20_000), bob.nextIncoming(20_000)]);
      const call = await (await caller.call(FRONT_DESK)).until('answered');
      await sleep(500);
      await call.press('1');
      await sleep(700);
      await call.press('1');
      const [atAlice, atBob] = await rung;
      bob.answer(atBob);
      await atAlice.until('ended');
      expect(atAlice.byeReason).toMatch(/200|completed elsewhere/i);
      await sleep(500);
      call.rtp.say(sine(600, 1000), true);
      atBob.rtp.say(sine(900, 1000), true);
      await sleep(1500);
      const now = performance.now();
      expect(toneShare(atBob.rtp.heardBetween(now - 800, now), 600)).toBeGreaterThan(0.9);
      expect(toneShare(call.rtp.heardBetween(now - 800, now), 900)).toBeGreaterThan(0.9);
      await (hangsUp === 'caller' ? call : atBob).hangUp();
      if (hangsUp === 'callee') {
        await sleep(1500);
        expect(await contains(call.rtp.heardBetween(now, performance.now()), GOODBYE_EN)).toBeGreaterThan(0.9);
      }
      await call.until('ended', 10_000);
      await atBob.until('ended', 10_000);
      const cdr = await world.cdrOf(call.callId);
      expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal' });
      expect(cdr.connected).toMatchObject({ type: 'user', number: '102' });
      expect(cdr.legs).toHaveLength(3);
      expect(cdr.legs.map((leg) => leg.cause).toSorted()).toEqual(['answered-elsewhere', 'normal', 'normal']);
      expect(Math.abs(cdr.talkMs - 2000)).toBeLessThan(1500);
    }
    await world.idle();
  });

  it('dials a colleague by extension and gets the far end’s answer', async () => {
    const alice = await world.phoneOf('101');
    const bob = await world.phoneOf('102', { incoming: { refuse: 486, reason: 'Busy Here' } });
    const refused = await alice.call('102');
    await refused.until('ended');
    expect(refused.finalStatus).toBe(486);
    expect((await world.cdrOf(refused.callId)).disposition).toBe('busy');
    bob.policy = { ring: true };
    const cancelled = await (await alice.call('102')).until('ringing');
    await cancelled.hangUp();
    expect(cancelled.finalStatus).toBe(487);
    await bob.incomingCalls.at(-1)!.until('ended');
    expect((await world.cdrOf(cancelled.callId)).disposition).toBe('cancelled');
    bob.policy = { answerAfterMs: 100 };
    const talk = await (await alice.call('102')).until('answered');
    await talk.hangUp();
    expect((await world.cdrOf(talk.callId)).disposition).toBe('answered');
  });
});

describe('baresip', () => {
  beforeEach((context) => skipWithout(context, 'baresip'));
  it('registers, is rung by the group, talks both ways, hangs up', async () => {
    const credentials = await world.credentials('101');
    const phone = await Baresip.start({
      dir: join(dir, 'baresip'),
      sipPort: world.sipPort,
      ...credentials,
      controlPort: 39_000 + Math.floor(Math.random() * 900),
      answer: 'auto',
      toneHz: 700,
    });
    const caller = await world.stranger();
    const call = await (await caller.call(FRONT_DESK)).until('answered');
    await sleep(500);
    await call.press('1');
    await sleep(700);
    await call.press('1');
    await phone.waitFor((event) => event.type === 'CALL_ESTABLISHED', 15_000, 'answered call');
    call.rtp.say(sine(500, 1000), true);
    await sleep(3000);
    const now = performance.now();
    expect(toneShare(call.rtp.heardBetween(now - 1000, now), 700)).toBeGreaterThan(0.8);
    phone.hangUp();
    await call.until('ended', 15_000);
    await phone.stop();
    const [heard] = await phone.recordings();
    const samples = decodeWav(await readFile(heard!)).samples;
    expect(toneShare(samples.subarray(-8000, -1600), 500)).toBeGreaterThan(0.8);
    expect((await world.cdrOf(call.callId)).connected).toMatchObject({ number: '101' });
  });

  it.each(['rfc4733', 'info'] as const)('walks through the front desk with %s keys', async (keys) => {
    const credentials = await world.credentials('102');
    const phone = await Baresip.start({
      dir: join(dir, `baresip-${keys}`),
      sipPort: world.sipPort,
      ...credentials,
      controlPort: 39_000 + Math.floor(Math.random() * 900),
      answer: 'manual',
      keys,
      toneHz: 700,
    });
    phone.dial(`sip:${FRONT_DESK}@127.0.0.1:${world.sipPort}`);
    await phone.waitFor((event) => event.type === 'CALL_ESTABLISHED', 10_000, 'answered call');
    await sleep(1200);
    phone.press('2');
    await sleep(4000);
    phone.hangUp();
    await sleep(500);
    await phone.stop();
    const [heard] = await phone.recordings();
    const { samples, sampleRateHz } = decodeWav(await readFile(heard!));
    expect(sampleRateHz).toBe(8000);
    expect(await contains(samples, WELCOME)).toBeGreaterThan(0.9);
    expect(await contains(samples, MENU_FR)).toBeGreaterThan(0.9);
  });
});
