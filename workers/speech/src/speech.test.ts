import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { speechFileName } from './cache.ts';
import type { Pcm, SpeakingProvider } from './provider.ts';
import { createSpeech, type SpeechOptions } from './speech.ts';
import { decodeWav, encodeWav, resample, toTelephoneWav } from './wav.ts';

const context = { companyId: 'c', language: 'en', timeZone: 'Europe/Paris', currency: 'EUR' };
const HASH = 'a'.repeat(64);

/** Speaks every text as a ramp and counts how often it was asked. */
function counting(): SpeakingProvider & { texts: string[] } {
  const texts: string[] = [];
  return {
    id: 'counting',
    version: '1',
    languages: ['en'],
    texts,
    speak: async ({ text }): Promise<Pcm> => {
      texts.push(text);
      return { samples: Int16Array.from({ length: 800 }, (_, i) => i), sampleRateHz: 8000 };
    },
    close: async () => {},
  };
}

describe('prompt items to files', () => {
  let dir: string;
  let provider: ReturnType<typeof counting>;
  const open = (more: Partial<SpeechOptions> = {}) =>
    createSpeech({
      provider,
      mediaDir: join(dir, 'media'),
      shippedDirs: [join(dir, 'shipped')],
      loadAudio: async (companyId, hash) => (companyId === 'c' && hash === HASH ? Buffer.from('wav') : null),
      audioHash: async (companyId, name) => (companyId === 'c' && name === 'welcome' ? HASH : null),
      ...more,
    });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'speech-'));
    await mkdir(join(dir, 'shipped'));
    provider = counting();
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('renders a text once, however often and however many at once ask for it', async () => {
    const speech = open();
    const item = { type: 'text', text: 'Hello' } as const;
    const [[first], [second]] = await Promise.all([speech.resolve([item], context), speech.resolve([item], context)]);
    const [third] = await open().resolve([item], context);
    expect(new Set([first, second, third]).size).toBe(1);
    expect(provider.texts).toEqual(['Hello']);
    expect(decodeWav(await readFile(first!))).toMatchObject({ sampleRateHz: 8000 });
  });

  it('takes shipped speech before it renders, and brings it under the media directory', async () => {
    const request = { text: 'Hello', language: 'en' };
    await writeFile(join(dir, 'shipped', speechFileName(provider, request)), 'shipped');
    const [path] = await open().resolve([{ type: 'text', text: 'Hello' }], context);
    expect(path!.startsWith(join(dir, 'media'))).toBe(true);
    expect(await readFile(path!, 'utf8')).toBe('shipped');
    expect(provider.texts).toEqual([]);
  });

  it('tries again after a failed rendering', async () => {
    let broken = true;
    const speak = provider.speak;
    provider.speak = (request) => (broken ? Promise.reject(new Error('down')) : speak(request));
    const speech = open();
    await expect(speech.resolve([{ type: 'text', text: 'Hi' }], context)).rejects.toThrow('down');
    broken = false;
    expect(await speech.resolve([{ type: 'text', text: 'Hi' }], context)).toHaveLength(1);
  });

  it('finds audio by name in its company only, and by pinned hash', async () => {
    const speech = open();
    const [byName] = await speech.resolve([{ type: 'audio', name: 'welcome' }], context);
    expect(byName).toBe(join(dir, 'media', 'audio', `${HASH}.wav`));
    expect(await readFile(byName!, 'utf8')).toBe('wav');
    await expect(speech.resolve([{ type: 'audio', name: 'other' }], context)).rejects.toMatchObject({
      code: 'SPE_AUDIO',
    });
    const stranger = { ...context, companyId: 'd' };
    await expect(speech.resolve([{ type: 'audio', name: 'welcome' }], stranger)).rejects.toMatchObject({
      code: 'SPE_AUDIO',
    });
    await expect(speech.resolve([{ type: 'audio', name: 'x', hash: '../../etc' }], context)).rejects.toMatchObject({
      code: 'SPE_AUDIO',
    });
  });

  it('gives tones and silence as streams, in order with files', async () => {
    const paths = await open().resolve(
      [
        { type: 'tone', frequenciesHz: [440, 480], onMs: 200, offMs: 100, repeat: 3 },
        { type: 'text', text: 'Hello' },
        { type: 'silence', ms: 500 },
      ],
      context,
    );
    expect(paths).toEqual([
      'tone_stream://%(200,100,440,480);loops=3',
      expect.stringMatching(/\.wav$/),
      'silence_stream://500',
    ]);
  });

  it('leaves no whole personal value on disk: digits key by key, other values in a file that goes away', async () => {
    const speech = open({ privateFileMs: 30 });
    await speech.resolve([{ type: 'value', as: 'digits', value: '4242', pii: true }], context);
    expect(provider.texts.toSorted()).toEqual(['four', 'two']);
    const [path] = await speech.resolve([{ type: 'value', as: 'number', value: '987', pii: true }], context);
    expect(await readFile(path!)).toBeTruthy();
    await expect.poll(() => readFile(path!).catch((error) => error.code)).toBe('ENOENT');
    expect((await readdir(join(dir, 'media', 'speech'))).length).toBe(2);
  });
});

describe('WAV', () => {
  const sine = (frequencyHz: number, sampleRateHz: number): Pcm => ({
    samples: Int16Array.from(
      { length: sampleRateHz },
      (_, i) => 10_000 * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz),
    ),
    sampleRateHz,
  });
  const rms = ({ samples }: Pcm) => Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);

  it('reads back what it wrote', () => {
    const pcm = sine(440, 8000);
    expect(decodeWav(encodeWav(pcm))).toEqual(pcm);
  });

  it.each([16_000, 22_050, 44_100, 48_000, 11_025])('resamples %i Hz without aliasing', (rate) => {
    expect(rms(resample(sine(1000, rate), 8000)) / rms(sine(1000, 8000))).toBeCloseTo(1, 1);
    expect(rms(resample(sine(4900, rate), 8000)) / rms(sine(1000, 8000))).toBeLessThan(0.02);
  });

  it('mixes stereo to mono and skips chunks it does not know', () => {
    const stereo = Buffer.from(encodeWav({ samples: Int16Array.from([1000, 3000, -10, -30]), sampleRateHz: 8000 }));
    stereo.writeUInt16LE(2, 22);
    const extra = Buffer.concat([
      stereo.subarray(0, 12),
      Buffer.from('LIST\x03\0\0\0abc\0', 'latin1'),
      stereo.subarray(12),
    ]);
    expect([...decodeWav(extra).samples]).toEqual([2000, -20]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another file type', Buffer.from('GIF89a and more than twelve bytes')],
    ['a cut header', encodeWav(sine(440, 8000)).subarray(0, 30)],
    [
      'an MP3 in a WAV',
      (() => {
        const b = encodeWav(sine(440, 8000));
        b.writeUInt16LE(0x55, 20);
        return b;
      })(),
    ],
  ])('refuses %s', (_name, bytes) => {
    expect(() => toTelephoneWav(bytes)).toThrow(expect.objectContaining({ code: 'SPE_AUDIO' }));
  });
});
