/** The SIP server's process: reads its environment, runs until SIGTERM or SIGINT. */
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { pino } from 'pino';
import { metricsText } from './drachtio/metrics.ts';
import { type SipServer, type SipServerOptions, startSipServer } from './drachtio/server.ts';
import { type SecureTransports, type SipTimers, STANDARD_TIMERS } from './sip/index.ts';
import { ownCertificate, readCertificate } from './tls-certificate.ts';

/** 5066 beside 5060, as FreeSWITCH has it. */
const WS_PORT_OFFSET = 6;

const log = pino({ name: 'sip', level: process.env.CALLWRIGHT_LOG_LEVEL ?? 'info' });

/** Ends the process with one sentence the reader can act on. */
function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function port(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) fail(`${name} must be a port number, not "${text}".`);
  return value;
}

function listenAddress(name: string): { host: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(process.env[name] ?? '');
  if (!match || Number(match[2]) > 65_535) fail(`${name} must be host:port, the address applications connect to.`);
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

/** The address others reach us at: as configured, else the bound one, else the first that is not loopback. */
function publicAddress(bind: string): string {
  const configured = process.env.CALLWRIGHT_PUBLIC_ADDRESS;
  if (configured) return configured;
  if (bind !== '0.0.0.0' && bind !== '::') return bind;
  const family = bind === '::' ? 'IPv6' : 'IPv4';
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === family);
  return outside?.address ?? '127.0.0.1';
}

/** Certificate files come in pairs; without them one is made and kept in the data directory, without that there is no TLS. */
async function secureTransports(sipPort: number, host: string): Promise<SecureTransports | undefined> {
  const { CALLWRIGHT_TLS_CERT: certFile, CALLWRIGHT_TLS_KEY: keyFile, CALLWRIGHT_DATA_DIR: dataDir } = process.env;
  if (Boolean(certFile) !== Boolean(keyFile)) fail('Set both CALLWRIGHT_TLS_CERT and CALLWRIGHT_TLS_KEY, or neither.');
  const verify = process.env.CALLWRIGHT_TLS_VERIFY === '1';
  const ports = {
    tlsPort: port('CALLWRIGHT_SIPS_PORT', sipPort === 0 ? 0 : sipPort + 1),
    wsPort: port('CALLWRIGHT_WS_PORT', sipPort === 0 ? 0 : sipPort + WS_PORT_OFFSET),
  };
  if (certFile && keyFile) {
    try {
      return { ...readCertificate(certFile, keyFile), verify, ...ports };
    } catch (error) {
      fail(`CALLWRIGHT_TLS_CERT or CALLWRIGHT_TLS_KEY cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
    }
  }
  return dataDir ? { ...(await ownCertificate(dataDir, host)), verify, ...ports } : undefined;
}

async function readOptions(): Promise<SipServerOptions> {
  const bind = process.env.CALLWRIGHT_BIND || '127.0.0.1';
  const secret = process.env.DRACHTIO_SECRET;
  if (!secret) fail('DRACHTIO_SECRET must be set: applications authenticate with it.');
  const app = listenAddress('DRACHTIO_HOST');
  const sipPort = port('CALLWRIGHT_SIP_PORT', 5060);
  const onBug = (err: unknown): void => log.error({ err }, 'a message made the server throw');
  const address = publicAddress(bind);
  const secure = await secureTransports(sipPort, address);
  return {
    bind,
    sipPort,
    secure,
    publicAddress: address,
    appHost: app.host,
    appPort: app.port,
    secret,
    onBug,
    timers: timers(),
  };
}

/** T1 and what follows from it (RFC 3261 table 4): shorter than the standard's only in networks that are quicker than the internet. */
function timers(): SipTimers {
  const text = process.env.CALLWRIGHT_SIP_T1_MS;
  if (!text) return STANDARD_TIMERS;
  const t1Ms = Number(text);
  if (!/^[0-9]+$/.test(text) || t1Ms < 50 || t1Ms > 5000) fail('CALLWRIGHT_SIP_T1_MS must be 50 to 5000.');
  return { t1Ms, t2Ms: 8 * t1Ms, t4Ms: 10 * t1Ms };
}

function serveMetrics(server: SipServer, bind: string): Server | undefined {
  const metricsPort = port('CALLWRIGHT_METRICS_PORT', 0);
  if (metricsPort === 0) return undefined;
  const http = createServer((request, response) => {
    const known = request.method === 'GET' && request.url === '/metrics';
    response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(known ? metricsText(server.counts()) : '');
  });
  http.on('error', () => fail(`Port ${metricsPort} (CALLWRIGHT_METRICS_PORT) is taken.`));
  return http.listen(metricsPort, bind);
}

const options = await readOptions();
const server = await startSipServer(options).catch((error: NodeJS.ErrnoException) => {
  const { bind, sipPort, secure, appHost, appPort } = options;
  const secured = secure ? `, ${secure.tlsPort} (CALLWRIGHT_SIPS_PORT), ${secure.wsPort} (CALLWRIGHT_WS_PORT)` : '';
  const which = `SIP ${bind}:${sipPort} (CALLWRIGHT_SIP_PORT)${secured} or ${appHost}:${appPort} (DRACHTIO_HOST)`;
  if (error.code === 'EADDRINUSE') fail(`A port is taken: ${which}.`);
  fail(`The SIP server cannot listen on ${which}: ${error.code ?? error.message}.`);
});
const metrics = serveMetrics(server, options.bind);
log.info(
  {
    sipPort: server.sipPort,
    sipsPort: server.sipsPort,
    wsPort: server.wsPort,
    appPort: server.appPort,
    bind: options.bind,
  },
  'ready',
);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  metrics?.close();
  await server.close();
  log.info('stopped');
  process.exit(0);
}
process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection'));
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
