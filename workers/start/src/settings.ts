/** What the start command reads from the environment; everything has a default. */
import { isAbsolute, join, resolve } from 'node:path';
import { StartError } from './errors.ts';

/** Ports that the user may fix, and the variable that fixes each. */
export const PORT_VARIABLES = {
  http: 'CALLWRIGHT_HTTP_PORT',
  sip: 'CALLWRIGHT_SIP_PORT',
  sips: 'CALLWRIGHT_SIPS_PORT',
  ws: 'CALLWRIGHT_WS_PORT',
  mediaSip: 'CALLWRIGHT_MEDIA_SIP_PORT',
  drachtio: 'CALLWRIGHT_DRACHTIO_PORT',
  esl: 'CALLWRIGHT_ESL_PORT',
  postgres: 'CALLWRIGHT_PG_PORT',
  temporal: 'CALLWRIGHT_TEMPORAL_PORT',
  metrics: 'CALLWRIGHT_METRICS_PORT',
} as const;

export type FixedPort = keyof typeof PORT_VARIABLES;

export interface OutsideServer {
  /** host:port */
  readonly host: string;
  readonly secret: string;
}

export interface Settings {
  /** Absolute; holds all state of the installation. */
  readonly dataDir: string;
  readonly mediaDir: string;
  readonly secretKeyFile: string;
  readonly bind: string;
  readonly publicAddress: string;
  readonly namespace: string;
  readonly instanceName: string;
  /** Ports the environment fixes; the others are chosen and kept. */
  readonly ports: Partial<Record<FixedPort, number>>;
  /** `from-to`, both included. */
  readonly rtpPorts: string;
  /** Servers that run elsewhere and are not started here. */
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
  readonly drachtio?: OutsideServer;
  readonly freeswitch?: OutsideServer;
  /** Passed on to every process. */
  readonly env: NodeJS.ProcessEnv;
}

const DEFAULT_PORTS: Partial<Record<FixedPort, number>> = { http: 8080, sip: 5060 };
const DEFAULT_RTP_PORTS = '20000-29999';

/** Reads and checks the settings. Throws `STA_BAD_SETTING` naming the variable. `root` is the checkout. */
export function readSettings(env: NodeJS.ProcessEnv, root: string): Settings {
  const dataDir = absolute(env.CALLWRIGHT_DATA_DIR || '.data', root);
  const bind = env.CALLWRIGHT_BIND || '127.0.0.1';
  return {
    dataDir,
    mediaDir: absolute(env.CALLWRIGHT_MEDIA_DIR || join(dataDir, 'media'), root),
    secretKeyFile: absolute(env.CALLWRIGHT_SECRET_KEY_FILE || join(dataDir, 'secret.key'), root),
    bind,
    publicAddress: env.CALLWRIGHT_PUBLIC_ADDRESS || (isEveryAddress(bind) ? '127.0.0.1' : bind),
    namespace: env.TEMPORAL_NAMESPACE || 'default',
    instanceName: instanceName(env),
    ports: readPorts(env),
    rtpPorts: rtpPorts(env.CALLWRIGHT_RTP_PORTS || DEFAULT_RTP_PORTS),
    databaseUrl: databaseUrl(env.DATABASE_URL),
    temporalAddress: address('TEMPORAL_ADDRESS', env.TEMPORAL_ADDRESS),
    drachtio: outside('DRACHTIO', env),
    freeswitch: outside('FREESWITCH', env),
    env,
  };
}

const absolute = (path: string, root: string) => (isAbsolute(path) ? path : resolve(root, path));

const isEveryAddress = (bind: string) => bind === '0.0.0.0' || bind === '::';

function bad(variable: string, wanted: string, value: string): StartError {
  return new StartError('STA_BAD_SETTING', `${variable} must be ${wanted}, not "${value}".`);
}

function instanceName(env: NodeJS.ProcessEnv): string {
  const name = env.CALLWRIGHT_INSTANCE_NAME || 'local';
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name))
    throw bad('CALLWRIGHT_INSTANCE_NAME', 'lower-case letters, digits and dashes', name);
  return name;
}

function readPorts(env: NodeJS.ProcessEnv): Settings['ports'] {
  const ports: Partial<Record<FixedPort, number>> = { ...DEFAULT_PORTS };
  for (const [name, variable] of Object.entries(PORT_VARIABLES) as [FixedPort, string][]) {
    const text = env[variable];
    if (!text) continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw bad(variable, 'a port from 1 to 65535', text);
    ports[name] = port;
  }
  return ports;
}

function rtpPorts(text: string): string {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from < 1024 || to > 65_535 || to - from < 3) {
    throw bad('CALLWRIGHT_RTP_PORTS', 'a range such as 20000-29999', text);
  }
  return text;
}

function databaseUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    // the value may hold a password: never echo it
    throw new StartError(
      'STA_BAD_SETTING',
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/name.',
    );
  }
  return text;
}

function address(variable: string, text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^.+:\d{1,5}$/.test(text)) throw bad(variable, 'host:port', text);
  return text;
}

function outside(prefix: 'DRACHTIO' | 'FREESWITCH', env: NodeJS.ProcessEnv): OutsideServer | undefined {
  const host = address(`${prefix}_HOST`, env[`${prefix}_HOST`]);
  if (!host) return undefined;
  const secret = env[`${prefix}_SECRET`];
  if (!secret)
    throw new StartError('STA_BAD_SETTING', `${prefix}_HOST is set but ${prefix}_SECRET is not: set both, or neither.`);
  return { host, secret };
}
