import { randomBytes } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arrivalNow,
  arrivedFacts,
  claimIdempotencyKey,
  createSession,
  DEMO_LOGIN,
  findApiKey,
  findLogin,
  guardAttempt,
  guardClear,
  guardForgive,
  hashToken,
  keyringFromBytes,
  nextNumber,
  publishBuiltIns,
  purgeGuard,
  purgeIdempotencyKeys,
  purgeSessions,
  seedDemo,
  trustedScope,
  verifyPassword,
} from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('guard', () => {
  const policy = { limit: 3, windowMs: 60_000, banMs: 60_000 };
  const attempt = (subject: string) => guardAttempt(database.store.db, subject, policy);

  test('bans after the limit, at once for attempts made together', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => attempt('together')));
    expect(answers.filter((a) => a.allowed)).toHaveLength(3);
    const banned = await attempt('together');
    expect(banned.allowed).toBe(false);
    expect(banned.retryAfterMs).toBeGreaterThan(50_000);
    expect(banned.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('attempts during a ban do not lengthen it; after it all begins afresh', async () => {
    for (let i = 0; i < 5; i += 1) await attempt('patient');
    const before = (await attempt('patient')).retryAfterMs;
    expect((await attempt('patient')).retryAfterMs).toBeLessThanOrEqual(before);
    await database.store.pool.query(`update guard set banned_until = now() - interval '1 s' where subject = 'patient'`);
    expect((await attempt('patient')).allowed).toBe(true);
    expect((await attempt('patient')).allowed).toBe(true);
    expect((await attempt('patient')).allowed).toBe(true);
    const second = await attempt('patient');
    expect(second.allowed).toBe(false);
    // twice the first
    expect(second.retryAfterMs).toBeGreaterThan(110_000);
    expect(second.retryAfterMs).toBeLessThanOrEqual(120_000);
  });

  test('old failures are forgotten, successes clear or give back', async () => {
    for (let i = 0; i < 3; i += 1) await attempt('slow');
    await database.store.pool.query(`update guard set window_from = now() - interval '2 min' where subject = 'slow'`);
    expect((await attempt('slow')).allowed).toBe(true);
    for (let i = 0; i < 3; i += 1) await attempt('shared');
    await guardForgive(database.store.db, 'shared');
    expect((await attempt('shared')).allowed).toBe(true);
    expect((await attempt('shared')).allowed).toBe(false);
    await guardClear(database.store.db, 'shared');
    expect((await attempt('shared')).allowed).toBe(true);
  });
});

test('numbers are allotted once each, whoever asks at the same time', async () => {
  const numbers = await Promise.all(Array.from({ length: 40 }, () => nextNumber(database.store.db, null, 'test')));
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

test('the order of arrival hides what an unfinished transaction may still fill in', async () => {
  const { db, pool } = database.store;
  const company = crypto.randomUUID();
  const insert =
    'insert into call_record (call_id, n, company_id, at, stream, type, body) values (gen_random_uuid(), $1, $2, now(), $3, $4, $5)';
  const begin = await arrivalNow(db);
  const late = await pool.connect();
  await late.query('begin');
  await late.query(insert, [1, company, 'fact', 'log', '{}']);
  await pool.query(insert, [2, company, 'fact', 'log', '{}']);
  expect(await arrivedFacts(db, [company], begin, 10)).toEqual([]);
  await late.query('commit');
  late.release();
  // transactions of others on the same server hold the line back, too
  const arrived = () => arrivedFacts(db, [company], begin, 10);
  await expect.poll(async () => (await arrived()).length, { timeout: 10_000 }).toBe(2);
  const all = await arrived();
  expect(all.map((r) => r.n)).toEqual([1, 2]);
  expect(await arrivedFacts(db, [company], all[0]!, 10)).toHaveLength(1);
  expect(await arrivedFacts(db, [crypto.randomUUID()], begin, 10)).toEqual([]);
});

describe('demo company', () => {
  const keyring = keyringFromBytes(randomBytes(32));
  const document = {
    format: 1 as const,
    name: 'front-desk',
    title: '',
    language: 'en',
    entry: 'start',
    variables: [],
    nodes: [{ id: 'start', number: 0, kind: 'start', version: 1, label: '', config: {} }],
    edges: [],
  };
  const flow = (hash: string) => ({
    file: { document },
    closure: { root: hash.repeat(64), documents: { [hash.repeat(64)]: { document, subflows: {}, audio: {} } } },
  });

  test('is made once, also by two starts at once, and shows the same secrets again', async () => {
    const { store } = database;
    const none = { apiKey: null, password: null };
    const [first, twin] = await Promise.all([
      seedDemo(store, keyring, [flow('a')], none),
      seedDemo(store, keyring, [flow('a')], none),
    ]);
    expect(twin.companyId).toBe(first.companyId);
    expect(twin.users).toEqual(first.users);
    const again = await seedDemo(store, keyring, [flow('a')], {
      apiKey: twin.admin.apiKey,
      password: 'kept as it was',
    });
    expect(again.admin).toEqual({ login: DEMO_LOGIN, password: 'kept as it was', apiKey: twin.admin.apiKey });
    expect(again.users).toEqual(first.users);
    const { rows } =
      await store.pool.query(`select (select count(*) from owner)::int as owners, (select count(*) from account)::int as accounts,
      (select count(*) from directory_user)::int as users, (select count(*) from sip_login)::int as logins,
      (select count(*) from phone_number)::int as numbers, (select count(*) from ring_group)::int as groups`);
    expect(rows[0]).toEqual({ owners: 2, accounts: 1, users: 2, logins: 2, numbers: 1, groups: 1 });
  });

  test('a lost key or password is replaced by one that works', async () => {
    const { store } = database;
    const fresh = await seedDemo(store, keyring, [flow('a')], { apiKey: 'cw_lost', password: null });
    expect(await findApiKey(store.db, hashToken(fresh.admin.apiKey))).toMatchObject({
      role: 'platform',
      homeCompany: fresh.companyId,
    });
    const login = await findLogin(store.db, DEMO_LOGIN.toUpperCase());
    expect(await verifyPassword(login!.passwordHash, fresh.admin.password)).toBe(true);
    expect(await verifyPassword(login!.passwordHash, 'wrong')).toBe(false);
    expect(await verifyPassword(null, fresh.admin.password)).toBe(false);
  });

  test('built-in flows are brought up to date, but not over what the company published itself', async () => {
    const { store } = database;
    const { companyId } = await seedDemo(store, keyring, [flow('b')], { apiKey: null, password: null });
    const hash = async () =>
      (
        await store.pool.query(`select published_hash from flow where company_id = $1 and name = 'front-desk'`, [
          companyId,
        ])
      ).rows[0].published_hash;
    expect(await hash()).toBe('b'.repeat(64));
    await store.pool.query(`update revision set published_by = 'account:x' where hash = $1`, ['b'.repeat(64)]);
    await publishBuiltIns(store.db, trustedScope(companyId), [flow('c')]);
    expect(await hash()).toBe('b'.repeat(64));
  });
});

test('tidying takes what has served and leaves what is needed', async () => {
  const { db, pool } = database.store;
  const account = (await pool.query('select id from account limit 1')).rows[0].id;
  await createSession(db, randomBytes(32), account, -1000);
  await createSession(db, randomBytes(32), account, 60_000);
  const claim = { ownerId: account, actorId: 'a', requestHash: randomBytes(32), mintId: crypto.randomUUID() };
  await claimIdempotencyKey(db, { ...claim, key: 'old' });
  await pool.query(`update idempotency set created_at = now() - interval '3 days'`);
  await claimIdempotencyKey(db, { ...claim, key: 'new' });
  await pool.query(`delete from guard`);
  await pool.query(`insert into guard (subject, failures, window_from, banned_until) values ('old', 1, now() - interval '2 days', null),
    ('banned', 9, now() - interval '2 days', now() + interval '1 day'), ('new', 1, now(), null)`);
  await Promise.all([purgeSessions(db), purgeIdempotencyKeys(db), purgeGuard(db)]);
  const left = async (query: string) => (await pool.query(query)).rows.map((r) => r.v);
  expect(await left('select count(*)::int as v from session')).toEqual([1]);
  expect(await left('select key as v from idempotency')).toEqual(['new']);
  expect(await left('select subject as v from guard order by 1')).toEqual(['banned', 'new']);
});
