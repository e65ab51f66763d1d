/** Whole installations for tests and benches: the supervisor as a process of its own, with everything it starts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Role, readJson } from './data-directory.ts';
import { blockOf, holdPorts } from './port-block.ts';
import { isFree } from './ports.ts';

export { ROLES, type Role } from './data-directory.ts';

export interface InstallationOptions {
  /** Kept after `stop`; without it a temporary one is made and removed. */
  readonly dataDir?: string;
  /** Added to the environment, e.g. `{ CALLWRIGHT_MAX_CALLS: '5' }` or fixed ports; public ports are free ones by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time for everything to be up. */
  readonly timeoutMs?: number;
}

export interface RunningInstallation {
  readonly dataDir: string;
  /** By name: `http`, `sip`, `drachtio`, `esl`, `postgres`, `temporal`, … */
  readonly ports: Readonly<Record<string, number>>;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The demo administrator's API key. */
  readonly adminKey: string;
  /** Live processes of a role, read from its pid file. */
  pids(role: Role): number[];
  /** kill -9 of one process of a role; its pid. */
  kill(role: Role, index?: number): number;
}

export interface Installation extends RunningInstallation {
  /** What was printed, from the line `Callwright is ready` on. */
  readonly readyBlock: string;
  /** Everything printed so far. */
  output(): string;
  /** SIGTERM to the supervisor and wait; its exit code. Removes a temporary data directory. */
  stop(): Promise<number>;
  /** kill -9 of the supervisor itself; keeps the data. */
  killSupervisor(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const READY = 'Callwright is ready';
const READY_MS = 120_000;

/** Starts an installation and waits until it takes calls. Throws with everything it printed when it does not. */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const dataDir = options.dataDir ?? temporaryDirectory();
  const open = await publicPorts(dataDir);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...open.env,
    CALLWRIGHT_DATA_DIR: dataDir,
    ...options.env,
  };
  // servers named for a test run are not meant for an installation of its own
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'DRACHTIO_HOST', 'FREESWITCH_HOST']) {
    if (!options.env?.[name]) delete env[name];
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = capture(child);
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  ended.then(open.release);
  await ready(child, output, ended, options.timeoutMs ?? READY_MS);
  return {
    ...attachInstallation(dataDir),
    readyBlock: output().slice(output().indexOf(READY)),
    output,
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
    killSupervisor: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What the data directory of a running installation tells of it; starting and stopping it is left to whoever started it. */
export function attachInstallation(dataDir: string): RunningInstallation {
  const ports = JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8')) as Record<string, number>;
  const pids = (role: Role) =>
    readFileSync(join(dataDir, 'pids', role), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number);
  return {
    dataDir,
    ports,
    url: `http://127.0.0.1:${ports.http}`,
    adminKey: readFileSync(join(dataDir, 'admin.key'), 'utf8').trim(),
    pids,
    kill: (role, index = 0) => {
      const pid = pids(role)[index];
      if (!pid) throw new Error(`no process ${index} of ${role} runs`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
  };
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'callwright-'));
  // PostgreSQL runs as another user when the tests run as root
  chmodSync(directory, 0o755);
  return directory;
}

/** Ports that nobody else is given until `release`, those of the last time if they are free, and a part of the usual RTP range. */
async function publicPorts(dataDir: string): Promise<{ env: Record<string, string>; release(): void }> {
  const kept = readJson<Record<string, number>>(join(dataDir, 'ports.json')) ?? {};
  const block = await holdPorts(kept.http === undefined ? undefined : blockOf(kept.http));
  const free: number[] = [];
  for (const port of [kept.http, kept.sip, ...block.ports]) {
    // what stands beside SIP (TLS, WebSocket) is in the block, too
    const inBlock = port !== undefined && blockOf(port) === block.base && blockOf(port + 6) === block.base;
    const apart = inBlock && free.every((other) => Math.abs(other - port) > 6);
    if (apart && (await isFree(port, { name: '', address: '127.0.0.1', udp: true }))) free.push(port);
    if (free.length === 2) break;
  }
  const rtp = 20_000 + 2_000 * Math.floor(Math.random() * 5);
  return {
    env: {
      CALLWRIGHT_HTTP_PORT: String(free[0]),
      CALLWRIGHT_SIP_PORT: String(free[1]),
      CALLWRIGHT_RTP_PORTS: `${rtp}-${rtp + 1_999}`,
    },
    release: block.release,
  };
}

function capture(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

async function ready(
  child: ChildProcess,
  output: () => string,
  ended: Promise<number>,
  timeoutMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  const up = new Promise<'up'>((resolve) => {
    const look = () => /Callwright is ready[\s\S]*stop with Ctrl-C/.test(output()) && resolve('up');
    child.stdout?.on('data', look);
  });
  const what = await Promise.race([up, late, ended]);
  clearTimeout(timer);
  if (what === 'up') return;
  child.kill('SIGTERM');
  await ended;
  throw new Error(`The installation did not come up:\n${output()}`);
}
