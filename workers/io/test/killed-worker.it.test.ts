/** The io worker as the process it is, killed after its receiver took an event and before the row says so: the documented rule of webhooks, counted by their receiver. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { keyringFromFile, listDeliveries, storeRecords, trustedScope, uuidv7, webhooks } from '@callwright/store';
import { testTemporal } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, company, database, open, record, suffix } from './stage.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const FACTS = 60;
const KILLED_AT = 20;
const STEP_MS = 60_000;

let dir: string;
let keyFile: string;
let server: Server;
let origin: string;
/** What the receiver was told, in order. */
const told: number[] = [];
let running: ChildProcess[] = [];

beforeAll(async () => {
  await open();
  dir = mkdtempSync(join(tmpdir(), 'callwright-io-'));
  keyFile = join(dir, 'secret.key');
  writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      told.push((JSON.parse(Buffer.concat(chunks).toString()) as { n: number }).n);
      // the receiver has it, the row does not say so
      if (told.length === KILLED_AT) for (const worker of running.splice(0)) worker.kill('SIGKILL');
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const worker of running) worker.kill('SIGKILL');
  server?.closeAllConnections();
  server?.close();
  if (dir) rmSync(dir, { recursive: true });
  await close();
});

/** Starts a worker and waits until it is up. */
async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: testTemporal().address,
      CALLWRIGHT_SECRET_KEY_FILE: keyFile,
      CALLWRIGHT_QUEUE_SUFFIX: `-${suffix}`,
      CALLWRIGHT_ALLOW_URLS: origin,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await expect.poll(() => output, { timeout: STEP_MS }).toContain('io worker is up');
  return child;
}

test('nothing is lost, only the event under way comes again, the order stays', async () => {
  const { db } = database.store;
  // what an earlier try left
  for (const worker of running.splice(0)) worker.kill('SIGKILL');
  await database.store.pool.query('delete from webhook');
  told.length = 0;
  const id = uuidv7();
  const scope = trustedScope(company);
  await webhooks.create(db, scope, id, { name: 'crm', url: `${origin}/`, events: ['log'], enabled: true });
  running = await Promise.all([start(), start()]);
  const callId = uuidv7();
  for (let n = 1; n <= FACTS; n += 1) {
    const body = { type: 'log', node: 'menu', level: 'info', text: `line ${n}` };
    await storeRecords(db, keyringFromFile(keyFile), { companyId: company, callId, records: [record(n, body)] });
  }
  await expect.poll(() => running.length, { timeout: STEP_MS }).toBe(0);
  running = [await start()];
  await expect.poll(() => told.at(-1), { timeout: STEP_MS }).toBe(FACTS);
  const upTo = Array.from({ length: FACTS }, (_, i) => i + 1);
  expect(told).toEqual([...upTo.slice(0, KILLED_AT), ...upTo.slice(KILLED_AT - 1)]);
  await expect
    .poll(
      async () => (await listDeliveries(db, scope, id, { before: null, limit: 100 })).items.map(({ state }) => state),
      { timeout: STEP_MS },
    )
    .toEqual(upTo.map(() => 'delivered'));
}, 200_000);
