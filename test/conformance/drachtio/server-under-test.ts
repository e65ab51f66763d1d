/**
 * The servers the suite runs against: the softswitch always; the real drachtio-server when DRACHTIO_HOST and DRACHTIO_SECRET are set
 * (host:port, on this machine or one that can reach it).
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SipServer, type SipServerCounts, startSipServer } from '@callwright/softswitch';
import { generate } from 'selfsigned';

export interface ServerUnderTest {
  readonly name: string;
  readonly real: boolean;
  readonly appHost: string;
  readonly appPort: number;
  readonly secret: string;
  readonly sipHost: string;
  readonly sipPort: number;
  /** Ports of SIP over TLS and over WebSocket; undefined where the real one is configured without. */
  readonly sipsPort: number | undefined;
  readonly wsPort: number | undefined;
  readonly wssPort: number | undefined;
  /** Its T1; 64*T1 is when it gives up. */
  readonly t1Ms: number;
  /** Undefined for the real one. */
  counts(): SipServerCounts | undefined;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const SECRET = 'conformance';
export const SOFTSWITCH_TIMERS = { t1Ms: 40, t2Ms: 160, t4Ms: 100 };

async function softswitch(): Promise<ServerUnderTest> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: HOST }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const server: SipServer = await startSipServer({
    bind: HOST,
    sipPort: 0,
    secure: { cert, key, verify: false, tlsPort: 0, wsPort: 0 },
    publicAddress: HOST,
    appHost: HOST,
    appPort: 0,
    secret: SECRET,
    timers: SOFTSWITCH_TIMERS,
    times: { pendingMs: 2_000 },
  });
  return {
    name: 'softswitch',
    real: false,
    appHost: HOST,
    appPort: server.appPort,
    secret: SECRET,
    sipHost: HOST,
    sipPort: server.sipPort,
    sipsPort: server.sipsPort,
    wsPort: server.wsPort,
    wssPort: server.wsPort,
    t1Ms: SOFTSWITCH_TIMERS.t1Ms,
    counts: () => server.counts(),
    close: () => server.close(),
  };
}

async function realServer(): Promise<ServerUnderTest> {
  const [appHost = '', appPort = ''] = process.env.DRACHTIO_HOST!.split(':');
  const secret = process.env.DRACHTIO_SECRET!;
  const socket = connect(Number(appPort), appHost);
  const message = `probe|authenticate|${secret}|`;
  socket.write(`${message.length}#${message}`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const udp = /udp\/([0-9.]+):(\d+)/.exec(answer.toString());
  if (!udp) throw new Error('DRACHTIO_HOST did not name its SIP address: is DRACHTIO_SECRET right?');
  const portOf = (protocol: string): number | undefined => {
    const found = new RegExp(`\\b${protocol}/[0-9.]+:(\\d+)`).exec(answer.toString())?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const secure = { sipsPort: portOf('tls'), wsPort: portOf('ws'), wssPort: portOf('wss') };
  const address = { appHost, appPort: Number(appPort), secret, sipHost: udp[1]!, sipPort: Number(udp[2]) };
  return {
    name: 'drachtio-server',
    real: true,
    ...address,
    ...secure,
    t1Ms: 500,
    counts: () => undefined,
    close: async () => {},
  };
}

/** Waits until the server has seen its applications go. */
export async function appsGone(server: ServerUnderTest | undefined): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    await sleep(10);
    const apps = server?.counts()?.apps;
    if (apps === 0 || (apps === undefined && tries > 10)) return;
  }
}

const hasReal = Boolean(process.env.DRACHTIO_HOST && process.env.DRACHTIO_SECRET);

/** Each server with how to start it, for `describe.each`. */
export const SERVERS: readonly { readonly name: string; readonly skip: boolean; start(): Promise<ServerUnderTest> }[] =
  [
    { name: 'softswitch', skip: false, start: softswitch },
    {
      name: hasReal ? 'drachtio-server' : 'drachtio-server (skipped: DRACHTIO_HOST and DRACHTIO_SECRET are not set)',
      skip: !hasReal,
      start: realServer,
    },
  ];
