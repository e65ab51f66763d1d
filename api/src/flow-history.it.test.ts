import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { CallRecord, FlowDocument, JsonValue, RevisionClosure } from '@callwright/engine';
import { flow, node, say } from '@callwright/engine';
import { TestCall } from '@callwright/engine/testing';
import { storeRecords } from '@callwright/store';
import { type CommandResult, runCommand } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** Calls as the engine made them, on virtual time, stored as the workers store them. */

let api: TestApi;
let flowId: string;
let draftVersion: number;
let closure: RevisionClosure;

const line = (to: string, keys: readonly [string, string]): FlowDocument =>
  flow('line', {
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'menu' }),
      menu: node(
        'menu',
        {
          prompts: [say('Press.')],
          tries: 1,
          choices: [
            { key: keys[0], outcome: 'sales' },
            { key: keys[1], outcome: 'end' },
          ],
        },
        { sales: 'sales', end: 'end', 'no-input': 'end', 'no-match': 'end' },
      ),
      sales: node(
        'dial',
        { to: { type: 'user', id: to } },
        { completed: 'end', busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'end' },
      ),
      end: node('hang-up', {}),
    },
  });

const users: Record<string, string> = {};

beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  for (const { extension, id } of (await api.ask('GET', '/users')).body.items) users[extension] = id;
  const made = await api.ask('POST', '/flows', { body: { file: { document: line(users['101']!, ['1', '2']) } } });
  expect(made.status).toBe(201);
  flowId = made.body.id;
  draftVersion = made.body.draftVersion;
  expect((await api.ask('POST', `/flows/${flowId}/publish`, { body: {} })).status).toBe(200);
  closure = (await api.ask('GET', `/flows/${flowId}/revisions/1`)).body.closure;
});
afterAll(() => api.close());

/** A finished call whose caller presses `key`; whoever rings does not answer. */
async function pressed(key: string, change: (records: CallRecord[]) => CallRecord[] = (all) => all): Promise<string> {
  const options = { users: Object.fromEntries(Object.entries(users).map(([extension, id]) => [id, { extension }])) };
  const call = TestCall.start(closure, options).hears('Press.').presses(key);
  if (!call.ended) call.ends();
  const id = randomUUID();
  const party = JSON.stringify({ type: 'number', id: null, entityNumber: null, number: '+33123456789', name: '' });
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called, ended_at)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'ended', '{}', $3, $4, $4, now())`,
    [id, api.demo.companyId, closure.root, party],
  );
  const records = change([...call.call.records]);
  await storeRecords(api.store.db, api.keyring, { companyId: api.demo.companyId, callId: id, records });
  return id;
}

const replay = (body: object = {}, key?: string) =>
  api.ask('POST', `/flows/${flowId}/replay`, { body, ...(key ? { key } : {}) });
/** The command line against the listening api. */
function commandLine(...args: string[]): Promise<CommandResult> {
  const { port } = api.app.server.address() as AddressInfo;
  const env = { CALLWRIGHT_URL: `http://127.0.0.1:${port}`, CALLWRIGHT_API_KEY: api.demo.admin.apiKey! };
  return runCommand({ env }, args);
}
const verdicts = (items: { call: { id: string }; verdict: string }[], ids: readonly string[]) =>
  ids.map((id) => items.find(({ call }) => call.id === id)?.verdict);

test('calls are taken through the draft; who would go elsewhere is listed; nothing typed is shown', async () => {
  const ids = [await pressed('1'), await pressed('2'), await pressed('7')];
  const alike = await replay({ against: 1 });
  expect(alike.status).toBe(200);
  expect(verdicts(alike.body.items, ids)).toEqual(['same', 'same', 'same']);

  const document = line(users['102']!, ['1', '7']);
  const saved = await api.ask('PUT', `/flows/${flowId}/draft`, { body: { version: draftVersion, file: { document } } });
  draftVersion = saved.body.draftVersion;
  const { body } = await replay();
  expect(verdicts(body.items, ids)).toEqual(['elsewhere', 'other-way', 'other-way']);
  const first = body.items.find(({ call }: { call: { id: string } }) => call.id === ids[0]);
  expect(first.before.reached).toEqual([`user ${users['101']}`]);
  expect(first.after.reached).toEqual([`user ${users['102']}`]);
  const third = body.items.find(({ call }: { call: { id: string } }) => call.id === ids[2]);
  expect(third.divergence).toEqual({
    index: 1,
    before: { node: 'menu', outcome: 'no-match' },
    after: { node: 'menu', outcome: 'end' },
  });
  expect(JSON.stringify(body)).not.toMatch(/"value"|pii/);
});

test('pages follow one another to the end, inside the time asked for', async () => {
  const ids = [await pressed('2'), await pressed('2'), await pressed('2')];
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await replay({ limit: 2, ...(cursor ? { cursor } : {}) });
    expect(body.items.length).toBeLessThanOrEqual(2);
    seen.push(...body.items.map(({ call }: { call: { id: string } }) => call.id));
    cursor = body.next ?? undefined;
  } while (cursor);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(ids));
  const past = await replay({ from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' });
  expect(past.body).toEqual({ items: [], next: null });
});

test('records that are not whole are told unreadable', async () => {
  const cut = await pressed('1', (all) => all.slice(2));
  const odd = await pressed('1', (all) => all.map((one) => ({ ...one, body: [] as JsonValue })));
  const sealed = await pressed('1');
  await api.store.pool.query(`update call_record set pii_enc = '\\x00' where call_id = $1 and pii_enc is not null`, [
    sealed,
  ]);
  const { body } = await replay();
  expect(verdicts(body.items, [cut, odd, sealed])).toEqual(['unreadable', 'unreadable', 'unreadable']);
});

test('the command line lists who would go elsewhere, page by page, and fails when asked to', async () => {
  const document = line(users['102']!, ['1', '7']);
  const saved = await api.ask('PUT', `/flows/${flowId}/draft`, { body: { version: draftVersion, file: { document } } });
  draftVersion = saved.body.draftVersion;
  for (let count = 0; count < 2; count += 1) await pressed('1');
  const all = (await replay({ limit: 200 })).body.items;
  const told = await commandLine('replay', 'line', '--check');
  expect([told.code, told.err]).toEqual([1, '']);
  expect(told.out).toContain(`${all.length} calls: `);
  expect(told.out).toMatch(/\+33123456789 .*user .*user /);
  const few = await commandLine('--json', 'replay', 'line', '--limit', '1');
  expect(few.code).toBe(0);
  expect(JSON.parse(few.out)).toMatchObject({ more: true, counts: { elsewhere: 1, same: 0 } });
  for (const wrong of [['line', '--limit', '0'], ['line', '--against', 'published'], ['nothing']]) {
    const refused = await commandLine('replay', ...wrong);
    expect(refused.code).toBe(1);
    expect(refused.err).not.toContain('went wrong');
  }
  // every command is a process of its own
}, 120_000);

test('drafts with errors, unknown revisions, bad input and other companies are refused', async () => {
  expect((await replay({ against: 99 })).status).toBe(404);
  expect((await replay({ against: 'published' })).status).toBe(400);
  expect((await replay({ limit: 201 })).status).toBe(400);
  expect((await replay({ from: 'yesterday' })).status).toBe(400);
  expect((await replay({}, api.other.key)).status).toBe(404);
  const document = { ...line(users['102']!, ['1', '7']), edges: [] };
  const saved = await api.ask('PUT', `/flows/${flowId}/draft`, { body: { version: draftVersion, file: { document } } });
  draftVersion = saved.body.draftVersion;
  const refused = await replay();
  expect([refused.status, refused.body.code]).toEqual([422, 'API_FLOW_INVALID']);
});
