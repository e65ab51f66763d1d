import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choosePorts } from './ports.ts';
import { awaitPostgres, type EmbeddedPostgres, preparePostgres } from './postgres.ts';
import { readSettings } from './settings.ts';

let dataDir: string;
const servers: ChildProcess[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'callwright-postgres-'));
  // the server's user is another one when the tests run as root
  chmodSync(dataDir, 0o755);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => end(server, 'SIGQUIT')));
  rmSync(dataDir, { recursive: true, force: true });
});

async function prepare(): Promise<EmbeddedPostgres> {
  const settings = readSettings({ CALLWRIGHT_DATA_DIR: dataDir }, '/');
  const { ports } = await choosePorts([{ name: 'postgres', address: '127.0.0.1' }], settings);
  return preparePostgres({ dataDir, port: ports.postgres ?? 0 });
}

async function start(postgres: EmbeddedPostgres): Promise<ChildProcess> {
  postgres.beforeStart();
  const { command, args, uid, gid } = postgres;
  const server = spawn(command, args, { uid, gid, cwd: '/', stdio: 'ignore' });
  servers.push(server);
  const ended = new Promise<never>((_, reject) => {
    server.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
  ended.catch(() => {});
  await Promise.race([awaitPostgres(postgres.url, 20_000), ended]);
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps what was committed when it is killed with kill -9 the moment after', async () => {
    const postgres = await prepare();
    const server = await start(postgres);
    await query(postgres.url, 'create table kept (n int); insert into kept values (42)');
    await end(server, 'SIGKILL');
    // its children notice the death of their parent first
    await vi.waitFor(() => start(postgres), { timeout: 20_000, interval: 200 });
    expect(await query(postgres.url, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  it('starts though the pid file names another process', async () => {
    const postgres = await prepare();
    await end(await start(postgres), 'SIGINT');
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${process.pid}\n${dataDir}/postgres\n`);
    await start(postgres);
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('begins anew after a first start that was killed half-way', async () => {
    mkdirSync(join(dataDir, 'postgres.new'));
    writeFileSync(join(dataDir, 'postgres.new', 'PG_VERSION'), '18');
    const postgres = await prepare();
    await start(postgres);
    expect(await query(postgres.url, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('asks for its password, and says when the file that holds it is gone', async () => {
    const postgres = await prepare();
    await start(postgres);
    const wrong = new URL(postgres.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const file = join(dataDir, 'postgres.password');
    expect(readFileSync(file, 'utf8').trim()).toHaveLength(32);
    rmSync(file);
    expect(() => preparePostgres({ dataDir, port: 1 })).toThrow(
      expect.objectContaining({ code: 'STA_DATA_DIRECTORY' }),
    );
  });
});
