import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { finishFile } from './finish-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'callwright-finish-'));
const part = join(dir, 'a.part.wav');
const whole = join(dir, 'a.wav');
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(part, { force: true });
  rmSync(whole, { force: true });
});

/** PCM 16 bit 8 kHz whose header tells `told` bytes of samples. */
function wav(samples: number, told = samples * 2): Buffer {
  const file = Buffer.alloc(44 + samples * 2, 7);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + told, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8000, 24);
  file.writeUInt32LE(16_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(told, 40);
  return file;
}

test('gets its final name, with its length and sum', async () => {
  writeFileSync(part, wav(8000));
  const finished = await finishFile(part, whole);
  const bytes = readFileSync(whole);
  expect(existsSync(part)).toBe(false);
  expect(finished).toEqual({ bytes: 16_044, durationMs: 1000, sha256: createHash('sha256').update(bytes).digest() });
});

test('a header that its writer never made right is made right', async () => {
  writeFileSync(part, wav(4000, 0));
  expect(await finishFile(part, whole)).toMatchObject({ durationMs: 500 });
  const bytes = readFileSync(whole);
  expect([bytes.readUInt32LE(4), bytes.readUInt32LE(40)]).toEqual([bytes.length - 8, 8000]);
});

test('a repeated step finds the finished file', async () => {
  writeFileSync(part, wav(800));
  const first = await finishFile(part, whole);
  expect(await finishFile(part, whole)).toEqual(first);
});

test('a file without sound, none at all, or one that is no WAV is nothing', async () => {
  expect(await finishFile(part, whole)).toBeNull();
  writeFileSync(part, wav(0));
  expect(await finishFile(part, whole)).toBeNull();
  writeFileSync(part, 'no sound at all');
  expect(await finishFile(part, whole)).toBeNull();
});
