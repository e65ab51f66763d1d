/** How often the store is asked before a call can be placed, and how many of those questions wait for one another. */
import { randomBytes } from 'node:crypto';
import { catalogue, pinTogether } from '@callwright/flows';
import { keyringFromBytes, type RouteRequest, routeCall, seedDemo } from '@callwright/store';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;
let companyId: string;
let users: Map<string, string>;
let asked: { readonly text: string; readonly round: number }[] = [];
let answered = 0;

async function counting<T>(text: string, round: number, send: () => Promise<T>): Promise<T> {
  asked.push({ text, round });
  const answer = await send();
  answered = Math.max(answered, round);
  return answer;
}

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database.store;
  const keyring = keyringFromBytes(randomBytes(32));
  const demo = await seedDemo(database.store, keyring, pinTogether(catalogue), { apiKey: null, password: null });
  companyId = demo.companyId;
  await pool.query(`update owner set settings = settings || '{"country":"DE"}' where id = $1`, [companyId]);
  await pool.query(
    `insert into directory_user (id, company_id, number, extension) values (gen_random_uuid(), $1, 990, '103')
    on conflict do nothing`,
    [companyId],
  );
  const { rows } = await pool.query('select id, extension from directory_user where company_id = $1', [companyId]);
  users = new Map(rows.map(({ id, extension }) => [extension, id]));
  countStatements();
});
afterAll(() => database.drop());

/** Counts what goes through the query builder; the pool's own `query` takes connections by callback and is left alone. */
function countStatements(): void {
  const { pool } = database.store;
  const connect = pool.connect.bind(pool);
  const counted = async () => {
    // a statement belongs to the round after those that were answered when it asked for a connection
    const round = answered + 1;
    const client = await connect();
    return {
      query: (text: string, values: unknown[]) => counting(text, round, () => client.query(text, values)),
      release: () => client.release(),
    };
  };
  type Taken = Parameters<typeof pool.connect>[0];
  pool.connect = ((taken?: Taken) => (taken ? connect(taken) : counted())) as typeof pool.connect;
}

async function place(dialled: string, more: Partial<RouteRequest> = {}) {
  asked = [];
  answered = 0;
  const routed = await routeCall(database.store.db, {
    companyId,
    role: 'user',
    userId: users.get('101')!,
    calling: '101',
    trunkId: null,
    dialled,
    at: Date.now(),
    country: 'DE',
    ...more,
  });
  return { routed, statements: asked.length, rounds: Math.max(...asked.map(({ round }) => round)) };
}

const query = (text: string, ...values: unknown[]) => database.store.pool.query(text, values);

test('a colleague is found in two rounds, and in one when he was called before', async () => {
  const first = await place('102');
  expect(first.routed?.called).toMatchObject({ type: 'user', id: users.get('102') });
  expect(first).toMatchObject({ statements: 4, rounds: 2 });
  const second = await place('102');
  expect(second).toMatchObject({ statements: 4, rounds: 1 });
  expect(second.routed).toEqual({ ...first.routed, callNumber: expect.any(Number) });
  expect(second.routed?.revision).toEqual(expect.any(String));
});

test('a public number is found in one round, and its flow is not read', async () => {
  const guest: Partial<RouteRequest> = { role: 'guest', userId: null, calling: 'anybody' };
  const first = await place('202', guest);
  const second = await place('202', guest);
  expect(second).toMatchObject({ statements: 4, rounds: 1 });
  expect(second.routed?.revision).toBe(first.routed?.revision);
  expect(asked.filter(({ text }) => /revision\.closure/.test(text))).toEqual([
    { text: expect.stringContaining('case when'), round: 1 },
  ]);
});

test('what was expected is not believed: another destination, or none, since the last call', async () => {
  const dialled = '102';
  await place(dialled);
  await query(`update directory_user set extension = '992' where id = $1`, users.get('102'));
  await query(`update directory_user set extension = '102' where id = $1`, users.get('103'));
  expect((await place(dialled)).routed?.called.id).toBe(users.get('103'));
  await query(`update directory_user set deleted_at = now() where id = $1`, users.get('103'));
  expect((await place(dialled)).routed?.called).toMatchObject({ type: 'announcement', id: 'unknown-number' });
});

test('an account that may not place calls is refused though the destination was looked up beside', async () => {
  await place('202');
  await query(`update directory_user set max_calls = 0 where id = $1`, users.get('101'));
  const refused = await place('202');
  await query(`update directory_user set max_calls = null where id = $1`, users.get('101'));
  expect(refused.routed?.routing.refused).not.toBeNull();
  expect((await place('202')).routed?.routing.refused).toBeNull();
});

test('the outside takes two rounds, whatever calendars the rules name', async () => {
  const hours = JSON.stringify({ weekly: [], dates: [] });
  for (const n of [1, 2, 3]) {
    const { rows } = await query(
      `insert into calendar (id, company_id, number, name, hours) values (gen_random_uuid(), $1, $2, $3, $4) returning id`,
      companyId,
      900 + n,
      `c${n}`,
      hours,
    );
    await query(
      `insert into routing_rule (id, company_id, position, calendar_id, openings, called_pattern, destination_type, destination_id)
       values (gen_random_uuid(), $1, $2, $3, '{open}', '0*', 'announcement', 'unavailable')`,
      companyId,
      n,
      rows[0]!.id,
    );
  }
  const outside = await place('0301234567');
  expect(outside.routed?.direction).toBe('outbound');
  expect(outside.rounds).toBeLessThanOrEqual(2);
  expect(outside.statements).toBeLessThanOrEqual(5);
  expect((await place('0301234567')).rounds).toBeLessThanOrEqual(2);
});

test('a country that has changed since it was read is corrected by the row', async () => {
  const wrong = await place('0301234567', { country: 'IT' });
  const right = await place('0301234567');
  expect(wrong.routed?.called).toEqual(right.routed?.called);
  expect(wrong.rounds).toBe(right.rounds + 1);
});
