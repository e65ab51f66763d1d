import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Keyring, keyringFromFile, seedDemo, storeRecords, uuidv7 } from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { builtInFlows } from './flows/built-in.ts';

/** The api as the process it is: starts, serves, stops. */

const MAIN = resolve(import.meta.dirname, 'main.ts');
let database: TestDatabase;
let dir: string;
let environment: NodeJS.ProcessEnv;
let key: string;
let keyring: Keyring;
let companyId: string;

beforeAll(async () => {
  database = await testDatabase();
  dir = mkdtempSync(join(tmpdir(), 'callwright-api-'));
  const keyFile = join(dir, 'secret.key');
  writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  keyring = keyringFromFile(keyFile);
  const demo = await seedDemo(database.store, keyring, builtInFlows(), {
    apiKey: null,
    password: null,
  });
  key = demo.admin.apiKey;
  companyId = demo.companyId;
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

/** A program that listens by WebSocket, and connects again whenever it is cut. */
function follow(port: number): { readonly seen: string[]; cuts: number; stop(): void } {
  const state = { seen: [] as string[], cuts: 0, stop: () => {} };
  let place = '';
  let over = false;
  const connect = (): void => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events?types=log${place && `&after=${place}`}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    socket.on('message', (data) => {
      const event = JSON.parse(String(data)) as { place: string; id?: string };
      place = event.place;
      if (event.id !== undefined) state.seen.push(event.id);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (over) return;
      state.cuts += 1;
      setTimeout(connect, 50);
    });
    state.stop = () => {
      over = true;
      socket.terminate();
    };
  };
  connect();
  return state;
}

test('a listener by WebSocket misses and repeats nothing though the process is killed and comes back', async () => {
  const port = await freePort();
  const call = uuidv7();
  let n = 0;
  const tell = async (count: number): Promise<void> => {
    for (const last = n + count; n < last; ) {
      n += 1;
      const body = { type: 'log', node: 'menu', level: 'info', text: `line ${n}` };
      const record = { n, at: Date.now(), stream: 'fact' as const, type: 'log', body };
      await storeRecords(database.store.db, keyring, { companyId, callId: call, records: [record] });
    }
  };
  let process_ = run({ CALLWRIGHT_HTTP_PORT: String(port) });
  await expect.poll(() => process_.output(), { timeout: 30_000 }).toContain('api listens');
  const listener = follow(port);
  const heard = async (): Promise<number> => {
    await tell(1);
    return listener.seen.length;
  };
  await expect.poll(heard, { timeout: 15_000 }).toBeGreaterThan(0);
  for (const kill of [1, 2]) {
    const cuts = listener.cuts;
    // killed while events are on their way
    const telling = tell(200);
    await expect.poll(() => listener.seen.length, { timeout: 15_000 }).toBeGreaterThan(kill * 20);
    process_.child.kill('SIGKILL');
    await process_.ended;
    await telling;
    await tell(30);
    expect(listener.cuts).toBeGreaterThan(cuts);
    process_ = run({ CALLWRIGHT_HTTP_PORT: String(port) });
    await expect.poll(() => listener.seen.at(-1), { timeout: 30_000 }).toBe(`${call}-${n}`);
  }
  listener.stop();
  process_.child.kill('SIGTERM');
  await process_.ended;
  const numbers = listener.seen.map((id) => Number(id.slice(call.length + 1)));
  expect(numbers).toEqual(Array.from({ length: n - numbers[0]! + 1 }, (_, i) => numbers[0]! + i));
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
