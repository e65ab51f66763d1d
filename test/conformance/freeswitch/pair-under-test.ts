/**
 * The pair the suite runs against: the softswitch's two servers always; a real drachtio-server and FreeSWITCH when DRACHTIO_HOST,
 * DRACHTIO_SECRET, FREESWITCH_HOST and FREESWITCH_SECRET are set (host:port). The real pair must see the same files under
 * CALLWRIGHT_MEDIA_DIR, and send RTP to this machine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MediaServer, type SipServer, startMediaServer, startSipServer } from '@callwright/softswitch';
import { generate } from 'selfsigned';
import type { Endpoint, MediaServer as MrfServer } from './fsmrf-types.ts';

const require = createRequire(import.meta.url);

/** What the suite asks of drachtio-srf. */
export interface AppSrf {
  disconnect(): void;
  register(handler: (req: AppRequest, res: AppResponse) => void): void;
  invite(handler: (req: AppRequest, res: AppResponse) => void): void;
  createUAC(uri: string, options: object): Promise<AppDialog>;
}

export interface AppRequest {
  readonly body: string;
  readonly protocol: string;
  readonly source_address: string;
  readonly source_port: string | number;
  get(name: string): string;
}

export interface AppResponse {
  send(status: number, options?: object): void;
}

export interface AppDialog {
  readonly remote: { readonly sdp: string };
  destroy(): Promise<unknown>;
}

export interface PairUnderTest {
  readonly real: boolean;
  readonly ms: MrfServer;
  readonly srf: AppSrf;
  readonly mediaDir: string;
  readonly freeswitch: { host: string; port: number; secret: string };
  /** Our own servers; undefined for real ones. */
  readonly media: MediaServer | undefined;
  readonly sip: SipServer | undefined;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const SECRET = 'conformance';

interface Addresses {
  readonly drachtio: { host: string; port: number; secret: string };
  readonly freeswitch: { host: string; port: number; secret: string };
}

function split(name: string): { host: string; port: number } {
  const [host = '', port = ''] = (process.env[name] ?? '').split(':');
  return { host, port: Number(port) };
}

/** Connects an application with drachtio-srf and drachtio-fsmrf, as telephony does. */
async function connectApp(addresses: Addresses): Promise<{ srf: PairUnderTest['srf']; ms: MrfServer }> {
  const Srf = require('drachtio-srf');
  const Mrf = require('drachtio-fsmrf');
  const srf = new Srf();
  srf.connect(addresses.drachtio);
  await new Promise<void>((resolve, reject) => {
    srf.on('connect', (error: Error | null) => (error ? reject(error) : resolve()));
    srf.on('error', reject);
  });
  const { host: address, port, secret } = addresses.freeswitch;
  const ms: MrfServer = await new Mrf(srf).connect({
    address,
    port,
    secret,
    listenAddress: HOST,
    advertisedAddress: HOST,
  });
  return { srf, ms };
}

async function generated(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: HOST }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  return { cert, key };
}

async function softswitchPair(): Promise<PairUnderTest> {
  const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-media-'));
  const sip: SipServer = await startSipServer({
    bind: HOST,
    sipPort: 0,
    secure: { ...(await generated()), verify: false, tlsPort: 0, wsPort: 0 },
    publicAddress: HOST,
    appHost: HOST,
    appPort: 0,
    secret: SECRET,
  });
  const firstPort = 30_000 + Math.floor(Math.random() * 14_000) * 2;
  const media = await startMediaServer({
    eslHost: HOST,
    eslPort: 0,
    secret: SECRET,
    bind: HOST,
    sipHost: HOST,
    sipPort: 0,
    publicAddress: HOST,
    rtpPorts: `${firstPort}-${firstPort + 1999}`,
    mediaDir,
    maxChannels: 100,
    observeLateness: () => undefined,
  });
  const freeswitch = { host: HOST, port: media.eslPort, secret: SECRET };
  const app = await connectApp({ drachtio: { host: HOST, port: sip.appPort, secret: SECRET }, freeswitch });
  return {
    real: false,
    ...app,
    mediaDir,
    freeswitch,
    media,
    sip,
    close: async () => {
      app.ms.disconnect();
      app.srf.disconnect();
      await media.close();
      await sip.close();
      rmSync(mediaDir, { recursive: true, force: true });
    },
  };
}

async function realPair(): Promise<PairUnderTest> {
  const drachtio = { ...split('DRACHTIO_HOST'), secret: process.env.DRACHTIO_SECRET ?? '' };
  const freeswitch = { ...split('FREESWITCH_HOST'), secret: process.env.FREESWITCH_SECRET ?? '' };
  const app = await connectApp({ drachtio, freeswitch });
  const mediaDir = mkdtempSync(join(process.env.CALLWRIGHT_MEDIA_DIR ?? tmpdir(), 'conformance-'));
  return {
    real: true,
    ...app,
    mediaDir,
    freeswitch,
    media: undefined,
    sip: undefined,
    close: async () => {
      app.ms.disconnect();
      app.srf.disconnect();
      rmSync(mediaDir, { recursive: true, force: true });
    },
  };
}

const REAL_VARIABLES = ['DRACHTIO_HOST', 'DRACHTIO_SECRET', 'FREESWITCH_HOST', 'FREESWITCH_SECRET'];
const missing = REAL_VARIABLES.filter((name) => !process.env[name]);

/** Each pair with how to start it, for `describe.for`. */
export const PAIRS: readonly { readonly name: string; readonly skip: boolean; start(): Promise<PairUnderTest> }[] = [
  { name: 'softswitch', skip: false, start: softswitchPair },
  {
    name: missing.length > 0 ? `real pair (skipped: not set: ${missing.join(', ')})` : 'real pair',
    skip: missing.length > 0,
    start: realPair,
  },
];

/** Writes a PCM 16 bit mono WAV file into the pair's media directory and answers its full path. */
export function writeWav(pair: PairUnderTest, name: string, samples: Int16Array, rate = 8000): string {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  const path = join(pair.mediaDir, name);
  writeFileSync(path, Buffer.concat([header, data]));
  return path;
}

/** The event of one kind, or a failure after `ms`. */
export function nextEvent<T>(endpoint: Endpoint, name: string, ms = 3000): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} within ${ms} ms`)), ms);
    endpoint.once(name, (value: T) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
