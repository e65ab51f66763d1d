import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SideMixer } from './side-mixer.ts';
import { openWavWriter } from './wav-writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'callwright-wav-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const samples = (count: number) => Int16Array.from({ length: count }, (_, i) => i % 1000);

describe('recordings on disk', () => {
  it.each([1, 2] as const)('%i channels: all samples in order under a true header', async (channels) => {
    const path = join(dir, 'a.wav');
    const writer = await openWavWriter(path, { channels });
    for (let i = 0; i < 60; i++) writer.write(samples(320 * 3).subarray((i % 3) * 320), 320);
    expect(await writer.close()).toBe(true);
    expect(await writer.close()).toBe(true);
    const file = readFileSync(path);
    expect(file.length).toBe(44 + 60 * 640);
    expect([file.readUInt16LE(22), file.readUInt32LE(28), file.readUInt16LE(32), file.readUInt32LE(40)]).toEqual([
      channels,
      16_000 * channels,
      2 * channels,
      60 * 640,
    ]);
    expect(file.readInt16LE(44 + 640)).toBe(320);
  });

  it('a disk that is full at once refuses to open', async (context) => {
    if (!existsSync('/dev/full')) context.skip('the system has no /dev/full');
    await expect(openWavWriter('/dev/full')).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});

describe('the two sides of a recording', () => {
  const gather = (stereo: boolean) => {
    const out: number[] = [];
    return { out, mixer: new SideMixer(stereo, (pcm, count) => out.push(...pcm.subarray(0, count))) };
  };
  const frame = (value: number, count = 160) => new Int16Array(count).fill(value);

  it('are added, never beyond 16 bit, whatever the rhythm they come in', () => {
    const { out, mixer } = gather(false);
    mixer.add(0, frame(20_000, 240), 240);
    mixer.add(1, frame(20_000), 160);
    mixer.add(1, frame(-5), 160);
    mixer.end();
    expect(out).toHaveLength(320);
    expect(out[0]).toBe(32_767);
    expect([out[200], out[300]]).toEqual([19_995, -5]);
  });

  it('stand left and right in stereo; one that is silent for long counts as silence', () => {
    const { out, mixer } = gather(true);
    for (let i = 0; i < 100; i++) mixer.add(0, frame(7), 160);
    mixer.end();
    expect(out).toHaveLength(32_000);
    expect([out[0], out[1], out.at(-2), out.at(-1)]).toEqual([7, 0, 7, 0]);
    mixer.add(1, frame(3), 160);
    mixer.end();
    expect(out.slice(-2)).toEqual([0, 3]);
  });
});
