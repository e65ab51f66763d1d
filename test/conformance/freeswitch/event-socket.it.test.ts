/** The event socket on raw connections: wire-protocols §B1, §B2, §B3; and what it must bear. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectFarEnd, sleep, until } from './far-end.ts';
import { PAIRS, type PairUnderTest } from './pair-under-test.ts';

class RawClient {
  readonly socket: Socket;
  text = '';
  closed = false;

  constructor(host: string, port: number) {
    this.socket = connect(port, host);
    this.socket.on('data', (data) => {
      this.text += data;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  async sends(text: string, expected: RegExp): Promise<string> {
    const from = this.text.length;
    this.socket.write(text);
    await until(String(expected), () => expected.test(this.text.slice(from)));
    return this.text.slice(from);
  }
}

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('event socket', () => {
    let pair: PairUnderTest;
    const clients: RawClient[] = [];
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(async () => {
      for (const client of clients) client.socket.destroy();
      await pair.close();
    });

    async function client(): Promise<RawClient> {
      const raw = new RawClient(pair.freeswitch.host, pair.freeswitch.port);
      clients.push(raw);
      await until('auth/request', () => raw.text.includes('Content-Type: auth/request\n\n'));
      await raw.sends(`auth ${pair.freeswitch.secret}\n\n`, /Reply-Text: \+OK accepted/);
      return raw;
    }

    it('B1 commands split anywhere, in one piece, with CRLF', async () => {
      const raw = await client();
      for (const char of 'api sofia status\n\n') {
        raw.socket.write(char);
        await sleep(1);
      }
      await until('the status', () => /drachtio_mrf\s.*sip:mod_sofia@[\d.]+:\d+/.test(raw.text));
      const both = await raw.sends('api uuid_exists x\r\n\r\nfilter A b\n\n', /filter added/);
      expect(both.indexOf('api/response')).toBeLessThan(both.indexOf('filter added'));
    });

    it('B2 events: known names, unknown ones alone, formats', async () => {
      const raw = await client();
      await raw.sends('event json HEARTBEAT\n\n', /\+OK event listener enabled json/);
      await raw.sends('event plain NO_SUCH_EVENT\n\n', /-ERR no keywords supplied/);
      await raw.sends('nonsense\n\n', /-ERR command not found/);
      await raw.sends('api nonsense\n\n', /-ERR/);
    });

    it('B1 bgapi answers with a job, and its result is a BACKGROUND_JOB event', async () => {
      const raw = await client();
      await raw.sends('event json BACKGROUND_JOB\n\n', /enabled json/);
      const text = await raw.sends('bgapi uuid_exists nobody\nJob-UUID: job-1\n\n', /"Job-UUID":"job-1"/);
      expect(text).toMatch(/Reply-Text: \+OK Job-UUID: job-1/);
      const json = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Record<string, string>;
      expect(json._body).toBe('false');
      expect(Object.values(json).every((value) => typeof value === 'string')).toBe(true);
    });

    it('B3 sendmsg from an inbound connection runs on the channel; an unknown one is refused', async () => {
      const raw = await client();
      await raw.sends(
        'sendmsg nobody\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: a=1\n\n',
        /-ERR invalid session id/,
      );
      const far = await connectFarEnd(pair.ms);
      const { uuid } = far.endpoint;
      await raw.sends(`event json CHANNEL_EXECUTE_COMPLETE\n\nfilter Unique-ID ${uuid}\n\n`, /filter added/);
      const text = await raw.sends(
        `sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: a=1\nEvent-UUID: my-id\n\n`,
        /"Application-UUID":"my-id"/,
      );
      expect(text).toMatch(/"variable_a":"1"/);
      await far.close();
    });

    it('B3 the notice at the end: CALLSTATE HANGUP, completion first, then disconnect', async () => {
      const far = await connectFarEnd(pair.ms);
      const raw = await client();
      await raw.sends(
        `event json CHANNEL_EXECUTE_COMPLETE CHANNEL_CALLSTATE\n\nfilter Unique-ID ${far.endpoint.uuid}\n\n`,
        /filter added/,
      );
      const playing = far.endpoint.play('tone_stream://%(5000,0,440)');
      await sleep(100);
      const from = raw.text.length;
      await far.endpoint.destroy();
      await playing;
      await until('hang-up', () => raw.text.slice(from).includes('"Channel-Call-State":"HANGUP"'));
      const text = raw.text.slice(from);
      expect(text.indexOf('"Application":"playback"')).toBeGreaterThan(-1);
      expect(text.indexOf('"Application":"playback"')).toBeLessThan(text.indexOf('CHANNEL_CALLSTATE'));
      far.rtp.stop();
    });

    it.skipIf(!PAIRS[1]!.skip)(
      'bears noise, half-open connections and endless commands; what runs goes on',
      async () => {
        const far = await connectFarEnd(pair.ms);
        const playing = far.endpoint.play('tone_stream://%(2500,0,440)');
        const { host, port } = pair.freeswitch;
        for (let i = 0; i < 40; i++) clients.push(new RawClient(host, port));
        for (const raw of clients.slice(-40)) raw.socket.write(randomBytes(3000));
        const endless = new RawClient(host, port);
        clients.push(endless);
        endless.socket.write(`auth ${'x'.repeat(200_000)}`);
        await until('the endless one is cut off', () => endless.closed);
        const result = await playing;
        expect(Number(result.playbackMilliseconds)).toBe(2500);
        const gaps = far.rtp.arrivals.slice(1).map((arrival, i) => arrival.atMs - far.rtp.arrivals[i]!.atMs);
        expect(Math.max(...gaps)).toBeLessThan(250);
        await far.close();
      },
    );

    it('leaves nothing behind: forty calls, all counters back to zero', async (context) => {
      if (pair.real) context.skip('about the softswitch itself');
      const { media } = pair;
      for (let round = 0; round < 4; round++) {
        const fars = await Promise.all(Array.from({ length: 10 }, () => connectFarEnd(pair.ms, true)));
        await fars[0]!.endpoint.bridge(fars[1]!.endpoint);
        await fars[2]!.endpoint.join(`left-${round}`);
        void fars[3]!.endpoint.play('tone_stream://%(5000,0,440)');
        void fars[4]!.endpoint.playCollect({ file: 'silence_stream://5000', min: 1, max: 1 });
        void fars[5]!.endpoint.record(`${pair.mediaDir}/left-${round}.wav`);
        await sleep(50);
        await Promise.all(fars.map((far, i) => (i % 2 === 0 ? far.close() : far.endpoint.dialog.destroy())));
        for (const far of fars) far.rtp.stop();
      }
      await until('no channels', () => media!.counts().channels === 0);
      expect(media!.counts()).toMatchObject({ channels: 0, dialogs: 0, ports: 0 });
      expect(media!.core.conferences.size).toBe(0);
      expect(media!.core.clock.busy()).toBe(false);
    });
  });
});
