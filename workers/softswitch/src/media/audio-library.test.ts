import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AudioLibrary, openAudioLibrary } from './audio-library.ts';
import { wavHeader } from './wav.ts';

function wav(samples: number): Buffer {
  return Buffer.concat([wavHeader(samples), Buffer.alloc(samples * 2, 1)]);
}

async function lengthOf(library: AudioLibrary, name: string): Promise<number | null> {
  const opened = await library.open(name);
  if (!opened) return null;
  const frame = new Int16Array(160);
  while (opened.source.read(frame) > 0 && opened.source.position < 100_000_000);
  return opened.source.position;
}

describe('audio library', () => {
  let root: string;
  let dir: string;
  let library: AudioLibrary;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'library-'));
    dir = join(root, 'media');
    mkdirSync(dir);
    library = openAudioLibrary(dir);
  });
  afterEach(async () => {
    await library.close();
    rmSync(root, { recursive: true });
  });

  it('plays files by full and relative path, from an offset', async () => {
    writeFileSync(join(dir, 'a.wav'), wav(1000));
    expect(await lengthOf(library, join(dir, 'a.wav'))).toBe(1000);
    expect(await lengthOf(library, 'a.wav')).toBe(1000);
    expect(await lengthOf(library, 'a.wav@@400')).toBe(600);
    expect(await lengthOf(library, '{vol=1}a.wav')).toBe(1000);
  });

  it('reads a changed file anew', async () => {
    const path = join(dir, 'b.wav');
    writeFileSync(path, wav(1000));
    await lengthOf(library, path);
    writeFileSync(path, wav(320));
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    expect(await lengthOf(library, path)).toBe(320);
    expect(library.cachedBytes()).toBe(640);
  });

  it('decodes large files in its own thread', async () => {
    writeFileSync(join(dir, 'large.wav'), wav(600_000));
    expect(await lengthOf(library, 'large.wav')).toBe(600_000);
  });

  it('opens nothing outside its directory, also not through links', async () => {
    writeFileSync(join(root, 'secret.wav'), wav(10));
    symlinkSync(join(root, 'secret.wav'), join(dir, 'link.wav'));
    symlinkSync(root, join(dir, 'up'));
    for (const name of [
      '../secret.wav',
      join(root, 'secret.wav'),
      'link.wav',
      'up/secret.wav',
      '',
      'a\0.wav',
      dir,
      'http://x/y.wav',
    ]) {
      expect(await library.open(name)).toBeNull();
    }
    for (const name of ['../new.wav', join(root, 'new.wav'), 'link.wav', 'up/new.wav', 'none/new.wav', '']) {
      expect(await library.writablePath(name)).toBeNull();
    }
    expect(await library.writablePath('new.wav')).toBe(join(dir, 'new.wav'));
  });

  it('tones, silence and music', async () => {
    expect(await lengthOf(library, 'tone_stream://%(100,100,440);loops=2')).toBe(3200);
    expect(await lengthOf(library, 'silence_stream://250')).toBe(2000);
    expect((await library.open('local_stream://moh'))?.type).toBe('local_stream');
    expect(await library.open('tone_stream://nonsense')).toBeNull();
    expect(await library.open('silence_stream://x')).toBeNull();
  });
});
