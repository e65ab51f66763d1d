/** The processes of an installation: what each runs, with which environment, and how it is stopped. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Role } from './data-directory.ts';
import type { ProcessSpec } from './managed-process.ts';
import type { PortRequest } from './ports.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import type { Settings } from './settings.ts';

/** The processes that run our own code, in the order they start. */
export const OWN_PROCESSES = [
  { name: 'sip', role: 'sip', entry: '@callwright/softswitch/sip-main', stopMs: 3_000 },
  { name: 'media', role: 'media', entry: '@callwright/softswitch/media-main', stopMs: 3_000 },
  { name: 'telephony', role: 'telephony', entry: '@callwright/telephony/main', stopMs: 8_000 },
  { name: 'calls-1', role: 'calls', entry: '@callwright/calls/main', stopMs: 8_000 },
  { name: 'calls-2', role: 'calls', entry: '@callwright/calls/main', stopMs: 8_000 },
  { name: 'io-1', role: 'io', entry: '@callwright/io/main', stopMs: 8_000 },
  { name: 'io-2', role: 'io', entry: '@callwright/io/main', stopMs: 8_000 },
  { name: 'api', role: 'api', entry: '@callwright/api/main', stopMs: 5_000 },
] as const satisfies readonly { name: string; role: Role; entry: string; stopMs: number }[];

export type OwnProcess = (typeof OWN_PROCESSES)[number];

/** Modules loaded before the entry, into each thread of the process. */
const PRELOADED: Partial<Record<Role, string>> = { calls: '@callwright/calls/workflow-thread' };

/** Heap limits in MB: running out of memory in a workflow ends the whole worker (temporal.md §2.3). */
const HEAP_MB: Partial<Record<Role, number>> = { calls: 2048, telephony: 1024, media: 1024, api: 1024 };

/** Those that run here; servers elsewhere replace the softswitch's halves. */
export function ownProcesses(settings: Settings): OwnProcess[] {
  return OWN_PROCESSES.filter(
    ({ role }) => !(role === 'sip' && settings.drachtio) && !(role === 'media' && settings.freeswitch),
  );
}

const metricsPort = (name: string) => `metrics ${name}`;

/** Every port the installation listens on, but for RTP. */
export function portRequests(settings: Settings): PortRequest[] {
  const local = '127.0.0.1';
  const requests: PortRequest[] = [{ name: 'http', fixedBy: 'http', address: settings.bind }];
  if (!settings.drachtio) {
    requests.push({ name: 'sip', fixedBy: 'sip', address: settings.bind, udp: true });
    requests.push({ name: 'sips', fixedBy: 'sips', address: settings.bind, beside: ['sip', 1] });
    requests.push({ name: 'ws', fixedBy: 'ws', address: settings.bind, beside: ['sip', 6] });
    requests.push({ name: 'drachtio', fixedBy: 'drachtio', address: local });
  }
  if (!settings.freeswitch) {
    requests.push({ name: 'mediaSip', fixedBy: 'mediaSip', address: local, udp: true });
    requests.push({ name: 'esl', fixedBy: 'esl', address: local });
  }
  if (!settings.databaseUrl) requests.push({ name: 'postgres', fixedBy: 'postgres', address: local });
  if (!settings.temporalAddress) requests.push({ name: 'temporal', fixedBy: 'temporal', address: local });
  ownProcesses(settings).forEach(({ name }, offset) => {
    requests.push({ name: metricsPort(name), fixedBy: 'metrics', offset, address: local });
  });
  return requests;
}

/** Everything the processes are told; the same for all but for the metrics port. */
export interface Wiring {
  readonly settings: Settings;
  readonly ports: Readonly<Record<string, number>>;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly drachtio: { readonly host: string; readonly secret: string };
  readonly freeswitch: { readonly host: string; readonly secret: string };
}

/** The environment every own process gets. */
export function environment({
  settings,
  ports,
  databaseUrl,
  temporalAddress,
  drachtio,
  freeswitch,
}: Wiring): NodeJS.ProcessEnv {
  const targets = ownProcesses(settings).map(({ name, role }) => `${role}=127.0.0.1:${ports[metricsPort(name)]}`);
  return {
    ...settings.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: settings.namespace,
    DRACHTIO_HOST: drachtio.host,
    DRACHTIO_SECRET: drachtio.secret,
    FREESWITCH_HOST: freeswitch.host,
    FREESWITCH_SECRET: freeswitch.secret,
    // glibc's eight heaps per core keep what dozens of threads once needed: two hold the resident memory flat
    MALLOC_ARENA_MAX: settings.env.MALLOC_ARENA_MAX ?? '2',
    // compiled code of an earlier run: a killed worker is back with a quarter less work
    NODE_COMPILE_CACHE: join(settings.dataDir, 'cache', 'code'),
    CALLWRIGHT_DATA_DIR: settings.dataDir,
    CALLWRIGHT_MEDIA_DIR: settings.mediaDir,
    CALLWRIGHT_SECRET_KEY_FILE: settings.secretKeyFile,
    CALLWRIGHT_BIND: settings.bind,
    CALLWRIGHT_PUBLIC_ADDRESS: settings.publicAddress,
    CALLWRIGHT_INSTANCE_NAME: settings.instanceName,
    CALLWRIGHT_RTP_PORTS: settings.rtpPorts,
    CALLWRIGHT_HTTP_PORT: String(ports.http),
    CALLWRIGHT_METRICS_TARGETS: targets.join(','),
    ...(ports.sip ? { CALLWRIGHT_SIP_PORT: String(ports.sip) } : {}),
    ...(ports.sips ? { CALLWRIGHT_SIPS_PORT: String(ports.sips) } : {}),
    ...(ports.ws ? { CALLWRIGHT_WS_PORT: String(ports.ws) } : {}),
    ...(ports.mediaSip ? { CALLWRIGHT_MEDIA_SIP_PORT: String(ports.mediaSip) } : {}),
  };
}

/** How one own process is run. */
export function ownSpec(own: OwnProcess, wiring: Wiring): ProcessSpec {
  const heap = HEAP_MB[own.role];
  const preloaded = PRELOADED[own.role];
  const entry = fileURLToPath(import.meta.resolve(own.entry));
  return {
    name: own.name,
    role: own.role,
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      '--enable-source-maps',
      ...(heap ? [`--max-old-space-size=${heap}`] : []),
      ...(preloaded ? ['--import', import.meta.resolve(preloaded)] : []),
      entry,
    ],
    env: { ...environment(wiring), CALLWRIGHT_METRICS_PORT: String(wiring.ports[metricsPort(own.name)]) },
    stopSignal: 'SIGTERM',
    stopMs: own.stopMs,
  };
}

export function postgresSpec(postgres: EmbeddedPostgres, env: NodeJS.ProcessEnv): ProcessSpec {
  const { command, args, uid, gid, beforeStart } = postgres;
  // SIGINT is the server's "fast" shutdown: it does not wait for clients
  return {
    name: 'postgres',
    role: 'postgres',
    command,
    args,
    env,
    cwd: '/',
    uid,
    gid,
    beforeStart,
    stopSignal: 'SIGINT',
    stopMs: 15_000,
  };
}

export function temporalSpec(binary: string, args: readonly string[], env: NodeJS.ProcessEnv): ProcessSpec {
  return { name: 'temporal', role: 'temporal', command: binary, args, env, stopSignal: 'SIGTERM', stopMs: 8_000 };
}
