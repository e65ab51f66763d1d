/** Recordings of a conversation: `record_session`, `uuid_record` with its masks, stereo, and what is said when the disk is full (§B4). */
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loudness, sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd, type FarEnd, sleep, until } from './far-end.ts';
import { PAIRS, type PairUnderTest } from './pair-under-test.ts';
import { connectSocket, type EventSocket } from './raw-socket.ts';

/** Samples of each channel of a PCM 16 bit file. */
function channelsOf(path: string): Int16Array[] {
  const file = readFileSync(path);
  const channels = file.readUInt16LE(22);
  const data = file.subarray(44);
  const frames = Math.floor(data.length / 2 / channels);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (__, i) => data.readInt16LE((i * channels + channel) * 2)),
  );
}

/** What all file handles of the process write with; the media server runs in it. */
async function handlePrototype(path: string): Promise<Pick<FileHandle, 'write'>> {
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  return prototype;
}

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('recording', () => {
    let pair: PairUnderTest;
    let socket: EventSocket;
    beforeAll(async () => {
      pair = await start();
      socket = await connectSocket(pair.freeswitch);
      await socket.command('event json RECORD_START RECORD_STOP');
    });
    afterAll(async () => {
      socket.close();
      await pair.close();
    });

    /** Two parties in talk: 500 Hz and 900 Hz. */
    async function talk(): Promise<{ a: FarEnd; b: FarEnd; end(): Promise<void> }> {
      const [a, b] = [await connectFarEnd(pair.ms, true), await connectFarEnd(pair.ms, true)];
      await a.endpoint.bridge(b.endpoint);
      a.rtp.say(sine(500, 1000), true);
      b.rtp.say(sine(900, 1000), true);
      const end = async () => {
        await a.endpoint.unbridge();
        await a.close();
        await b.close();
      };
      return { a, b, end };
    }
    const record = async (far: FarEnd, ...args: string[]): Promise<string> =>
      pair.ms.api(`uuid_record ${far.endpoint.uuid} ${args.join(' ')}`);
    const stopped = (file: string) => () =>
      socket.events.find((e) => e['Event-Name'] === 'RECORD_STOP' && e['Record-File-Path'] === file);

    it('B4 both parties in one channel; start and stop are told, with why it ended', async () => {
      const { a, end } = await talk();
      const file = join(pair.mediaDir, 'mono.wav');
      expect(await record(a, 'start', file)).toMatch(/^\+OK/);
      await sleep(1200);
      expect(await record(a, 'stop', file)).toMatch(/^\+OK/);
      const [both] = channelsOf(file);
      expect(toneShare(both!.subarray(-4000), 500)).toBeGreaterThan(0.3);
      expect(toneShare(both!.subarray(-4000), 900)).toBeGreaterThan(0.3);
      await until('the end told', () => stopped(file)() !== undefined);
      expect(socket.events.some((e) => e['Event-Name'] === 'RECORD_START' && e['Record-File-Path'] === file)).toBe(
        true,
      );
      expect(await record(a, 'stop', file)).toMatch(/^-ERR/);
      await end();
    });

    it('B4 RECORD_STEREO: the party left, what it hears right', async () => {
      const { a, end } = await talk();
      const file = join(pair.mediaDir, 'stereo.wav');
      await a.endpoint.set('RECORD_STEREO', 'true');
      await a.endpoint.recordSession(file);
      await sleep(1200);
      await record(a, 'stop', file);
      const [left, right] = channelsOf(file);
      expect(toneShare(left!.subarray(-4000), 500)).toBeGreaterThan(0.9);
      expect(toneShare(right!.subarray(-4000), 900)).toBeGreaterThan(0.9);
      await end();
    });

    it('B4 masked, nothing is kept but the time', async () => {
      const { a, end } = await talk();
      const file = join(pair.mediaDir, 'mask.wav');
      await record(a, 'start', file);
      await sleep(700);
      expect(await record(a, 'mask', file)).toMatch(/^\+OK/);
      await sleep(1000);
      expect(await record(a, 'unmask', file)).toMatch(/^\+OK/);
      await sleep(700);
      await record(a, 'stop', file);
      const [both] = channelsOf(file);
      const middle = Math.floor(both!.length / 2);
      expect(loudness(both!.subarray(middle - 1600, middle + 1600))).toBe(0);
      expect(loudness(both!.subarray(800, 2400))).toBeGreaterThan(1000);
      expect(loudness(both!.subarray(-1600))).toBeGreaterThan(1000);
      expect(both!.length).toBeGreaterThan(2.2 * 8000);
      expect(await record(a, 'mask', file)).toMatch(/^-ERR/);
      await end();
    });

    it('B4 a time limit ends it; the end of the channel too', async () => {
      const { a, end } = await talk();
      const limited = join(pair.mediaDir, 'limited.wav');
      await record(a, 'start', limited, '1');
      await until('the end of its time', () => stopped(limited)() !== undefined, 10_000);
      expect(stopped(limited)()!['Record-Completion-Cause']).toBe('success-maxtime');
      const last = join(pair.mediaDir, 'last.wav');
      await record(a, 'start', last);
      await sleep(300);
      await end();
      await until('the end of the channel', () => stopped(last)() !== undefined, 10_000);
      expect(loudness(channelsOf(last)[0]!)).toBeGreaterThan(500);
    });

    it('B4 a place that cannot be written: -ERR, and nothing is told to have started', async () => {
      const { a, end } = await talk();
      const file = join(pair.mediaDir, 'no-such-folder', 'x.wav');
      expect(await record(a, 'start', file)).toMatch(/^-ERR/);
      expect(socket.events.some((e) => e['Record-File-Path'] === file)).toBe(false);
      await end();
    });

    it('B4 a disk that fills up: the recording ends as uri-failure, the talk goes on', async (context) => {
      if (pair.real) context.skip('a real server’s disk is not ours to fill');
      const { a, b, end } = await talk();
      const file = join(pair.mediaDir, 'full.wav');
      await record(a, 'start', file);
      // the disk is full from now on
      const handles = await handlePrototype(file);
      const { write } = handles;
      handles.write = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
      await until('the end told', () => stopped(file)() !== undefined, 10_000).finally(() => {
        handles.write = write;
      });
      expect(stopped(file)()!['Record-Completion-Cause']).toBe('uri-failure');
      const from = performance.now();
      await sleep(400);
      expect(toneShare(b.rtp.heardBetween(from, from + 300), 500)).toBeGreaterThan(0.9);
      await end();
    });
  });
});
