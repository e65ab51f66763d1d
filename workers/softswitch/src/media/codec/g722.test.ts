import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createG722 } from './g722.ts';

const SAMPLES = 8000;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Numbers of a linear congruential generator, the same everywhere. */
function* random(seed: number): Generator<number> {
  for (let x = BigInt(seed); ; ) {
    x = (x * 1103515245n + 12345n) & 0x7fffffffn;
    yield Number(x);
  }
}

/** Noise whose loudness swings, so that every scale factor is met. */
function noise(): Int16Array {
  const numbers = random(1);
  return Int16Array.from({ length: SAMPLES }, (_, i) => {
    const amplitude = Math.floor((i * i) / 977) % 32768;
    const value = ((numbers.next().value >> 8) & 0xffff) - 32768;
    return Math.floor((value * amplitude) / 32768);
  });
}

function encoded(pcm: Int16Array): Buffer {
  const coder = createG722();
  const out = Buffer.alloc(pcm.length);
  for (let at = 0; at < pcm.length; at += 160) coder.encode(pcm.subarray(at, at + 160), out, at);
  return out;
}

describe('G.722', () => {
  // digests of what an independent implementation (SpanDSP, its lower-band mode) makes of the same input
  it('encodes bit by bit as another implementation does', () => {
    expect(sha256(encoded(noise()))).toBe('1e22693b09ebeaab9483497e3d93370ebd7411b39c44ddec1a9e59916b595fa4');
  });

  it('decodes bit by bit as another implementation does', () => {
    const numbers = random(7);
    const codes = Buffer.from(Array.from({ length: SAMPLES }, () => (numbers.next().value >> 12) & 0xff));
    const pcm = new Int16Array(SAMPLES);
    createG722().decode(codes, 0, SAMPLES, pcm);
    expect(sha256(new Uint8Array(pcm.buffer))).toBe('2c5be7294962a5340846f8a3952972dd449f13f2b5c1a8d51b6d4acd97d83fe0');
  });

  it('gives back a tone, and silence as silence', () => {
    const tone = Int16Array.from({ length: SAMPLES }, (_, i) => 8000 * Math.sin((2 * Math.PI * 440 * i) / 8000));
    const back = new Int16Array(SAMPLES);
    createG722().decode(encoded(tone), 0, SAMPLES, back);
    let error = 0;
    for (let i = 800; i < SAMPLES; i++) error += (tone[i]! - back[i]!) ** 2;
    expect(10 * Math.log10(8000 ** 2 / 2 / (error / (SAMPLES - 800)))).toBeGreaterThan(25);
    const quiet = new Int16Array(160);
    createG722().decode(encoded(new Int16Array(160)), 0, 160, quiet);
    expect(Math.max(...quiet.map(Math.abs))).toBeLessThan(16);
  });
});
