/** Settings of an io worker, from the environment. */
import { CALLS_QUEUE } from '@callwright/contract';
import { type TemporalAddress, temporalFromEnvironment } from '@callwright/contract/codec';
import { type AllowedUrl, allowedUrls } from './url-guard.ts';

export interface IoSettings {
  readonly temporal: TemporalAddress;
  readonly databaseUrl: string;
  readonly keyFile: string;
  readonly callsQueue: string;
  readonly allowed: readonly AllowedUrl[];
  /** Where recordings lie, which mails carry; null = they go without. */
  readonly mediaDir: string | null;
  /** 0 = no metrics. */
  readonly metricsPort: number;
  readonly bind: string;
  readonly logLevel: string;
}

/** Reads and checks them; throws one plain sentence naming the first variable that is wrong. */
export function ioSettings(environment: NodeJS.ProcessEnv): IoSettings {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`${name} must be set.`);
    return value;
  };
  const metricsPort = Number(environment.CALLWRIGHT_METRICS_PORT || 0);
  if (!Number.isInteger(metricsPort) || metricsPort < 0 || metricsPort > 65_535) {
    throw new Error('CALLWRIGHT_METRICS_PORT must be a port number.');
  }
  return {
    temporal: temporalFromEnvironment(environment),
    databaseUrl: required('DATABASE_URL'),
    keyFile: required('CALLWRIGHT_SECRET_KEY_FILE'),
    callsQueue: CALLS_QUEUE + (environment.CALLWRIGHT_QUEUE_SUFFIX ?? ''),
    allowed: [...allowedUrls(environment.CALLWRIGHT_ALLOW_URLS), ...ownReceivers(environment)],
    mediaDir: environment.CALLWRIGHT_MEDIA_DIR || null,
    metricsPort,
    bind: environment.CALLWRIGHT_BIND || '127.0.0.1',
    logLevel: environment.CALLWRIGHT_LOG_LEVEL || 'info',
  };
}

/**
 * Receivers of our own, by which a partner tries his contract, are called by their address like any other, under each name that the api
 * has on this machine. They open to who knows a key and do nothing.
 */
function ownReceivers(environment: NodeJS.ProcessEnv): AllowedUrl[] {
  const { CALLWRIGHT_HTTP_PORT: port, CALLWRIGHT_BIND: bind, CALLWRIGHT_PUBLIC_ADDRESS: address } = environment;
  if (!port) return [];
  const hosts = ['localhost', '127.0.0.1', '::1', bind, address].flatMap((host) => host || []);
  return [...new Set(hosts)].flatMap((host) => {
    const url = URL.parse(`http://${host.includes(':') ? `[${host}]` : host}:${port}/partners/`);
    return url ? [{ origin: url.origin, path: url.pathname }] : [];
  });
}
