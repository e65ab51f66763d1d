/** Erasing: after it no text of the database and no file names the subject; what is somebody else's is as it was. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallRecord, Cdr, Coordinates, JsonValue } from '@callwright/engine';
import {
  beginRecording,
  closeCall,
  queueMail,
  recordingFile,
  recordingStored,
  storeRecords,
  uniqueCallNumber,
  uuidv7,
} from '@callwright/store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

const T0 = Date.parse('2026-05-04T10:00:00Z');
const HASH = 'ab'.repeat(32);
const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-erasure-'));
let api: TestApi;
let company: string;
let user: { id: string; number: number };
let box: string;

beforeAll(async () => {
  api = await startTestApi({ mediaDir });
  company = api.demo.companyId;
  await api.store.pool.query(`update owner set settings = settings || '{"country":"FR"}' where id = $1`, [company]);
});
afterAll(async () => {
  await api.close();
  rmSync(mediaDir, { recursive: true, force: true });
});

let extension = 700;
beforeEach(async () => {
  extension += 1;
  const person = {
    givenName: 'Zéphyrine',
    familyName: `Quatrebarbes${extension}`,
    email: `zq${extension}@example.com`,
    numbers: { mobile: `06 98 76 5${extension}` },
  };
  user = (await api.ask('POST', '/users', { body: { extension: String(extension), ...person, language: 'fr' } })).body;
  box = (
    await api.ask('POST', '/voicemail-boxes', {
      body: { userId: user.id, name: `Zéphyrine Quatrebarbes${extension}`, email: person.email },
    })
  ).body.id;
});

const caller = (number: string, name: string): Coordinates => ({
  type: 'trunk',
  id: 't-1',
  entityNumber: 3,
  number,
  name,
  e164: number,
});
const called = (): Coordinates => ({
  type: 'user',
  id: user.id,
  entityNumber: user.number,
  number: String(extension),
  name: `Zéphyrine Quatrebarbes${extension}`,
});

/** A call that is over, from a number to the user, with a recording and a message of his box. */
async function call(from: Coordinates): Promise<{ id: string; number: number; message: string }> {
  const id = uuidv7();
  const { db } = api.store;
  const number = await uniqueCallNumber(db);
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called, variables_enc)
     values ($1, $2, $3, 'inbound', 'started', $4, $5, $6, $7, '\\x01')`,
    [id, number, company, JSON.stringify({ inbound: { from } }), HASH, JSON.stringify(from), JSON.stringify(called())],
  );
  const leg = {
    leg: `${id}/leg/1`,
    party: number * 10 + 1,
    direction: 'inbound',
    coordinates: from,
    startedAt: T0,
    ringingAt: null,
    answeredAt: T0 + 1000,
    endedAt: T0 + 9000,
    cause: 'normal',
    sipStatus: 200,
    endedBy: 'remote',
    codec: 'PCMA',
    sipCallId: `sip-${id}`,
    instance: 'm.1',
  };
  const cdr = {
    number,
    direction: 'inbound',
    externalId: null,
    disposition: 'answered',
    cause: 'normal',
    endedBy: 'calling',
    startedAt: T0,
    answeredAt: T0 + 1000,
    connectedAt: T0 + 2000,
    endedAt: T0 + 9000,
    ringMs: 0,
    ivrMs: 0,
    talkMs: 7000,
    holdMs: 0,
    calling: from,
    called: called(),
    connected: called(),
    revision: HASH,
    path: [],
    legs: [leg, { ...leg, leg: `${id}/leg/2`, party: number * 10 + 2, direction: 'outbound', coordinates: called() }],
  } as unknown as Cdr;
  const added = {
    type: 'party.added',
    party: leg.party,
    role: 'calling',
    coordinates: from,
    leg: leg.leg,
    pii: { 'body.digit': '42' },
  };
  const records = [added, { type: 'call.ended', cdr }].map(
    (body, i): CallRecord => ({
      n: i + 1,
      at: T0 + i,
      stream: 'fact',
      type: body.type,
      body: body as unknown as JsonValue,
    }),
  );
  await db.transaction().execute(async (tx) => {
    await storeRecords(tx, api.keyring, { companyId: company, callId: id, records });
    await closeCall(tx, company, id);
  });
  await recorded(id, { type: 'call' } as never);
  const message = await recorded(id, { type: 'voicemail', boxId: box, from } as never);
  await queueMail(db, company, {
    key: `note/${id}`,
    template: 'flow',
    language: 'fr',
    recipient: 'desk@example.com',
    variables: { subject: 'Appel', text: `${from.name} (${from.number}) pour Zéphyrine Quatrebarbes${extension}` },
    attachment: null,
  });
  return { id, number, message };
}

async function recorded(callId: string, purpose: never): Promise<string> {
  const id = await beginRecording(api.store.db, {
    companyId: company,
    op: uuidv7(),
    callId,
    legId: 'l',
    instance: 'i',
    purpose,
  });
  const path = recordingFile(mediaDir, company, id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'RIFF');
  const file = { bytes: 4, sha256: Buffer.alloc(32), durationMs: 3000, ended: 'terminator', content: null };
  await recordingStored(api.store.db, company, id, file);
  return id;
}

/** Tables in which any text, JSON or list of texts holds one of the words, whoever's rows they are. */
async function naming(...words: string[]): Promise<string[]> {
  const { rows } = await api.store.pool.query(
    `select table_name as "table", array_agg(column_name::text) as columns from information_schema.columns
     where table_schema = 'public' and data_type in ('text', 'jsonb', 'ARRAY', 'character varying') group by table_name`,
  );
  const found: string[] = [];
  for (const { table, columns } of rows) {
    for (const column of columns) {
      const like = words.map((_word, i) => `"${column}"::text ilike $${i + 1}`).join(' or ');
      const hit = await api.store.pool.query(
        `select 1 from "${table}" where ${like} limit 1`,
        words.map((word) => `%${word}%`),
      );
      if (hit.rows.length > 0) found.push(`${table}.${column}`);
    }
  }
  return found;
}

const erase = (subject: object, dryRun = false, key?: string) =>
  api.ask('POST', '/erasures', { body: { subject, dryRun }, ...(key ? { key } : {}) });
const sums = async () =>
  (
    await api.store.pool.query(
      `select count(*)::int as calls, sum(talk_ms)::int as talk, sum(billable_ms)::int as billable from cdr`,
    )
  ).rows[0];

test('a number: contacts, messages, recordings and files go, calls stay without it', async () => {
  const book = (await api.ask('POST', '/phonebooks', { body: { name: `erase-${extension}` } })).body.id;
  const contact = {
    phonebookId: book,
    givenName: 'Théodule',
    familyName: 'Grandcœur',
    email: 'theo@client.test',
    numbers: [{ kind: 'office', number: '01 47 20 00 01' }],
  };
  await api.ask('POST', '/contacts', { body: contact });
  await api.ask('POST', '/webhooks', { body: { name: `hook-${extension}`, url: 'https://hook.test/x' } });
  const list = (
    await api.ask('POST', '/caller-lists', { body: { ownerId: company, name: `list-${extension}`, kind: 'block' } })
  ).body.id;
  await api.store.pool.query(
    `insert into caller_list_entry (list_id, pattern, note) values ($1, '+33147200001', 'Théodule Grandcœur'), ($1, '+3399*', 'frère de Théodule Grandcœur')`,
    [list],
  );
  const { id, message } = await call(caller('+33147200001', 'T. Grandcœur'));
  const other = await call(caller('+33147200002', 'Someone Else'));
  await api.store.pool.query(
    `insert into webhook_delivery (webhook_id, company_id, event_id, type, at, body) select id, company_id, $2, 'x', now(), $3 from webhook where company_id = $1 limit 1`,
    [company, `e-${id}`, JSON.stringify({ data: { coordinates: caller('0147200001', 'T. Grandcœur') } })],
  );
  const before = await sums();
  const words = ['33147200001', '0147200001', '01 47 20 00 01', 'Grandcœur', 'theo@client.test'];
  expect(await naming(...words)).toContain('cdr.calling_number');

  const dry = await erase({ type: 'number', number: '+33 1 47 20 00 01' }, true);
  expect(dry.body).toMatchObject({ dryRun: true, recordings: 2, liveCalls: 0 });
  expect(existsSync(recordingFile(mediaDir, company, message))).toBe(true);
  expect(await naming(...words)).toContain('contact_number.number');

  const done = await erase({ type: 'number', number: '+33 1 47 20 00 01' });
  expect(done.status).toBe(200);
  const of = (table: string) => done.body.tables.find((one: { table: string }) => one.table === table);
  expect(of('contact')).toMatchObject({ deleted: 1 });
  expect(of('cdr')).toMatchObject({ deleted: 0, changed: 1 });
  expect(of('voicemail_message')).toMatchObject({ deleted: 1 });
  expect(await naming(...words)).toEqual([]);
  expect(existsSync(recordingFile(mediaDir, company, message))).toBe(false);
  expect(await sums()).toEqual(before);
  expect((await api.ask('GET', `/history/${id}`)).body).toMatchObject({
    id,
    calling: { number: 'anonymous', name: '' },
  });
  const { rows } = await api.store.pool.query('select pii_enc from call_record where call_id = $1', [id]);
  expect(rows.every(({ pii_enc }) => pii_enc === null)).toBe(true);
  // somebody else's call is whole
  expect((await api.ask('GET', `/history/${other.id}`)).body).toMatchObject({
    calling: { number: '+33147200002', name: 'Someone Else' },
  });
  expect(existsSync(recordingFile(mediaDir, company, other.message))).toBe(true);
  expect((await erase({ type: 'number', number: '+33147200001' })).body.tables).toEqual([]);
});

test('a user: the person goes from directory, history, mail and log-ins; the calls stay with their sums', async () => {
  const { id, message } = await call(caller('+33147200009', 'A. Caller'));
  await api.store.pool.query(
    `insert into account (id, number, owner_id, email, name, role, user_id) values ($1, $2, $3, $4, 'Zéphyrine Quatrebarbes${extension}', 'user', $5)`,
    [uuidv7(), 1_000_000 + extension, company, `zq${extension}@example.com`, user.id],
  );
  const before = await sums();
  expect((await erase({ type: 'user', id: user.id })).status).toBe(200);
  expect(
    await naming(
      `Quatrebarbes${extension}`,
      `zq${extension}@example.com`,
      `0698765${extension}`,
      `06 98 76 5${extension}`,
      `33698765${extension}`,
    ),
  ).toEqual([]);
  expect(await sums()).toEqual(before);
  expect(existsSync(recordingFile(mediaDir, company, message))).toBe(false);
  expect((await api.ask('GET', `/history/${id}`)).body).toMatchObject({
    calling: { number: '+33147200009' },
    called: { id: user.id, number: 'anonymous', name: '' },
  });
  expect((await api.ask('GET', `/users/${user.id}`)).status).toBe(404);
  const { rows } = await api.store.pool.query(
    `select action, entity_id from audit where action = 'subject.erased' and entity_id = $1`,
    [user.id],
  );
  expect(rows).toHaveLength(1);
  // again: nothing more to do, and no failure
  expect((await erase({ type: 'user', id: user.id })).status).toBe(200);
});

test('what the company has set up is told of and kept; calls that go on are counted', async () => {
  const live = uuidv7();
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called) values ($1, $2, $3, 'inbound', 'started', '{}', $4, $5, '{}')`,
    [live, await uniqueCallNumber(api.store.db), company, HASH, JSON.stringify(caller('+33147200077', ''))],
  );
  await api.store.pool.query(`update flow set title = '+33147200077' where company_id = $1 and number = 1`, [company]);
  const { body } = await erase({ type: 'number', number: '0147200077' });
  expect(body.liveCalls).toBe(1);
  expect(body.tables).toContainEqual({ table: 'flow', deleted: 0, changed: 0, kept: 1 });
  expect(await naming('33147200077')).toEqual(['flow.title']);
});

test('subjects that there are not, numbers of nobody, and other companies’ users are not found', async () => {
  expect((await erase({ type: 'user', id: uuidv7() })).status).toBe(404);
  expect((await erase({ type: 'contact', id: uuidv7() })).status).toBe(404);
  expect((await erase({ type: 'number', number: '101' })).status).toBe(404);
  expect((await erase({ type: 'number', number: 'abc' })).status).toBe(400);
});
