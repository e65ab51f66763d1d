/** Prompts and digits: wire-protocols §B3, §B4, §B6. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAudio, percentile, sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd, sleep, until } from './far-end.ts';
import { nextEvent, PAIRS, type PairUnderTest, writeWav } from './pair-under-test.ts';

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('playback', () => {
    let pair: PairUnderTest;
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(() => pair.close());

    it('B4 play: the file is heard whole, evenly spaced, and its length is reported', async () => {
      const far = await connectFarEnd(pair.ms);
      const samples = sine(700, 1000);
      const file = writeWav(pair, 'tone700.wav', samples);
      const result = await far.endpoint.play(file);
      expect(Number(result.playbackMilliseconds)).toBe(1000);
      expect(Number(result.playbackSeconds)).toBe(1);
      expect(Number(result.playbackLastOffsetPos)).toBe(8000);
      await sleep(50);
      expect(toneShare(far.rtp.heard().subarray(0, 8000), 700)).toBeGreaterThan(0.95);
      const gaps = far.rtp.arrivals.slice(1).map((arrival, i) => arrival.atMs - far.rtp.arrivals[i]!.atMs);
      expect(gaps.length).toBeGreaterThanOrEqual(49);
      expect(percentile(gaps, 0.5)).toBeGreaterThan(17);
      expect(percentile(gaps, 0.5)).toBeLessThan(23);
      const steps = new Set(
        far.rtp.arrivals.slice(1).map((a, i) => (a.timestamp - far.rtp.arrivals[i]!.timestamp) >>> 0),
      );
      expect([...steps]).toEqual([160]);
      await far.close();
    });

    it('B4 play: a 16 kHz file is converted', async () => {
      const far = await connectFarEnd(pair.ms);
      const samples = Int16Array.from({ length: 16_000 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 440 * i) / 16_000));
      const result = await far.endpoint.play(writeWav(pair, 'wide.wav', samples, 16_000));
      expect(Number(result.playbackMilliseconds)).toBeGreaterThanOrEqual(980);
      await sleep(50);
      expect(toneShare(far.rtp.heard().subarray(400, 7600), 440)).toBeGreaterThan(0.95);
      await far.close();
    });

    it('B4 play: a file that is not there rejects, and the endpoint goes on', async () => {
      const far = await connectFarEnd(pair.ms);
      await expect(far.endpoint.play(`${pair.mediaDir}/nothing.wav`)).rejects.toThrow('File Not Found');
      await expect(far.endpoint.play('silence_stream://100')).resolves.toBeDefined();
      await far.close();
    });

    it('B4 play: nothing outside the media directory is read', async (context) => {
      if (pair.real) context.skip('about the softswitch itself');
      const far = await connectFarEnd(pair.ms);
      for (const file of [
        '/etc/hostname',
        `${pair.mediaDir}/../../etc/hostname`,
        '../x.wav',
        `${pair.mediaDir}\0.wav`,
      ]) {
        await expect(far.endpoint.play(file)).rejects.toThrow('File Not Found');
      }
      await far.close();
    });

    it('B6 a list reports the last file, its offset sums all', async () => {
      const far = await connectFarEnd(pair.ms);
      const first = writeWav(pair, 'first.wav', sine(500, 400));
      const second = writeWav(pair, 'second.wav', sine(900, 200));
      const result = await far.endpoint.play([first, second]);
      expect(Number(result.playbackMilliseconds)).toBe(200);
      expect(Number(result.playbackLastOffsetPos)).toBe(4800);
      await sleep(40);
      const heard = far.rtp.heard();
      expect(toneShare(heard.subarray(0, 3200), 500)).toBeGreaterThan(0.9);
      expect(toneShare(heard.subarray(3200, 4800), 900)).toBeGreaterThan(0.9);
      await far.close();
    });

    it('B3 tone_stream sounds for ever until uuid_break, which resolves the play', async () => {
      const far = await connectFarEnd(pair.ms);
      const started = nextEvent(far.endpoint, 'playback-start');
      const playing = far.endpoint.play('tone_stream://%(200,100,440,480);loops=-1');
      await started;
      await sleep(500);
      const { body } = await far.endpoint.api('uuid_break', far.endpoint.uuid);
      expect(body).toMatch(/^\+OK/);
      await playing;
      const before = far.rtp.arrivals.length;
      await sleep(200);
      expect(far.rtp.arrivals.length - before).toBeLessThanOrEqual(2);
      const on = far.rtp.heard().subarray(0, 1600);
      expect(toneShare(on, 440) + toneShare(on, 480)).toBeGreaterThan(0.85);
      await far.close();
    });

    it('B4 the next prompt begins at once after uuid_break', async () => {
      const far = await connectFarEnd(pair.ms);
      const file = writeWav(pair, 'next.wav', sine(1000, 400));
      await far.endpoint.play(file);
      const long = far.endpoint.play('tone_stream://%(10000,0,300)');
      await sleep(300);
      await far.endpoint.api('uuid_break', far.endpoint.uuid);
      await long;
      const asked = performance.now();
      const second = far.endpoint.play(file);
      await until(
        'second prompt',
        () => toneShare(far.rtp.heardBetween(asked, asked + 2000).subarray(0, 160), 1000) > 0.5,
      );
      const first = far.rtp.arrivals.find((arrival) => arrival.atMs >= asked)!;
      expect(first.atMs - asked).toBeLessThan(60);
      await second;
      await far.close();
    });

    it('B4 playback_terminators ends a play with the key; none lets it go on', async () => {
      const far = await connectFarEnd(pair.ms, true);
      await far.endpoint.set('playback_terminators', '#');
      const playing = far.endpoint.execute('playback', 'tone_stream://%(5000,0,440)');
      await sleep(100);
      await far.rtp.sendKey('5');
      await far.rtp.sendKey('#');
      const event = await playing;
      expect(event.getHeader('variable_playback_terminator_used')).toBe('#');
      await far.endpoint.set('playback_terminators', 'none');
      const whole = far.endpoint.play('tone_stream://%(600,0,440)');
      await far.rtp.sendKey('#');
      expect(Number((await whole).playbackMilliseconds)).toBe(600);
      await far.close();
    });

    it('B3 hangup during a playback acts at once; the cut playback is still completed', async () => {
      const far = await connectFarEnd(pair.ms);
      const playing = far.endpoint.play('tone_stream://%(30000,0,440)');
      await sleep(100);
      const asked = performance.now();
      await far.endpoint.destroy();
      await playing;
      expect(performance.now() - asked).toBeLessThan(1000);
      far.rtp.stop();
    });

    it('B4 DTMF: each key is one event with its duration', async () => {
      const far = await connectFarEnd(pair.ms, true);
      const keys: { dtmf: string; duration: string; source: string }[] = [];
      far.endpoint.on('dtmf', (event) => keys.push(event));
      for (const key of '159#') await far.rtp.sendKey(key, 80);
      await until('four keys', () => keys.length === 4);
      await sleep(150);
      expect(keys.map((each) => each.dtmf).join('')).toBe('159#');
      expect(keys.every((each) => Number(each.duration) >= 560 && each.source === 'RTP')).toBe(true);
      await far.close();
    });

    it('B4 send_dtmf reaches the far end as RFC 4733 events', async () => {
      const far = await connectFarEnd(pair.ms, true);
      await far.endpoint.execute('send_dtmf', '12#@100');
      await until('three keys', () => far.rtp.receivedKeys.length === 3);
      expect(far.rtp.receivedKeys.join('')).toBe('12#');
      await far.close();
    });

    it('B4 record_session keeps both sides; its file is whole after uuid_record stop and after a hang-up', async () => {
      for (const end of ['stop', 'hangup']) {
        const far = await connectFarEnd(pair.ms, true);
        const file = `${pair.mediaDir}/session-${end}.wav`;
        far.rtp.say(sine(600, 1000), true);
        await far.endpoint.execute('record_session', file);
        const playing = far.endpoint.play('tone_stream://%(900,0,1200)');
        await playing;
        if (end === 'stop') {
          expect((await far.endpoint.api('uuid_record', [far.endpoint.uuid, 'stop', file])).body).toMatch(/^\+OK/);
        }
        await far.close();
        await until('a whole file', () => readFileSync(file).readUInt32LE(40) > 8000);
        const bytes = readFileSync(file);
        expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
        const pcm = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
        const middle = pcm.subarray(2000, 6000);
        expect(toneShare(middle, 600)).toBeGreaterThan(0.2);
        expect(toneShare(middle, 1200)).toBeGreaterThan(0.2);
      }
    });

    it('B4 record writes what the far end says; a terminator ends it', async () => {
      const far = await connectFarEnd(pair.ms, true);
      const said = sine(620, 2000);
      far.rtp.say(said, true);
      await far.endpoint.set('playback_terminators', '#');
      const file = `${pair.mediaDir}/said.wav`;
      const recording = far.endpoint.record(file, { timeLimitSecs: 10 });
      await sleep(1000);
      await far.rtp.sendKey('#');
      const result = await recording;
      expect(result.terminatorUsed).toBe('#');
      expect(Number(result.recordMilliseconds)).toBeGreaterThan(700);
      far.rtp.say(new Int16Array(160));
      const before = far.rtp.heard().length;
      await far.endpoint.play(file);
      await sleep(40);
      expect(findAudio(far.rtp.heard().subarray(before), said, 2000, 0).correlation).toBeGreaterThan(0.9);
      await far.close();
    });
  });
});
