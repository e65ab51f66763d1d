/** Protected sound and other codecs with an independent phone, both ways: wire-protocols §B5 over SDES, DTLS-SRTP, ICE, G.722 and Opus. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { decodeWav } from '@callwright/speech';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { skipWithout } from '../../clients/available.ts';
import { Baresip, type BaresipOptions } from '../../clients/baresip.ts';
import { sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd } from './far-end.ts';
import type { Endpoint } from './fsmrf-types.ts';
import { type AppRequest, PAIRS, type PairUnderTest } from './pair-under-test.ts';

/** A port nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const PHONE_HZ = 700;
const OUR_HZ = 500;

interface Kind extends Pick<BaresipOptions, 'transport' | 'mediaEncryption' | 'ice' | 'codecs'> {
  readonly name: string;
  /** Of the stream in our description. */
  readonly stream: RegExp;
}

const KINDS: readonly Kind[] = [
  { name: 'TLS, keys in SDP', transport: 'tls', mediaEncryption: 'srtp-mand', stream: /RTP\/SAVP 0 [\s\S]*a=crypto:/ },
  { name: 'TLS, DTLS-SRTP', transport: 'tls', mediaEncryption: 'dtls_srtp', stream: /UDP\/TLS\/RTP\/SAVPF? 0 / },
  {
    name: 'DTLS-SRTP with ICE and Opus',
    transport: 'tls',
    mediaEncryption: 'dtls_srtp',
    ice: true,
    codecs: ['opus'],
    stream: /a=ice-lite[\s\S]*UDP\/TLS\/RTP\/SAVPF? \d+[\s\S]*a=candidate:/,
  },
  { name: 'G.722', codecs: ['G722'], stream: /RTP\/AVP 9 / },
  { name: 'Opus', codecs: ['opus'], stream: /RTP\/AVP [\s\S]*opus\/48000\/2/ },
];

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('protected sound', () => {
    let pair: PairUnderTest;
    let number = 0;
    let registered: ((req: AppRequest) => void) | undefined;
    let invited: ((endpoint: Promise<Endpoint>) => void) | undefined;
    beforeEach((context) => {
      skipWithout(context, 'baresip');
      if (pair.real) context.skip('a phone must register with the application of this test');
    });
    beforeAll(async () => {
      pair = await start();
      pair.srf.register((req, res) => {
        res.send(200, { headers: { Contact: `${req.get('contact')};expires=60` } });
        registered?.(req);
      });
      pair.srf.invite((req, res) => {
        invited?.(pair.ms.connectCaller(req, res).then(({ endpoint }) => endpoint));
      });
    });
    afterAll(() => pair.close());

    async function phone(kind: Kind): Promise<{ phone: Baresip; contact: AppRequest; dir: string; port: number }> {
      const dir = join(pair.mediaDir, `phone-${number++}`);
      const contact = new Promise<AppRequest>((resolve) => {
        registered = resolve;
      });
      const port = kind.transport === 'tls' ? pair.sip!.sipsPort! : pair.sip!.sipPort;
      const one = await Baresip.start({
        dir,
        sipPort: port,
        username: 'bob',
        password: 'x',
        controlPort: await freePort(),
        answer: 'auto',
        toneHz: PHONE_HZ,
        ...kind,
      });
      return { phone: one, contact: await contact, dir, port };
    }

    /** Plays a tone while what the phone says is recorded; both must be heard. */
    async function talk(endpoint: Endpoint, one: Baresip): Promise<void> {
      const file = join(pair.mediaDir, `heard-${number++}.wav`);
      await endpoint.recordSession(file);
      await endpoint.play(`tone_stream://%(2000,0,${OUR_HZ})`);
      await endpoint.api('uuid_record', [endpoint.uuid, 'stop', file]);
      const heard = decodeWav(await readFile(file)).samples;
      const middle = heard.subarray(-8000, -1600);
      // both at once: half of the energy is the other's
      expect(toneShare(middle, PHONE_HZ)).toBeGreaterThan(0.2);
      await one.stop();
      const [recording] = await one.recordings();
      const { samples, sampleRateHz } = decodeWav(await readFile(recording!));
      const last = samples.subarray(-1.2 * sampleRateHz, -0.5 * sampleRateHz);
      expect(toneShare(last, OUR_HZ, sampleRateHz)).toBeGreaterThan(0.8);
    }

    it.for(KINDS)('B5 a caller with $name', async (kind) => {
      const { phone: one, port } = await phone(kind);
      const connected = new Promise<Endpoint>((resolve, reject) => {
        invited = (endpoint) => endpoint.then(resolve, reject);
      });
      one.dial(`sip:service@127.0.0.1:${port}${kind.transport === 'tls' ? ';transport=tls' : ''}`);
      const endpoint = await connected;
      expect(endpoint.local.sdp).toMatch(kind.stream);
      await one.waitFor((event) => event.type === 'CALL_ESTABLISHED', 10_000, 'answered call');
      await talk(endpoint, one);
      if (endpoint.connected) await endpoint.destroy();
    });

    it.for([KINDS[2]!, KINDS[3]!])(
      'B4 a bridge between $name and G.711: each hears the other, keys pass',
      async (kind) => {
        const { phone: one, port } = await phone(kind);
        const connected = new Promise<Endpoint>((resolve, reject) => {
          invited = (endpoint) => endpoint.then(resolve, reject);
        });
        one.dial(`sip:service@127.0.0.1:${port}${kind.transport === 'tls' ? ';transport=tls' : ''}`);
        const endpoint = await connected;
        await one.waitFor((event) => event.type === 'CALL_ESTABLISHED', 10_000, 'answered call');
        const far = await connectFarEnd(pair.ms, true);
        await endpoint.bridge(far.endpoint);
        far.rtp.say(sine(OUR_HZ, 1000), true);
        const share = () => {
          const now = performance.now();
          return toneShare(far.rtp.heardBetween(now - 500, now), PHONE_HZ);
        };
        await expect.poll(share, { timeout: 10_000 }).toBeGreaterThan(0.8);
        one.press('7');
        await expect.poll(() => far.rtp.receivedKeys, { timeout: 10_000 }).toContain('7');
        await endpoint.unbridge();
        await far.close();
        await talk(endpoint, one);
        if (endpoint.connected) await endpoint.destroy();
      },
    );

    it.for(KINDS)('B5 a called phone with $name', async (kind) => {
      const { phone: one, contact } = await phone(kind);
      const dtls = kind.mediaEncryption === 'dtls_srtp';
      const headers: Record<string, string> = dtls ? { 'X-WebRTC-Media': 'true' } : {};
      const endpoint = await pair.ms.createEndpoint({ headers, srtp: kind.mediaEncryption === 'srtp-mand' });
      const hop = `sip:${contact.source_address}:${contact.source_port};transport=${contact.protocol}`;
      const target = /<([^>]+)>/.exec(contact.get('contact'))![1]!;
      // the application shows the phone the one stream that it takes
      const [head = '', ...streams] = endpoint.local.sdp.split(/(?=^m=)/m);
      const shown = streams.find((stream) => (dtls ? /UDP\/TLS/ : kind.mediaEncryption ? /SAVP/ : /AVP/).test(stream));
      const dialog = await pair.srf.createUAC(target, { proxy: hop, localSdp: head + shown! });
      const answered = await endpoint.modify(dialog.remote.sdp);
      expect(answered ?? endpoint.local.sdp).toBeTruthy();
      await talk(endpoint, one);
      await endpoint.destroy();
    });
  });
});
