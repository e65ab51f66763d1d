/** Conferences through drachtio-fsmrf: wire-protocols §B4. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd, type FarEnd, sleep } from './far-end.ts';
import { PAIRS, type PairUnderTest, writeWav } from './pair-under-test.ts';

let counter = 0;
const newName = (): string => `room-${process.pid}-${counter++}`;

/** What a far end hears of a frequency in the next `ms`. */
async function hears(far: FarEnd, frequency: number, ms = 500): Promise<number> {
  const from = performance.now();
  await sleep(ms);
  return toneShare(far.rtp.heardBetween(from, from + ms), frequency);
}

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('conference', () => {
    let pair: PairUnderTest;
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(() => pair.close());

    it('B4 three members: each hears the two others and not itself', async () => {
      const name = newName();
      const fars = await Promise.all([400, 700, 1100].map(() => connectFarEnd(pair.ms, true)));
      const joined = [];
      for (const far of fars) joined.push(await far.endpoint.join(name));
      expect(new Set(joined.map((each) => each.memberId)).size).toBe(3);
      expect(new Set(joined.map((each) => each.confUuid)).size).toBe(1);
      for (const [i, far] of fars.entries()) far.rtp.say(sine([400, 700, 1100][i]!, 1000, 5000), true);
      await sleep(200);
      const [a, b, c] = fars as [FarEnd, FarEnd, FarEnd];
      const shares = await Promise.all([hears(a, 700), hears(a, 1100), hears(a, 400), hears(b, 400), hears(c, 700)]);
      expect(shares[0]).toBeGreaterThan(0.35);
      expect(shares[1]).toBeGreaterThan(0.35);
      expect(shares[2]).toBeLessThan(0.05);
      expect(shares[3]).toBeGreaterThan(0.35);
      expect(shares[4]).toBeGreaterThan(0.35);
      await Promise.all(fars.map((far) => far.close()));
      expect(await pair.ms.api(`conference ${name} list count`)).toMatch(
        /Conference .*not found|No active conferences/,
      );
    });

    it('B4 mute and unmute of a member', async () => {
      const name = newName();
      const [a, b] = await Promise.all([connectFarEnd(pair.ms, true), connectFarEnd(pair.ms, true)]);
      await a.endpoint.join(name);
      await b.endpoint.join(name);
      a.rtp.say(sine(600, 1000, 6000), true);
      await sleep(200);
      expect(await hears(b, 600)).toBeGreaterThan(0.8);
      await a.endpoint.confMute();
      await sleep(150);
      expect(await hears(b, 600)).toBeLessThan(0.1);
      await a.endpoint.confUnmute();
      await sleep(150);
      expect(await hears(b, 600)).toBeGreaterThan(0.8);
      await a.close();
      await b.close();
    });

    it('B4 createConference: its control leg counts, play is heard and reported, lock keeps others out', async () => {
      const name = newName();
      const conference = await pair.ms.createConference(name);
      const far = await connectFarEnd(pair.ms, true);
      await far.endpoint.join(conference);
      expect(await conference.getSize()).toBe(2);
      const file = writeWav(pair, `${name}.wav`, sine(800, 1000));
      const playing = conference.play(file);
      await sleep(100);
      expect(await hears(far, 800)).toBeGreaterThan(0.8);
      const result = await playing;
      expect(result.milliseconds).toBeGreaterThanOrEqual(1000);
      await conference.lock();
      const outsider = await connectFarEnd(pair.ms, true);
      const refused = outsider.endpoint.execute('conference', name);
      await Promise.race([refused, sleep(1000)]);
      expect(await conference.getSize()).toBe(2);
      await conference.unlock();
      await outsider.close();
      await far.close();
      expect(await conference.getSize()).toBe(1);
      await pair.ms.api(`uuid_kill ${(conference as unknown as { endpoint: { uuid: string } }).endpoint.uuid}`);
    });

    it('B4 a prompt for one member is heard by that member only; kick puts it out', async () => {
      const name = newName();
      const [a, b] = await Promise.all([connectFarEnd(pair.ms, true), connectFarEnd(pair.ms, true)]);
      await a.endpoint.join(name);
      await b.endpoint.join(name);
      await a.endpoint.confPlay('tone_stream://%(2000,0,500)');
      await sleep(100);
      const [own, other] = await Promise.all([hears(a, 500), hears(b, 500)]);
      expect(own).toBeGreaterThan(0.8);
      expect(other).toBeLessThan(0.05);
      await b.endpoint.confKick();
      await sleep(100);
      expect(await pair.ms.api(`conference ${name} list count`)).toMatch(/^1/);
      await a.close();
      await b.close();
    });

    it('B4 a conference that is to end with one member lets the others go', async () => {
      const name = newName();
      const [a, b] = await Promise.all([connectFarEnd(pair.ms, true), connectFarEnd(pair.ms, true)]);
      await a.endpoint.join(name, { flags: { endconf: true } });
      await b.endpoint.join(name);
      await a.endpoint.destroy();
      await sleep(200);
      expect(await pair.ms.api(`conference ${name} list count`)).toMatch(/not found|No active/);
      a.rtp.stop();
      await b.close();
    });
  });
});
