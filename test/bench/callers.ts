/** Callers of the tone menu: place calls at a pace, press keys at a pace, and time key → tone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toneOnset } from '../chaos/listening.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';

export const TONE_MENU = '202';

/** Tone of a digit in the built-in tone menu. */
export const toneOf = (digit: number): number => 400 + 100 * digit;

export interface Placed {
  readonly calls: readonly PhoneCall[];
  /** INVITE → 200 in ms of each answered call. */
  readonly setupMs: readonly number[];
  readonly failed: number;
}

/** Places `count` calls at `perSecond`, each waiting up to 10 s for its answer. */
export async function place(phone: Phone, to: string, count: number, perSecond: number): Promise<Placed> {
  const startedAt = performance.now();
  const pending: Promise<PhoneCall | undefined>[] = [];
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, startedAt + (i * 1000) / perSecond - performance.now()));
    pending.push(
      phone.call(to).then(
        (call) => call.until('answered', 10_000).catch(() => undefined),
        () => undefined,
      ),
    );
  }
  const settled = await Promise.all(pending);
  const calls = settled.filter((call) => call !== undefined);
  return { calls, setupMs: calls.map(({ times }) => times.answered! - times.invited), failed: count - calls.length };
}

/** Presses a key every `everyMs` on each call for `forMs`, spread evenly; ms from the key's first end packet to its tone. */
export async function pressKeys(calls: readonly PhoneCall[], everyMs: number, forMs: number): Promise<number[]> {
  const until = performance.now() + forMs;
  const pressed: { call: PhoneCall; digit: number; atMs: number }[] = [];
  await Promise.all(
    calls.map(async (call, index) => {
      await sleep((index * everyMs) / calls.length);
      for (let digit = index % 10; performance.now() < until; digit = (digit + 3) % 10) {
        const from = performance.now();
        pressed.push({ call, digit, atMs: await call.press(String(digit)) });
        await sleep(Math.max(0, from + everyMs - performance.now()));
      }
    }),
  );
  await sleep(1500);
  return pressed.map(
    ({ call, digit, atMs }) => (toneOnset(call.rtp, toneOf(digit), atMs) ?? Number.POSITIVE_INFINITY) - atMs,
  );
}
