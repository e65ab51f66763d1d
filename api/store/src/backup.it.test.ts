import { randomBytes } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backupLines } from './backup.ts';
import { keyringFromBytes } from './crypto.ts';
import { seedDemo } from './demo.ts';
import { trustedScope } from './queries/scope.ts';
import { uuidv7 } from './queries/uuid.ts';
import { fillOutboxes } from './queries/webhook-outbox.ts';
import { listDeliveries, webhooks } from './queries/webhooks.ts';
import { restoreLines } from './restore.ts';
import { openStore, type Store } from './store.ts';

let database: TestDatabase;
let company: string;
let webhook: string;
const call = uuidv7();
const opened: { store: Store; name: string }[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const { store } = database;
  const demo = await seedDemo(store, keyringFromBytes(randomBytes(32)), [], { apiKey: null, password: null });
  company = demo.companyId;
  webhook = uuidv7();
  const fields = { name: 'crm', url: 'https://crm.example/', events: ['log'], enabled: true };
  await webhooks.create(store.db, trustedScope(company), webhook, fields);
  for (let n = 1; n <= 700; n += 1) await record(store, n, n % 2 ? 'log' : 'other');
  // what another test's transaction on the same server holds back comes a little later
  await vi.waitFor(async () => expect(await filled(store)).toHaveLength(350), { timeout: 15_000 });
  await record(store, 701, 'log');
  await store.pool.query(`select nextval('call_number_seq') from generate_series(1, 7)`);
});
afterAll(async () => {
  for (const { store, name } of opened) {
    await store.close();
    await database.store.pool.query(`drop database "${name}" with (force)`);
  }
  await database.drop();
});

/** What is in the webhook's outbox, newest first, once everything readable is. */
async function filled(store: Store): Promise<string[]> {
  while ((await fillOutboxes(store.db)) > 0);
  const page = await listDeliveries(store.db, trustedScope(company), webhook, { before: null, limit: 500 });
  return page.items.map(({ eventId }) => eventId);
}

const record = (store: Store, n: number, type: string) =>
  store.pool.query(
    `insert into call_record (call_id, n, company_id, at, stream, type, body, pii_enc) values ($1, $2, $3, $4, 'fact', $5, $6, '\\x00ff')`,
    [call, n, company, '2026-01-02T03:04:05.678901Z', type, JSON.stringify({ text: `«${n}»`, big: 2 ** 40 })],
  );

/** A database without schema. */
async function emptyDatabase(): Promise<Store> {
  const name = `restore_${randomBytes(6).toString('hex')}`;
  await database.store.pool.query(`create database "${name}"`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  const store = openStore({ url: url.href, maxConnections: 2 });
  opened.push({ store, name });
  return store;
}

async function linesOf(store: Store, key?: string): Promise<string[]> {
  const client = await store.pool.connect();
  const lines: string[] = [];
  for await (const line of backupLines(client, { key })) lines.push(JSON.stringify(line));
  client.release();
  return lines;
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** All rows of all tables; numbers of arrival are the database's own. */
const contents = async (store: Store) =>
  (await linesOf(store)).slice(1).filter((line) => !line.includes('"sequences"'));

test('a backup restored elsewhere is the same, row by row; what was to come still comes, once', async () => {
  const lines = await linesOf(database.store, 'a2V5');
  const target = await emptyDatabase();
  const restored = await restoreLines(target.pool, each(lines));
  expect(restored.key?.toString()).toBe('key');
  expect(restored.rows).toBeGreaterThan(700);
  expect(await contents(target)).toEqual(await contents(database.store));
  const next = async (store: Store) => (await store.pool.query(`select nextval('call_number_seq') as n`)).rows[0].n;
  expect(await next(target)).toBe(await next(database.store));
  const { items } = await listDeliveries(target.db, trustedScope(company), webhook, { before: null, limit: 500 });
  expect(items).toHaveLength(350);
  await record(target, 702, 'log');
  await vi.waitFor(
    async () => expect((await filled(target)).slice(0, 3)).toEqual([702, 701, 699].map((n) => `${call}-${n}`)),
    { timeout: 15_000 },
  );
  // foreign keys and triggers are back
  await expect(target.pool.query(`delete from owner where id = $1`, [company])).rejects.toMatchObject({
    code: '23503',
  });
});

test('a database with an owner is left alone', async () => {
  const lines = await linesOf(database.store);
  await expect(restoreLines(database.store.pool, each(lines))).rejects.toMatchObject({ code: 'STO_NOT_EMPTY' });
});

test('what is damaged, cut or from a newer version is refused and leaves nothing behind', async () => {
  const lines = await linesOf(database.store);
  const target = await emptyDatabase();
  const row = lines.findIndex((line) => line.includes('«350»'));
  const cases: [string[], string][] = [
    [lines.slice(0, -1), 'STO_BACKUP_DAMAGED'],
    [lines.toSpliced(row, 1), 'STO_BACKUP_DAMAGED'],
    [lines.with(row, lines[row]!.replace('«350»', '«351»')), 'STO_BACKUP_DAMAGED'],
    [lines.with(row, '{"row":'), 'STO_BACKUP_DAMAGED'],
    [[lines[0]!.replace('0001-identity', '9999-later'), ...lines.slice(1)], 'STO_BACKUP_NEWER'],
    [['hello'], 'STO_NO_BACKUP'],
    [[], 'STO_NO_BACKUP'],
  ];
  for (const [broken, code] of cases)
    await expect(restoreLines(target.pool, each(broken))).rejects.toMatchObject({ code });
  expect((await target.pool.query('select count(*)::int as n from owner')).rows[0].n).toBe(0);
  await restoreLines(target.pool, each(lines));
  expect((await target.pool.query('select count(*)::int as n from owner')).rows[0].n).toBeGreaterThan(0);
});

test('a backup is of one moment, whatever is written meanwhile', async () => {
  const client = new pg.Client(database.url);
  await client.connect();
  const lines = backupLines(client);
  await lines.next();
  await record(database.store, 800, 'log');
  let seen = '';
  for await (const line of lines) seen += JSON.stringify(line);
  await client.end();
  expect(seen).toContain('«700»');
  expect(seen).not.toContain('«800»');
});
