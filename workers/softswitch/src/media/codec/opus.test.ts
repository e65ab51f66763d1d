import { expect, it } from 'vitest';
import { createOpus, loadOpus } from './opus.ts';

const frame = (at: number): Int16Array =>
  Int16Array.from({ length: 160 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 500 * (at * 160 + i)) / 8000));

it('gives back a tone of the same loudness; what is no packet gives nothing', async () => {
  await loadOpus();
  const coder = createOpus();
  const out = Buffer.alloc(500);
  await expect.poll(() => coder.encode(frame(0), out, 12)).toBeGreaterThan(0);
  const pcm = new Int16Array(2000);
  let energy = 0;
  for (let at = 1; at < 50; at++) {
    const bytes = coder.encode(frame(at), out, 12);
    expect(bytes).toBeLessThan(200);
    expect(coder.decode(out, 12, 12 + bytes, pcm)).toBe(160);
    if (at >= 25) for (let i = 0; i < 160; i++) energy += pcm[i]! ** 2;
  }
  expect(Math.sqrt(energy / (25 * 160))).toBeGreaterThan(8000 / Math.SQRT2 / 1.5);
  expect(coder.decode(Buffer.from('ff'.repeat(60), 'hex'), 0, 60, pcm)).toBe(0);
  expect(coder.decode(out, 12, 12, pcm)).toBe(0);
  coder.free();
  expect(coder.encode(frame(0), out, 0)).toBe(0);
});

it('freed before it stands, it stays silent', async () => {
  const coder = createOpus();
  coder.free();
  await new Promise((resolve) => setImmediate(resolve));
  expect(coder.encode(frame(0), Buffer.alloc(500), 0)).toBe(0);
});
