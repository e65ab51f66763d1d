/** A store with two companies, Temporal, and the activities of an io worker: what its tests stand on. */
import { randomUUID } from 'node:crypto';
import { callWorkflowId, type IoActivities } from '@callwright/contract';
import { connectTemporal, type TemporalClient } from '@callwright/contract/codec';
import type { CallRecord, CallStart } from '@callwright/engine';
import { keyringFromBytes, placeCall, trustedScope, uuidv7 } from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import { ioActivities } from '../src/activities.ts';
import { httpSender } from '../src/http-request.ts';
import { urlGuard } from '../src/url-guard.ts';

export const keyring = keyringFromBytes(Buffer.alloc(32, 5));
export const suffix = randomUUID().slice(0, 8);
/** No worker polls it: workflows stay at their start, their signals in their history. */
export const callsQueue = `calls-${suffix}`;
export const HASH = 'cd'.repeat(32);
export const company = uuidv7();
export const rival = uuidv7();
export let database: TestDatabase;
export let temporal: TemporalClient;
export let io: IoActivities;

/** For `beforeAll`. */
export async function open(): Promise<void> {
  database = await testDatabase();
  const { pool } = database.store;
  for (const [id, name] of [
    [company, 'acme'],
    [rival, 'rival'],
  ]) {
    await pool.query(
      `insert into owner (id, kind, path, name, number, settings) values ($1, 'company', array[$1::uuid], $2, $3, '{"language":"it"}')`,
      [id, name, name === 'acme' ? 1 : 2],
    );
    await pool.query(
      `insert into flow (id, company_id, number, name, title, draft, published_hash) values ($1, $2, 1, 'front', 'Front desk', '{}', $3)`,
      [uuidv7(), id, name === 'acme' ? HASH : null],
    );
  }
  await pool.query(
    `insert into revision (hash, company_id, flow_id, number, closure, published_by)
     select $1, $2, id, 1, $3, 'test' from flow where company_id = $2`,
    [HASH, company, JSON.stringify({ root: HASH, documents: {} })],
  );
  temporal = await connectTemporal({ ...testTemporal(), cipher: keyring, closures: async () => null });
  io = ioActivities({ store: database.store, keyring, temporal, http: httpSender(urlGuard([])), callsQueue });
}
/** For `afterAll`. */
export async function close(): Promise<void> {
  // nobody serves these runs: they would stay on the server for ever
  for (const id of (await database?.store.pool.query('select id from call'))?.rows ?? []) {
    await handleOf(id.id)
      .terminate()
      .catch(() => {});
  }
  await temporal?.close();
  await database?.drop();
}

export const coordinates = { type: 'unknown', id: null, entityNumber: null, number: '100', name: '' };

export function startOf(callId: string, number: number, inbound: CallStart['inbound']): CallStart {
  return {
    type: 'call.start',
    at: Date.now(),
    callId,
    number,
    companyId: company,
    externalId: null,
    direction: 'outbound',
    locale: { language: 'en', timeZone: 'UTC', country: 'GB', currency: 'EUR' },
    seed: 1,
    revision: HASH,
    variables: {},
    called: coordinates,
    inbound,
    originate: null,
  };
}

export async function place(): Promise<string> {
  const id = uuidv7();
  const start = (number: number) => startOf(id, number, null);
  await placeCall(database.store.db, keyring, trustedScope(company), {
    id,
    externalId: null,
    direction: 'outbound',
    revision: HASH,
    calling: coordinates,
    called: coordinates,
    start,
  });
  return id;
}

export const age = (table: string, id: string, seconds: number) =>
  database.store.pool.query(`update ${table} set created_at = now() - $2 * interval '1 second' where id = $1`, [
    id,
    seconds,
  ]);
export const callRow = async (id: string) =>
  (await database.store.pool.query('select * from call where id = $1', [id])).rows[0];
export const handleOf = (id: string) => temporal.client.workflow.getHandle(callWorkflowId(company, id));
export const runs = async (id: string): Promise<boolean> =>
  handleOf(id)
    .describe()
    .then(
      () => true,
      () => false,
    );

export const record = (n: number, body: CallRecord['body'], type = 'log'): CallRecord => ({
  n,
  at: 1_700_000_000_123,
  stream: 'fact',
  type,
  body,
});
