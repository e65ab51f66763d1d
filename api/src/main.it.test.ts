import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { keyringFromFile, seedDemo } from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInFlows } from './flows/built-in.ts';

/** The api as the process it is: starts, serves, stops. */

const MAIN = resolve(import.meta.dirname, 'main.ts');
let database: TestDatabase;
let dir: string;
let environment: NodeJS.ProcessEnv;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  dir = mkdtempSync(join(tmpdir(), 'callwright-api-'));
  const keyFile = join(dir, 'secret.key');
  writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const demo = await seedDemo(database.store, keyringFromFile(keyFile), builtInFlows(), {
    apiKey: null,
    password: null,
  });
  key = demo.admin.apiKey;
  environment = {
    PATH: process.env.PATH,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: testTemporal().address,
    CALLWRIGHT_SECRET_KEY_FILE: keyFile,
  };
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await database.drop();
});

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

function run(env: NodeJS.ProcessEnv): { child: ChildProcess; ended: Promise<Ended>; output: () => string } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: { ...environment, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, err })));
  return { child, ended, output: () => out };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

test('it serves, logs no secret, and stops within seconds though a listener of live events is connected', async () => {
  const port = await freePort();
  const { child, ended, output } = run({ CALLWRIGHT_HTTP_PORT: String(port) });
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${key}` } });
  await expect
    .poll(
      () =>
        ask('/api/v1/users').then(
          (a) => a.status,
          () => 0,
        ),
      { timeout: 15_000 },
    )
    .toBe(200);
  const events = await ask('/api/v1/events');
  expect(events.status).toBe(200);
  expect((await ask('/docs/json')).status).toBe(200);
  const before = Date.now();
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(Date.now() - before).toBeLessThan(4000);
  await events.body?.cancel().catch(() => {});
  expect(output()).not.toContain(key);
});

test('what is wrong at start is one plain sentence', async () => {
  const missing = await run({ DATABASE_URL: '' }).ended;
  expect(missing.code).toBe(1);
  expect(missing.err.trim()).toBe('The api cannot start: missing or not valid in the environment: DATABASE_URL.');
  const noKey = await run({ CALLWRIGHT_SECRET_KEY_FILE: join(dir, 'none') }).ended;
  expect([noKey.code, noKey.err.trim().split('\n').length]).toEqual([1, 1]);
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => blocker.once('listening', done));
  const taken = await run({ CALLWRIGHT_HTTP_PORT: String((blocker.address() as AddressInfo).port) }).ended;
  blocker.close();
  expect([taken.code, taken.err.trim()]).toEqual([1, 'The port of CALLWRIGHT_HTTP_PORT is taken: set another one.']);
});
