/** play_and_get_digits as drachtio-fsmrf's playCollect sends it: wire-protocols §B4, §B6. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectFarEnd, type FarEnd, sleep } from './far-end.ts';
import { PAIRS, type PairUnderTest } from './pair-under-test.ts';

const PROMPT = 'tone_stream://%(3000,0,440)';
const INVALID = 'tone_stream://%(300,0,900)';

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('play_and_get_digits', () => {
    let pair: PairUnderTest;
    let far: FarEnd;
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(() => pair.close());

    async function connected(run: () => Promise<void>): Promise<void> {
      far = await connectFarEnd(pair.ms, true);
      await run().finally(() => far.close());
    }

    it('B6 a key during the prompt cuts it, the maximum returns at once', () =>
      connected(async () => {
        const asked = performance.now();
        const collecting = far.endpoint.playCollect({
          file: PROMPT,
          min: 2,
          max: 2,
          timeout: 3000,
          digitTimeout: 2000,
        });
        await sleep(200);
        await far.rtp.sendKey('4');
        await far.rtp.sendKey('2');
        const result = await collecting;
        expect(result.digits).toBe('42');
        expect(performance.now() - asked).toBeLessThan(1500);
      }));

    it('B4 a terminator ends the entry and is reported apart', () =>
      connected(async () => {
        const collecting = far.endpoint.playCollect({ file: 'silence_stream://100', min: 1, max: 8, timeout: 3000 });
        await sleep(250);
        for (const key of '123#') await far.rtp.sendKey(key, 60);
        const result = await collecting;
        expect(result.digits).toBe('123');
        expect(result.terminatorUsed).toBe('#');
      }));

    it('B6 the terminator sticks from an earlier collection', () =>
      connected(async () => {
        const first = far.endpoint.playCollect({ file: 'silence_stream://100', min: 1, max: 8 });
        await sleep(200);
        await far.rtp.sendKey('1');
        await far.rtp.sendKey('#');
        await first;
        const second = far.endpoint.playCollect({ file: 'silence_stream://100', min: 1, max: 1 });
        await sleep(200);
        await far.rtp.sendKey('9');
        const result = await second;
        expect(result.digits).toBe('9');
        expect(result.terminatorUsed).toBe('#');
      }));

    it('B6 no digits: digits null', () =>
      connected(async () => {
        const result = await far.endpoint.playCollect({ file: 'silence_stream://100', min: 1, max: 4, timeout: 300 });
        expect(result.digits).toBeNull();
      }));

    it('B6 digits shorter than the minimum are reported', () =>
      connected(async () => {
        const options = { file: 'silence_stream://100', min: 3, max: 4, timeout: 1500, digitTimeout: 300 };
        const collecting = far.endpoint.playCollect(options);
        await sleep(250);
        await far.rtp.sendKey('7');
        expect((await collecting).digits).toBe('7');
      }));

    it('B6 a bad expression: digits null, invalid digits kept; two tries replay after the invalid file', () =>
      connected(async () => {
        const options = {
          file: 'silence_stream://100',
          invalidFile: INVALID,
          min: 1,
          max: 1,
          tries: 2,
          regexp: '[12]',
          timeout: 2000,
        };
        const collecting = far.endpoint.playCollect(options);
        await sleep(300);
        await far.rtp.sendKey('8');
        await sleep(700);
        await far.rtp.sendKey('1');
        const result = await collecting;
        expect(result.digits).toBe('1');
        expect(result.invalidDigits).toBe('8');
        const bad = far.endpoint.playCollect({ ...options, tries: 1 });
        await sleep(300);
        await far.rtp.sendKey('9');
        const failed = await bad;
        expect(failed.digits).toBeNull();
        expect(failed.invalidDigits).toBe('9');
      }));

    it('B6 inter-digit and first-digit time-outs', () =>
      connected(async () => {
        const options = { file: 'silence_stream://100', min: 1, max: 6, timeout: 2500, digitTimeout: 400 };
        const asked = performance.now();
        const collecting = far.endpoint.playCollect(options);
        await sleep(900);
        await far.rtp.sendKey('3');
        const result = await collecting;
        const took = performance.now() - asked;
        expect(result.digits).toBe('3');
        expect(took).toBeGreaterThan(1200);
        expect(took).toBeLessThan(2000);
      }));

    it('B3 hang-up during a collection completes it', () =>
      connected(async () => {
        const collecting = far.endpoint.playCollect({ file: PROMPT, min: 1, max: 1 });
        await sleep(150);
        await far.endpoint.destroy();
        expect((await collecting).digits).toBeNull();
      }));
  });
});
