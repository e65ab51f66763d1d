/**
 * One PostgreSQL and one Temporal server for a test run, both on free loopback ports with their files in a temporary directory;
 * nothing is started when `CALLWRIGHT_TEST_DATABASE_URL` and `CALLWRIGHT_TEST_TEMPORAL_ADDRESS` already name servers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { awaitPostgres, preparePostgres, Reaper } from '@callwright/start/embedded';
import { findTemporal, serverArguments, temporalAnswers } from '@callwright/temporal';
import { POSTGRES_VARIABLE, TEMPORAL_VARIABLE } from './variables.ts';

const READY_MS = 60_000;

interface Server {
  readonly child: ChildProcess;
  readonly signal: NodeJS.Signals;
}

/** Called by vitest once per project; the second call finds the servers of the first. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[POSTGRES_VARIABLE] && process.env[TEMPORAL_VARIABLE]) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'callwright-test-'));
  // the database's user is another one when the tests run as root
  chmodSync(directory, 0o755);
  const reaper = new Reaper();
  const servers: Server[] = [];
  const run = (
    command: string,
    args: readonly string[],
    signal: NodeJS.Signals,
    user: { uid?: number; gid?: number } = {},
  ) => {
    const child = spawn(command, args, { ...user, cwd: '/', stdio: 'ignore', detached: true });
    child.on('error', () => {});
    if (child.pid) reaper.add(child.pid, signal);
    servers.push({ child, signal });
  };
  process.env[POSTGRES_VARIABLE] ??= await startPostgres(directory, run);
  process.env[TEMPORAL_VARIABLE] ??= await startTemporal(directory, run);
  return async () => {
    await Promise.all(servers.map(end));
    reaper.close();
    delete process.env[POSTGRES_VARIABLE];
    delete process.env[TEMPORAL_VARIABLE];
    rmSync(directory, { recursive: true, force: true });
  };
}

type Run = (
  command: string,
  args: readonly string[],
  signal: NodeJS.Signals,
  user?: { uid?: number; gid?: number },
) => void;

async function startPostgres(directory: string, run: Run): Promise<string> {
  // nothing of a test outlives its run: no need to wait for the disk
  const settings = ['fsync=off', 'max_connections=400'];
  const postgres = preparePostgres({ dataDir: directory, port: await freePort(), settings });
  run(postgres.command, postgres.args, 'SIGINT', { uid: postgres.uid, gid: postgres.gid });
  await awaitPostgres(postgres.url, READY_MS);
  return postgres.url;
}

async function startTemporal(directory: string, run: Run): Promise<string> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const binary = await findTemporal({ say: (text) => process.stderr.write(`${text}\n`) });
  const databaseFile = join(directory, 'temporal.db');
  run(binary, serverArguments({ port, ip: '127.0.0.1', databaseFile, namespace: 'default' }), 'SIGTERM');
  const deadline = Date.now() + READY_MS;
  while (!(await temporalAnswers(address, 'default'))) {
    if (Date.now() > deadline) throw new Error(`The Temporal server for the tests does not answer at ${address}`);
    await sleep(100);
  }
  return address;
}

async function end({ child, signal }: Server): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(kill);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
