import { describe, expect, it } from 'vitest';
import { recognisingConformance } from '../conformance/index.ts';
import { inbandDtmf } from './inband-dtmf.provider.ts';

const RATE_HZ = 8000;
const GRID: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  ['123A', '456B', '789C', '*0#D'].flatMap((row, r) =>
    [...row].map((key, c) => [key, [[697, 770, 852, 941][r]!, [1209, 1336, 1477, 1633][c]!] as const]),
  ),
);

/** Keys as a telephone sends them: `onMs` of tone, `offMs` of silence, each tone at `amplitude`, columns weaker by `twist`. */
function keys(text: string, { onMs = 60, offMs = 60, amplitude = 6000, twist = 1, shiftHz = 0 } = {}) {
  const on = (onMs * RATE_HZ) / 1000;
  const off = (offMs * RATE_HZ) / 1000;
  const samples = [...text].flatMap((key) => {
    const [row, column] = GRID[key]!;
    const tone = Array.from({ length: on }, (_, i) => {
      const t = (2 * Math.PI * i) / RATE_HZ;
      return amplitude * (Math.sin(t * (row + shiftHz)) + Math.sin(t * (column + shiftHz)) / twist);
    });
    return [...tone, ...new Array<number>(off).fill(0)];
  });
  return { samples: Int16Array.from(samples), sampleRateHz: RATE_HZ };
}

recognisingConformance({ describe, it, expect }, inbandDtmf, [
  { name: 'all sixteen keys', pcm: keys('0123456789*#ABCD'), language: 'en', expected: '0123456789*#ABCD' },
  { name: 'the same key twice', pcm: keys('1122'), language: 'en', expected: '1122' },
  {
    name: 'the shortest legal keys (40 ms on, 40 ms off)',
    pcm: keys('159#', { onMs: 40, offMs: 40 }),
    language: 'en',
    expected: '159#',
  },
  { name: 'a long key once', pcm: keys('7', { onMs: 1500 }), language: 'en', expected: '7' },
  { name: 'quiet keys', pcm: keys('42', { amplitude: 600 }), language: 'en', expected: '42' },
  { name: 'keys with twist', pcm: keys('42', { twist: 1.9 }), language: 'en', expected: '42' },
  { name: 'keys a little off tune', pcm: keys('86', { shiftHz: 8 }), language: 'en', expected: '86' },
]);
