/** The database of an installation that runs or not: where it is, and the embedded server for as long as it is needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectory, readJson } from '../data-directory.ts';
import { StartError } from '../errors.ts';
import { choosePorts } from '../ports.ts';
import { awaitPostgres, preparePostgres } from '../postgres.ts';
import { portRequests } from '../processes.ts';
import type { Settings } from '../settings.ts';

const READY_MS = 60_000;

/** Runs `work` with the address of the database. `alone`: throws `STA_ALREADY_RUNNING` when the installation runs. */
export async function withDatabase<T>(
  settings: Settings,
  alone: boolean,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { databaseUrl, dataDir } = settings;
  if (!alone && existsSync(join(dataDir, 'supervisor.lock'))) {
    const running = databaseUrl ?? runningUrl(dataDir);
    if (running && (await answers(running))) return work(running);
  }
  const data = DataDirectory.hold(dataDir);
  try {
    await data.clearOrphans();
    return databaseUrl ? await work(databaseUrl) : await withServer(settings, work);
  } finally {
    data.release();
  }
}

/** Of the embedded server, as the start command left it. */
function runningUrl(dataDir: string): string | null {
  const port = readJson<{ postgres?: number }>(join(dataDir, 'ports.json'))?.postgres;
  const password = join(dataDir, 'postgres.password');
  if (port === undefined || !existsSync(password)) return null;
  return `postgres://callwright:${readFileSync(password, 'utf8').trim()}@127.0.0.1:${port}/callwright`;
}

const answers = (url: string): Promise<boolean> =>
  awaitPostgres(url, 0).then(
    () => true,
    () => false,
  );

async function withServer<T>(settings: Settings, work: (url: string) => Promise<T>): Promise<T> {
  const held = await choosePorts(
    portRequests(settings).filter(({ name }) => name === 'postgres'),
    settings,
  );
  const postgres = preparePostgres({ dataDir: settings.dataDir, port: held.ports.postgres ?? 0 });
  postgres.beforeStart();
  const log = openSync(join(settings.dataDir, 'logs', 'backup-postgres.log'), 'a', 0o600);
  const { uid, gid } = postgres;
  const server = spawn(postgres.command, [...postgres.args], { stdio: ['ignore', log, log], uid, gid });
  closeSync(log);
  const ended = once(server, 'exit');
  try {
    await Promise.race([
      awaitPostgres(postgres.url, READY_MS),
      ended.then(() => {
        throw new StartError(
          'STA_POSTGRES',
          `PostgreSQL ended; see ${join(settings.dataDir, 'logs', 'backup-postgres.log')}.`,
        );
      }),
    ]);
    return await work(postgres.url);
  } finally {
    // fast shutdown: nobody else is connected
    if (server.exitCode === null && server.kill('SIGINT')) await ended;
    held.release();
  }
}
