/** `api conference …` commands that rooms need beside those of fsmrf, and their events (§B4). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loudness, sine } from '../../phone/audio.ts';
import { connectFarEnd, type FarEnd, sleep, until } from './far-end.ts';
import { PAIRS, type PairUnderTest } from './pair-under-test.ts';
import { connectSocket, type EventSocket } from './raw-socket.ts';

const NAME = `room-${process.pid}-commands`;

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('conference commands', () => {
    let pair: PairUnderTest;
    let socket: EventSocket;
    let a: FarEnd;
    let b: FarEnd;
    let member: number;
    beforeAll(async () => {
      pair = await start();
      socket = await connectSocket(pair.freeswitch);
      await socket.command('event json CUSTOM conference::maintenance');
      [a, b] = [await connectFarEnd(pair.ms, true), await connectFarEnd(pair.ms, true)];
      member = (await a.endpoint.join(NAME)).memberId;
      await b.endpoint.join(NAME);
    });
    afterAll(async () => {
      await a.close();
      await b.close();
      socket.close();
      await pair.close();
    });

    const command = (text: string): Promise<string> => pair.ms.api(`conference ${NAME} ${text}`);
    const told = (action: string) => socket.events.filter((event) => event.Action === action);
    const loudnessAt = async (far: FarEnd): Promise<number> => {
      await sleep(250);
      const now = performance.now();
      return loudness(far.rtp.heardBetween(now - 160, now));
    };

    it('volume_in and volume_out change how loud a member is and hears, in steps, within bounds', async () => {
      a.rtp.say(sine(600, 1000, 4000), true);
      const before = await loudnessAt(b);
      expect(await command(`volume_in ${member} -9`)).toMatch(/= -4/);
      expect((await loudnessAt(b)) / before).toBeCloseTo(10 ** (-10 / 20), 1);
      expect(told('volume-in-member')[0]).toMatchObject({ 'Member-ID': String(member), 'Volume-Level': '-4' });
      expect(await command(`volume_in ${member}`)).toMatch(/= -4/);
      await command(`volume_in ${member} 0`);
      await command('volume_out last -4');
      expect((await loudnessAt(b)) / before).toBeCloseTo(10 ** (-10 / 20), 1);
      expect(await command('volume_out last 0')).toMatch(/= 0/);
      expect(await command(`volume_in ${member} loud`)).toMatch(/^-ERR/);
      expect(await command('volume_in 99999 1')).toMatch(/^-ERR/);
    });

    it('energy: who stays below it does not count as talking', async () => {
      a.rtp.say(new Int16Array(8000), true);
      await until('silence', () => told('stop-talking').some((event) => event['Member-ID'] === String(member)));
      expect(await command(`energy ${member} 9000`)).toMatch(/= 9000/);
      expect(told('energy-level-member')[0]).toMatchObject({ 'Energy-Level': '9000' });
      const starts = () => told('start-talking').filter((event) => event['Member-ID'] === String(member)).length;
      const before = starts();
      a.rtp.say(sine(600, 1000, 4000), true);
      await sleep(400);
      expect(starts()).toBe(before);
      await command(`energy ${member} 300`);
      await until('talking', () => starts() > before);
    });

    it('lock and pin keep others out; unlock and nopin let them in', async () => {
      const outsider = await connectFarEnd(pair.ms, true);
      const size = () => command('list count');
      expect(await command('pin 1234')).toMatch(/^OK/);
      await Promise.race([outsider.endpoint.execute('conference', NAME), sleep(500)]);
      expect(await size()).toBe('2');
      await command('nopin');
      await command('lock');
      await Promise.race([outsider.endpoint.execute('conference', NAME), sleep(500)]);
      expect(await size()).toBe('2');
      await command('unlock');
      await outsider.endpoint.join(NAME);
      expect(await size()).toBe('3');
      expect(told('lock')).toHaveLength(1);
      expect(told('unlock')).toHaveLength(1);
      await command('kick last');
      expect(await size()).toBe('2');
      await outsider.close();
    });

    it('deaf members hear nothing; a recording starts, stops and is told; the floor is given', async () => {
      await command('deaf last');
      expect(await loudnessAt(b)).toBeLessThan(50);
      await command('undeaf last');
      expect(await loudnessAt(b)).toBeGreaterThan(500);
      const file = join(pair.mediaDir, 'room.wav');
      await command(`record ${file}`);
      await sleep(300);
      await command(`norecord ${file}`);
      await until('the end of the recording', () => told('stop-recording').some((event) => event.Path === file));
      expect(existsSync(file)).toBe(true);
      await command('floor last');
      await until('the floor', () => told('floor-change').length > 0);
    });
  });
});
