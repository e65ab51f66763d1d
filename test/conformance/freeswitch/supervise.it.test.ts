/** Others on the line of two: FreeSWITCH's `eavesdrop` with its keys, `uuid_broadcast`, `uuid_displace` (§B4). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd, type FarEnd, sleep, until } from './far-end.ts';
import { nextEvent, PAIRS, type PairUnderTest, writeWav } from './pair-under-test.ts';

const AGENT_HZ = 500;
const CALLER_HZ = 900;
const SUPERVISOR_HZ = 1500;

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('supervision', () => {
    let pair: PairUnderTest;
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(() => pair.close());

    interface Talk {
      readonly agent: FarEnd;
      readonly caller: FarEnd;
      readonly supervisor: FarEnd;
      end(): Promise<void>;
    }

    /** Agent and caller in talk, a supervisor beside; each says its own tone. */
    async function talk(): Promise<Talk> {
      const agent = await connectFarEnd(pair.ms, true);
      const caller = await connectFarEnd(pair.ms, true);
      const supervisor = await connectFarEnd(pair.ms, true);
      await agent.endpoint.bridge(caller.endpoint);
      agent.rtp.say(sine(AGENT_HZ, 1000), true);
      caller.rtp.say(sine(CALLER_HZ, 1000), true);
      supervisor.rtp.say(sine(SUPERVISOR_HZ, 1000), true);
      const end = async () => {
        for (const far of [supervisor, agent, caller]) {
          far.rtp.stop();
          if (far.endpoint.connected) await far.endpoint.destroy();
        }
      };
      return { agent, caller, supervisor, end };
    }

    /** Waits until exactly these tones are heard. */
    async function hears(what: string, far: FarEnd, ...tones: number[]): Promise<void> {
      const all = [AGENT_HZ, CALLER_HZ, SUPERVISOR_HZ];
      await until(
        `${what}: ${tones.join(', ')}`,
        () => {
          const now = performance.now();
          const heard = far.rtp.heardBetween(now - 300, now);
          return all.every((hz) => (tones.includes(hz) ? toneShare(heard, hz) > 0.15 : toneShare(heard, hz) < 0.05));
        },
        5000,
      );
    }

    it('eavesdrop: hears both, is heard by none; keys whisper, join in and fall silent again', async () => {
      const { agent, caller, supervisor, end } = await talk();
      const listening = supervisor.endpoint.execute('eavesdrop', agent.endpoint.uuid);
      await hears('the supervisor', supervisor, AGENT_HZ, CALLER_HZ);
      await hears('the agent', agent, CALLER_HZ);
      await hears('the caller', caller, AGENT_HZ);
      await supervisor.rtp.sendKey('2');
      await hears('the whispered-to agent', agent, CALLER_HZ, SUPERVISOR_HZ);
      await hears('the caller', caller, AGENT_HZ);
      await supervisor.rtp.sendKey('3');
      await hears('the caller of three', caller, AGENT_HZ, SUPERVISOR_HZ);
      await hears('the agent of three', agent, CALLER_HZ, SUPERVISOR_HZ);
      await hears('the supervisor, not itself', supervisor, AGENT_HZ, CALLER_HZ);
      await supervisor.rtp.sendKey('1');
      await hears('the agent, left out', agent, CALLER_HZ);
      await hears('the spoken-to caller', caller, AGENT_HZ, SUPERVISOR_HZ);
      await supervisor.rtp.sendKey('0');
      await hears('the caller alone', caller, AGENT_HZ);
      await supervisor.endpoint.api('uuid_break', supervisor.endpoint.uuid);
      await listening;
      await hears('the agent afterwards', agent, CALLER_HZ);
      await end();
    });

    it('eavesdrop_whisper_aleg begins by speaking; without keys it stays so', async () => {
      const { agent, caller, supervisor, end } = await talk();
      await supervisor.endpoint.set({ eavesdrop_whisper_aleg: 'true', eavesdrop_enable_dtmf: 'false' });
      void supervisor.endpoint.execute('eavesdrop', agent.endpoint.uuid);
      await hears('the agent', agent, CALLER_HZ, SUPERVISOR_HZ);
      await supervisor.rtp.sendKey('3');
      await sleep(300);
      await hears('the caller', caller, AGENT_HZ);
      await end();
    });

    it('eavesdrop ends with the channel it listens to, and is nothing for one that is not there', async () => {
      const { agent, caller, supervisor, end } = await talk();
      const listening = supervisor.endpoint.execute('eavesdrop', caller.endpoint.uuid);
      await hears('the supervisor', supervisor, AGENT_HZ, CALLER_HZ);
      const gone = nextEvent(agent.endpoint, 'destroy');
      await caller.endpoint.destroy();
      await listening;
      await gone;
      await supervisor.endpoint.execute('eavesdrop', caller.endpoint.uuid);
      expect(supervisor.endpoint.connected).toBe(true);
      await end();
    });

    it('uuid_broadcast: one party hears a file in the middle of the talk, then the talk goes on', async () => {
      const { agent, caller, end } = await talk();
      const file = writeWav(pair, 'announcement.wav', sine(SUPERVISOR_HZ, 1500));
      const stopped = nextEvent(agent.endpoint, 'playback-stop');
      expect(await pair.ms.api(`uuid_broadcast ${agent.endpoint.uuid} ${file} aleg`)).toMatch(/^\+OK/);
      await hears('the agent', agent, SUPERVISOR_HZ);
      await hears('the caller, meanwhile', caller, AGENT_HZ);
      await stopped;
      await hears('the agent afterwards', agent, CALLER_HZ);
      await pair.ms.api(`uuid_broadcast ${agent.endpoint.uuid} tone_stream://%(1500,0,${SUPERVISOR_HZ}) both`);
      await Promise.all([hears('the agent', agent, SUPERVISOR_HZ), hears('the caller', caller, SUPERVISOR_HZ)]);
      expect(await pair.ms.api(`uuid_broadcast no-such-channel ${file}`)).toMatch(/^-ERR/);
      await end();
    });

    it('uuid_displace: a file in place of what a party says, or with it, until it ends or is stopped', async () => {
      const { agent, caller, end } = await talk();
      const file = writeWav(pair, 'displacement.wav', sine(SUPERVISOR_HZ, 1000));
      const displace = (rest: string) => pair.ms.api(`uuid_displace ${agent.endpoint.uuid} ${rest}`);
      expect(await displace(`start ${file}`)).toMatch(/^\+OK/);
      await hears('the caller', caller, SUPERVISOR_HZ);
      await hears('the agent, meanwhile', agent, CALLER_HZ);
      await hears('the caller afterwards', caller, AGENT_HZ);
      await displace('start tone_stream://%(10000,0,1500) mux');
      await hears('the caller of both', caller, AGENT_HZ, SUPERVISOR_HZ);
      await displace(`stop ${file}`);
      await hears('the caller at last', caller, AGENT_HZ);
      expect(await displace('start nowhere.wav')).toMatch(/^-ERR/);
      await end();
    });

    it('a held party hears music: the bridge is taken apart and each hears its own', async () => {
      const { agent, caller, end } = await talk();
      await agent.endpoint.unbridge();
      void caller.endpoint.play('local_stream://moh');
      await until('music', () => {
        const now = performance.now();
        const heard = caller.rtp.heardBetween(now - 300, now);
        return heard.some((sample) => Math.abs(sample) > 500) && toneShare(heard, AGENT_HZ) < 0.5;
      });
      await caller.endpoint.api('uuid_break', caller.endpoint.uuid);
      await agent.endpoint.bridge(caller.endpoint);
      await hears('the caller again', caller, AGENT_HZ);
      await end();
    });
  });
});
