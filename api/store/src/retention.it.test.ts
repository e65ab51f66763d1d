import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOwner, createPlatform, updateOwner } from './queries/owners.ts';
import { uuidv7 } from './queries/uuid.ts';
import { applyRetention } from './retention.ts';

let database: TestDatabase;
const platform = uuidv7();
let reseller: string;
let company: string;
let other: string;

beforeAll(async () => {
  database = await testDatabase();
  await createPlatform(database.store.db, { id: platform, kind: 'platform', name: 'P', settings: {} });
});
afterAll(() => database.drop());

beforeEach(async () => {
  const { db } = database.store;
  [reseller, company, other] = [uuidv7(), uuidv7(), uuidv7()];
  await createOwner(db, platform, platform, { id: reseller, kind: 'reseller', name: 'R', settings: {} });
  const settings = { retentionDays: 30 };
  await createOwner(db, platform, reseller, { id: company, kind: 'company', name: 'A', settings });
  await createOwner(db, platform, platform, { id: other, kind: 'company', name: 'B', settings: {} });
});

const run = (sql: string, values: unknown[] = []) => database.store.pool.query(sql, values);
const count = async (table: string, of: string): Promise<number> =>
  (await run(`select count(*)::int as n from ${table} where company_id = $1`, [of])).rows[0].n;

const PARTY = JSON.stringify({ type: 'user', id: null, entityNumber: null, number: '1', name: '' });

async function call(of: string, daysAgo: number, state: string, leg: string | null = 'released'): Promise<string> {
  const id = uuidv7();
  await run(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called, created_at, ended_at)
     values ($1, nextval('call_number_seq'), $2, 'inbound', $3, '{}', $4, $5, $5, now() - make_interval(days => $6),
       case when $3 = 'ended' then now() - make_interval(days => $6) end)`,
    [id, of, state, 'a'.repeat(64), PARTY, daysAgo],
  );
  await run(
    `insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1, 1, $2, now(), 'fact', 't', '{}')`,
    [id, of],
  );
  await run(
    `insert into call_control (id, call_id, company_id, by_type, by_id, action) values ($1, $2, $3, 'a', 'b', '{}')`,
    [uuidv7(), id, of],
  );
  if (leg)
    await run(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates) values ($1, $2, $3, 'm.1', 'inbound', $4, '{}')`,
      [`${id}/1`, id, of, leg],
    );
  return id;
}

test('old calls go with their records, legs and commands; young, running and other companies’ stay', async () => {
  const kept = [
    await call(company, 29, 'ended'),
    await call(company, 400, 'started', 'answered'),
    await call(company, 400, 'waiting', null),
    // over by its row, but a leg is up
    await call(company, 400, 'ended', 'answered'),
  ];
  await call(company, 31, 'ended');
  await call(company, 400, 'refused', null);
  await call(other, 400, 'ended');
  const { calls, ...others } = await applyRetention(database.store.db);
  expect(calls).toBe(2);
  expect(Object.values(others).every((gone) => gone === 0)).toBe(true);
  const left = (await run('select id from call where company_id = $1 order by id', [company])).rows.map((r) => r.id);
  expect(left).toEqual([...kept].sort());
  expect(await count('call_record', company)).toBe(4);
  expect(await count('call_control', company)).toBe(4);
  expect(await count('leg', company)).toBe(3);
  expect(await count('call', other)).toBe(1);
  expect((await applyRetention(database.store.db)).calls).toBe(0);
});

test('a call that began long ago and ended just now stays', async () => {
  const id = await call(company, 400, 'ended');
  await run('update call set ended_at = now() where id = $1', [id]);
  expect((await applyRetention(database.store.db)).calls).toBe(0);
});

test('many calls go in batches, from several processes at once, each call once', async () => {
  for (let i = 0; i < 35; i += 1) await call(company, 40, 'ended');
  const runs = await Promise.all([1, 2, 3].map(() => applyRetention(database.store.db, { batch: 10 })));
  // whoever finds the rest locked leaves it to the others
  const rest = await applyRetention(database.store.db, { batch: 10 });
  expect([...runs, rest].reduce((sum, r) => sum + (r.calls ?? 0), 0)).toBe(35);
  expect(await count('call', company)).toBe(0);
});

test('the nearest owner that says how long decides', async () => {
  const { db } = database.store;
  await updateOwner(db, platform, platform, { settings: { retentionDays: 10 } });
  await call(other, 20, 'ended');
  await call(company, 20, 'ended');
  await applyRetention(db);
  expect([await count('call', other), await count('call', company)]).toEqual([0, 1]);
  await updateOwner(db, platform, reseller, { settings: { retentionDays: 15 } });
  await run(`update owner set settings = settings - 'retentionDays' where id = $1`, [company]);
  await applyRetention(db);
  expect(await count('call', company)).toBe(0);
  await run(`update owner set settings = settings - 'retentionDays' where id = $1`, [platform]);
});

test('a deleted user is forgotten but for the number; a live one is not', async () => {
  const [gone, live] = [uuidv7(), uuidv7()];
  for (const [i, id] of [gone, live].entries())
    await run(
      `insert into directory_user (id, company_id, number, extension, given_name, family_name, email, deleted_at)
       values ($1, $2, $3, $4, 'Ada', 'Byron', 'ada@x.example', $5)`,
      [id, company, i + 1, String(100 + i), i === 0 ? new Date(Date.now() - 40 * 86_400_000) : null],
    );
  await run(`insert into user_number (user_id, company_id, kind, number) values ($1, $2, 'mobile', '06')`, [
    gone,
    company,
  ]);
  expect((await applyRetention(database.store.db))['deleted users']).toBe(1);
  const rows = (
    await run('select number, given_name, email from directory_user where company_id = $1 order by number', [company])
  ).rows;
  expect(rows).toEqual([
    { number: 1, given_name: '', email: null },
    { number: 2, given_name: 'Ada', email: 'ada@x.example' },
  ]);
  expect(await count('user_number', company)).toBe(0);
});

test('the audit log is kept as long as the platform says', async () => {
  const { db } = database.store;
  await run(
    `insert into audit (at, owner_id, actor_type, actor_id, action) values
    (now() - interval '100 days', $1, 'a', 'b', 'old'), (now() - interval '10 days', $1, 'a', 'b', 'young')`,
    [company],
  );
  expect(await applyRetention(db)).not.toHaveProperty('audit');
  await updateOwner(db, platform, platform, { settings: { auditDays: 60 } });
  expect((await applyRetention(db)).audit).toBe(1);
  expect((await run(`select action from audit where owner_id = $1`, [company])).rows).toEqual([{ action: 'young' }]);
});

test('what was told to others, and what flows have done, goes after a month at the latest; what waits stays', async () => {
  for (const of of [company, other]) {
    for (const [days, state] of [
      [40, 'sent'],
      [40, 'waiting'],
      [20, 'sent'],
    ] as const)
      await run(
        `insert into mail (id, owner_id, key, template, language, recipient, variables, state, created_at)
         values ($1::uuid, $2, $1::text, 'flow', 'en', 'a@b.test', '{}', $3, now() - make_interval(days => $4))`,
        [uuidv7(), of, state, days],
      );
    await run(
      `insert into flow_act (company_id, call_id, key, result, at) values ($1, $2, 'k', '{}', now() - interval '40 days')`,
      [of, uuidv7()],
    );
  }
  const gone = await applyRetention(database.store.db);
  expect(gone).toMatchObject({ mails: 2, 'acts of flows': 2 });
  for (const of of [company, other]) {
    const { rows } = await run('select state from mail where owner_id = $1 order by state', [of]);
    expect(rows.map(({ state }) => state)).toEqual(['sent', 'waiting']);
    expect(await count('flow_act', of)).toBe(0);
  }
});

test('messages, scheduled calls and events go with the company’s time, and events not before webhooks have them', async () => {
  await run(
    `insert into scheduled_call (id, company_id, state, due_at, tries_left, request, updated_at) values
     ($1, $3, 'done', now(), 0, '{}', now() - interval '40 days'), ($2, $3, 'waiting', now(), 1, '{}', now() - interval '40 days')`,
    [uuidv7(), uuidv7(), company],
  );
  for (const n of [1, 2])
    await run(
      `insert into directory_event (owner_id, n, at, type, body) values ($1, $2, now() - interval '40 days', 't', '{}')`,
      [company, n],
    );
  await run(`insert into webhook (id, company_id, number, name, url) values ($1, $2, 1, 'w', 'https://w.test/')`, [
    uuidv7(),
    company,
  ]);
  await run('update webhook set directory_n = 1 where company_id = $1', [company]);
  expect(await applyRetention(database.store.db)).toMatchObject({ 'scheduled calls': 1, 'directory events': 1 });
  expect((await run('select n from directory_event where owner_id = $1', [company])).rows).toEqual([{ n: 2 }]);
  expect((await run('select state from scheduled_call where company_id = $1', [company])).rows).toEqual([
    { state: 'waiting' },
  ]);
});
