/** What tests of conversations share: two phones that talk, and what each of them hears. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { loudness, sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import type { World } from './world.ts';

/** A call between two phones, answered on both sides. */
export async function talk(from: Phone, to: Phone, number: string): Promise<{ call: PhoneCall; incoming: PhoneCall }> {
  const rung = to.nextIncoming();
  const call = await from.call(number);
  const incoming = await (await rung).until('answered');
  await call.until('answered');
  return { call, incoming };
}

const PATIENCE_MS = 15_000;
const LISTEN_MS = 600;

/** What a phone has heard in the last moment. */
const lately = (call: PhoneCall): Int16Array => {
  const now = performance.now();
  return call.rtp.heardBetween(now - LISTEN_MS, now);
};

async function until(what: string, holds: () => boolean, ...parties: readonly PhoneCall[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${PATIENCE_MS} ms: ${what}; ${parties.map(earOf).join(', ')}`);
    }
    await sleep(100);
  }
}

/** What a phone hears, for the one who reads why a test failed: packets since the start and lately, loudness, tones. */
function earOf(call: PhoneCall, index: number): string {
  const heard = lately(call);
  const shares = [600, 900].map((hz) => `${hz} Hz ${toneShare(heard, hz).toFixed(2)}`);
  const packets = `${call.rtp.arrivals.length} packets, ${heard.length / 160} lately`;
  return `phone ${index + 1} (${call.state}): ${packets}, loudness ${Math.round(loudness(heard))}, ${shares.join(', ')}`;
}

/** Each hears the other, as soon as the media has got there. */
export async function expectTalking(a: PhoneCall, b: PhoneCall): Promise<void> {
  a.rtp.say(sine(600, 1000), true);
  b.rtp.say(sine(900, 1000), true);
  await until(
    'both hear each other',
    () => toneShare(lately(b), 600) > 0.9 && toneShare(lately(a), 900) > 0.9,
    ...[a, b],
  );
}

/** The phone hears sound that is not the tone its former partner says. */
export async function expectMusic(call: PhoneCall, notHz: number): Promise<void> {
  await until(
    'music',
    () => {
      const heard = lately(call);
      return heard.length > 0 && loudness(heard) > 300 && toneShare(heard, notHz) < 0.3;
    },
    call,
  );
}

/** The phone hears nothing of what others say. */
export async function expectSilence(call: PhoneCall): Promise<void> {
  await until(
    'silence',
    () => {
      const heard = lately(call);
      return heard.length > 0 && loudness(heard) < 100;
    },
    call,
  );
}

/** The phone hears a tone of this frequency. */
export async function expectTone(call: PhoneCall, frequencyHz: number): Promise<void> {
  await until(`a tone of ${frequencyHz} Hz`, () => toneShare(lately(call), frequencyHz) > 0.7, call);
}

/** Each phone says a tone of its own and hears those of all the others. */
export async function expectAllTalking(...calls: readonly PhoneCall[]): Promise<void> {
  const tones = calls.map((_, i) => 500 + 300 * i);
  for (const [i, call] of calls.entries()) call.rtp.say(sine(tones[i]!, 1000), true);
  const share = 0.6 / Math.max(1, calls.length - 1);
  await until(
    'all hear each other',
    () => calls.every((call, i) => tones.every((hz, j) => i === j || toneShare(lately(call), hz) > share)),
    ...calls,
  );
}

/** The id of the running call in which a phone's dialog is the first leg. */
export async function callIdOf(world: World, call: PhoneCall): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const id = (await world.callIds()).get(call.callId);
    if (id) return id;
    if (Date.now() > deadline) throw new Error('the call is not there');
    await sleep(100);
  }
}

/** Waits for the result of a command to a call; its code. */
export async function commandDone(world: World, callId: string, controlId: string): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const done = (await world.records(callId)).find(
      ({ type, body }) => type === 'control.done' && body.id === controlId,
    );
    if (done) return String(done.body.code);
    if (Date.now() > deadline) throw new Error('the command was not answered');
    await sleep(100);
  }
}

/** Sends a command to a call and waits for its code. */
export async function command(world: World, callId: string, path: string, body: unknown): Promise<string> {
  const { id } = await world.must<{ id: string }>('POST', `/calls/${callId}/${path}`, body);
  return commandDone(world, callId, id);
}

/** Of what types the facts of a call are, in order. */
export async function factTypes(world: World, callId: string): Promise<string[]> {
  return (await world.records(callId)).filter(({ stream }) => stream === 'fact').map(({ type }) => type);
}

/** The account names this leg and its cause. */
export function expectLeg(legs: readonly { sipCallId: string | null; cause: string | null }[], call: PhoneCall) {
  return expect(legs.find((leg) => leg.sipCallId === call.callId)?.cause);
}
