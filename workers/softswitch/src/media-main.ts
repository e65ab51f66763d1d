/** Process of the embedded media server: settings from the environment, one log line when ready, clean stop on SIGTERM. */

import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { isIPv4 } from 'node:net';
import { pino } from 'pino';
import { SoftswitchMediaError } from './media/errors.ts';
import { type MediaServer, type MediaServerOptions, startMediaServer } from './media/media-server.ts';
import { type MediaMetrics, mediaMetrics } from './media/metrics.ts';
import { raisePriority } from './media/priority.ts';

const DEFAULT_SIP_PORT = 5080;
const DEFAULT_RTP_PORTS = '20000-29999';
const DEFAULT_MAX_CALLS = 1000;

interface Settings extends Omit<MediaServerOptions, 'observeLateness'> {
  readonly metricsPort: number;
  readonly logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new SoftswitchMediaError('MED_BAD_SETTING', `${name} is not set`);
  return value;
}

function number(env: Environment, name: string, fallback: number, highest: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > highest)
    throw new SoftswitchMediaError('MED_BAD_SETTING', `${name}=${text}`);
  return value;
}

function readSettings(env: Environment): Settings {
  const listen = /^(.+):(\d{1,5})$/.exec(required(env, 'FREESWITCH_HOST'));
  if (!listen || Number(listen[2]) > 65535)
    throw new SoftswitchMediaError('MED_BAD_SETTING', 'FREESWITCH_HOST must be host:port');
  const bind = env.CALLWRIGHT_BIND || '127.0.0.1';
  const publicAddress = env.CALLWRIGHT_PUBLIC_ADDRESS || bind;
  if (publicAddress === '0.0.0.0') {
    throw new SoftswitchMediaError(
      'MED_BAD_SETTING',
      'CALLWRIGHT_PUBLIC_ADDRESS must name an address when CALLWRIGHT_BIND is 0.0.0.0',
    );
  }
  const mediaDir = required(env, 'CALLWRIGHT_MEDIA_DIR');
  const eslHost = (listen[1] as string).replace(/^\[|\]$/g, '');
  return {
    eslHost,
    // SIP between the two servers is control, like the event socket: it is as private as that.
    sipHost: isIPv4(eslHost) ? eslHost : '127.0.0.1',
    eslPort: Number(listen[2]),
    secret: required(env, 'FREESWITCH_SECRET'),
    bind,
    publicAddress,
    sipPort: number(env, 'CALLWRIGHT_MEDIA_SIP_PORT', DEFAULT_SIP_PORT, 65535),
    rtpPorts: env.CALLWRIGHT_RTP_PORTS || DEFAULT_RTP_PORTS,
    mediaDir,
    // Each call has a channel for each of its parties, and music or announcements may need more.
    maxChannels: number(env, 'CALLWRIGHT_MAX_CALLS', DEFAULT_MAX_CALLS, 100_000) * 4,
    metricsPort: number(env, 'CALLWRIGHT_METRICS_PORT', 0, 65535),
    logLevel: env.CALLWRIGHT_LOG_LEVEL || 'info',
  };
}

function serveMetrics(metrics: MediaMetrics, host: string, port: number): void {
  const server = createServer((_request, response) => {
    void metrics.render().then((text) => {
      response.setHeader('content-type', metrics.contentType);
      response.end(text);
    });
  });
  server.on('error', (error) =>
    fail(new SoftswitchMediaError('MED_LISTEN', `metrics ${host}:${port} (${error.message})`)),
  );
  server.listen(port, host);
  server.unref();
}

function fail(error: unknown): never {
  process.stderr.write(`media server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const priority = raisePriority();
  const log = pino({ level: settings.logLevel, base: { role: 'media' } });
  mkdirSync(settings.mediaDir, { recursive: true });
  let server: MediaServer | null = null;
  const metrics = mediaMetrics(() => server);
  server = await startMediaServer({ ...settings, observeLateness: metrics.observeLateness });
  if (settings.metricsPort > 0) serveMetrics(metrics, settings.bind, settings.metricsPort);
  log.info(
    { eslPort: server.eslPort, sipPort: server.sipPort, rtpPorts: settings.rtpPorts, priority },
    'media server ready',
  );
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void server?.close().then(() => {
        log.info('media server stopped');
        process.exit(0);
      });
    });
  }
}

main().catch(fail);
