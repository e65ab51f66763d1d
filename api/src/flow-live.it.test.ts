import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type CallRecord, type FlowDocument, flow, node, type RevisionClosure, say } from '@callwright/engine';
import { TestCall } from '@callwright/engine/testing';
import { storeRecords } from '@callwright/store';
import { type CommandResult, runCommand } from '@callwright/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** Calls as the engine made them, on virtual time, stored as the workers store them. */

let api: TestApi;
/** Key of a supervisor, and one that may only read. */
let supervisor: string;
let reader: string;
let flowId: string;
let closure: RevisionClosure;

const line: FlowDocument = flow('line', {
  language: 'en',
  variables: {
    customer: { type: 'string', initial: '' },
    secret: { type: 'string', initial: 'Ada Lovelace', pii: true },
    turns: { type: 'number', initial: 1 },
  },
  nodes: {
    start: node('start', { answer: true }, { next: 'ask' }),
    ask: node(
      'collect',
      { prompts: [say('Number.')], variable: 'customer', maxDigits: 4, tries: 1 },
      { collected: 'wait', 'no-input': 'end', 'no-match': 'end' },
    ),
    wait: node('wait', {}, { continue: 'end' }),
    end: node('hang-up', {}),
  },
});

beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const made = await api.ask('POST', '/flows', { body: { file: { document: line } } });
  expect(made.status).toBe(201);
  flowId = made.body.id;
  expect((await api.ask('POST', `/flows/${flowId}/publish`, { body: {} })).status).toBe(200);
  closure = (await api.ask('GET', `/flows/${flowId}/revisions/1`)).body.closure;
  const keyWith = async (scopes: string[]): Promise<string> => {
    const body = { name: scopes.join('-'), scopes };
    return (await api.ask('POST', '/api-keys', { body })).body.key;
  };
  supervisor = await keyWith(['read', 'calls']);
  reader = await keyWith(['read']);
});
afterAll(() => api.close());

async function store(call: TestCall, change: (records: CallRecord[]) => CallRecord[] = (all) => all): Promise<string> {
  const id = randomUUID();
  const party = JSON.stringify({ type: 'number', id: null, entityNumber: null, number: '+33123456789', name: '' });
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called, started_at, ended_at)
     values ($1, nextval('call_number_seq'), $2, 'inbound', $5, '{}', $3, $4, $4, now(), $6)`,
    [id, api.demo.companyId, closure.root, party, call.ended ? 'ended' : 'started', call.ended ? new Date() : null],
  );
  const records = change([...call.call.records]);
  await storeRecords(api.store.db, api.keyring, { companyId: api.demo.companyId, callId: id, records });
  return id;
}

const asking = () => TestCall.start(closure).hears('Number.');
const waiting = (digits = '4711') => asking().presses(digits).waits(200);
const live = async (key = supervisor) => api.ask('GET', `/flows/${flowId}/live`, { key });
const nodeOf = async (id: string) =>
  (await live()).body.items.find((one: { id: string }) => one.id === id)?.node as string | null | undefined;

/** The call goes on in another flow, or in none. */
const led =
  (revision: string | null) =>
  (records: CallRecord[]): CallRecord[] => {
    const n = records.length + 1;
    const at = Date.now();
    const body = (what: object) => ({ ...what }) as CallRecord['body'];
    return [
      ...records,
      { n, at, stream: 'fact', type: 'flow.changed', body: body({ type: 'flow.changed', revision }) },
      ...(revision === null
        ? []
        : [
            {
              n: n + 1,
              at,
              stream: 'fact' as const,
              type: 'node.entered',
              body: body({ type: 'node.entered', node: 'wait', nodeNumber: 2, kind: 'wait' }),
            },
          ]),
    ];
  };

describe('calls of the moment', () => {
  test('are told with the node they are in, whatever revision of the flow they run', async () => {
    const [first, second] = [await store(asking()), await store(waiting())];
    expect([await nodeOf(first), await nodeOf(second)]).toEqual(['ask', 'wait']);
    const found = (await live()).body.items.find(({ id }: { id: string }) => id === second);
    expect(found).toMatchObject({ revision: closure.root, version: 1, calling: { number: '+33123456789' } });
    expect(found.since).not.toBeNull();
    expect(found.step).toBeGreaterThan(1);
    const over = waiting();
    over.hangsUp().ends();
    expect(await nodeOf(await store(over))).toBeUndefined();
  });

  test('that left the flow are not, those that came to it are', async () => {
    const gone = await store(waiting(), led(null));
    expect(await nodeOf(gone)).toBeUndefined();
    const elsewhere = await store(waiting(), led('0'.repeat(64)));
    expect(await nodeOf(elsewhere)).toBeUndefined();
    const back = await store(waiting(), (all) => led(closure.root)(led(null)(all)));
    expect(await nodeOf(back)).toBe('wait');
  });

  test('are shown to who may watch calls, of his own company', async () => {
    expect((await live(reader)).status).toBe(403);
    expect((await live(api.other.key)).body.code).toBe('API_NOT_FOUND');
    expect((await api.ask('GET', `/flows/${randomUUID()}/live`)).body.code).toBe('API_NOT_FOUND');
  });
});

describe('the heat of a revision', () => {
  const heat = (query = '', key = reader) => api.ask('GET', `/flows/${flowId}/heat${query}`, { key });
  const count = (body: { ways: { node: string; outcome: string; count: number }[] }, node: string, outcome: string) =>
    body.ways.find((way) => way.node === node && way.outcome === outcome)?.count ?? 0;

  test('counts nodes and outcomes, and only what happened in it', async () => {
    const { body: before } = await heat();
    const over = waiting();
    over.hangsUp().ends();
    await store(over);
    await store(waiting(), led('0'.repeat(64)));
    const { body: after } = await heat('?version=1');
    expect(after).toMatchObject({ hash: closure.root, more: false, calls: before.calls + 2 });
    expect(count(after, 'ask', 'collected') - count(before, 'ask', 'collected')).toBe(2);
    const nodes = (body: typeof after) => body.nodes.find((one: { node: string }) => one.node === 'wait').count;
    expect(nodes(after) - nodes(before)).toBe(2);
    // a visit of a call that came from elsewhere counts what it did here
    await store(waiting(), (all) => led(closure.root)(led('0'.repeat(64))(all)));
    const { body: third } = await heat();
    expect(third.calls).toBe(after.calls + 2);
    expect(nodes(third) - nodes(after)).toBe(2);
  });

  test('is of the time and version asked for, and of the company', async () => {
    const past = (await heat('?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).body;
    expect(past).toMatchObject({ calls: 0, nodes: [], ways: [] });
    expect((await heat('?version=99')).body.code).toBe('API_NOT_FOUND');
    expect((await heat('?from=yesterday')).status).toBe(400);
    expect((await heat('', api.other.key)).body.code).toBe('API_NOT_FOUND');
    const draft = await api.ask('POST', '/flows', { body: { file: { document: { ...line, name: 'never' } } } });
    expect((await api.ask('GET', `/flows/${draft.body.id}/heat`)).body.code).toBe('API_NOT_PUBLISHED');
  });
});

describe('a revision by its hash', () => {
  test('comes with its flow; nobody else finds it', async () => {
    const { body } = await api.ask('GET', `/revisions/${closure.root}`, { key: reader });
    expect(body).toMatchObject({ hash: closure.root, number: 1, flow: { id: flowId, name: 'line' } });
    expect(body.closure.documents[closure.root].document.name).toBe('line');
    expect((await api.ask('GET', `/revisions/${closure.root}`, { key: api.other.key })).body.code).toBe(
      'API_NOT_FOUND',
    );
    expect((await api.ask('GET', '/revisions/%27%20or%201=1')).status).toBe(400);
  });
});

describe('where a call stands', () => {
  const state = async (id: string, key = supervisor) => api.ask('GET', `/calls/${id}/state`, { key });

  test('is told with its variables, personal values and entries masked', async () => {
    const answer = await state(await store(waiting('4711')));
    expect(answer.body.state).toMatchObject({
      life: 'serving',
      flow: { node: 'wait', waits: true, outcomes: ['continue'] },
    });
    const [caller] = answer.body.state.parties;
    expect(caller).toMatchObject({ role: 'calling', leg: { state: 'answered', direction: 'inbound' } });
    const shown = answer.body.state.flow.variables.map((one: { name: string; value: unknown; masked: boolean }) => [
      one.name,
      one.masked ? '***' : one.value,
    ]);
    expect(shown).toEqual([
      ['customer', '***'],
      ['secret', '***'],
      ['turns', 1],
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/4711|Ada/);
  });

  test('is not told of records that are not whole, to who may only read, and of other companies', async () => {
    const id = await store(waiting(), (all) => all.map((one) => ({ ...one, type: 'log' })));
    expect((await state(id)).body).toEqual({ state: null });
    expect((await state(id, reader)).status).toBe(403);
    expect((await state(id, api.other.key)).body.code).toBe('API_NOT_FOUND');
  });
});

describe('steering', () => {
  const steer = (id: string, act: string, body: object, key = supervisor) =>
    api.ask('POST', `/calls/${id}/${act}`, { body, key });
  const kept = async (id: string) =>
    (await api.store.pool.query('select action from call_control where call_id = $1 order by created_at', [id])).rows;
  const audited = async (id: string) =>
    (await api.ask('GET', '/audit?limit=500')).body.items.filter(
      (one: { entity?: { id: string } | null }) => one.entity?.id === id,
    );

  test('keeps the command before it is sent, and who gave it', async () => {
    const id = await store(waiting());
    const answers = [
      await steer(id, 'skip', { node: 'wait', outcome: 'continue' }),
      await steer(id, 'say', { say: { type: 'text', text: 'One moment, Ada.' }, both: true }),
      await steer(id, 'hangup', {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await kept(id)).map(({ action }) => action)).toEqual([
      { kind: 'skip', node: 'wait', outcome: 'continue' },
      {
        kind: 'say',
        leg: null,
        both: true,
        prompts: [{ items: [{ type: 'text', text: 'One moment, Ada.' }], bargeIn: false }],
      },
      { kind: 'hangup', leg: null },
    ]);
    const log = await audited(id);
    expect(log.map((one: { action: string }) => one.action).sort()).toEqual([
      'call.hung-up',
      'call.node-skipped',
      'call.told',
    ]);
    expect(JSON.stringify(log)).not.toContain('Ada');
  });

  test('speaks prompts of the company by the content they have now', async () => {
    const id = await store(waiting());
    await api.ask('PUT', '/prompts/sorry', { body: { text: 'Sorry.', language: 'en' } });
    const { hash } = (await api.ask('GET', '/prompts/sorry')).body;
    expect((await steer(id, 'say', { say: { type: 'prompt', name: 'sorry' } })).status).toBe(202);
    expect((await kept(id))[0].action.prompts[0].items).toEqual([{ type: 'audio', name: 'sorry', hash }]);
    const unknown = await steer(id, 'say', { say: { type: 'prompt', name: 'nobody-said-so' } });
    expect(unknown.body.code).toBe('API_UNKNOWN_REFERENCE');
  });

  test('is refused for calls that are over, to who may only read, in a wrong form, and to other companies', async () => {
    const over = waiting();
    over.hangsUp().ends();
    const [id, ended] = [await store(waiting()), await store(over)];
    const text = { say: { type: 'text', text: 'x' } };
    expect((await steer(ended, 'skip', {})).body.code).toBe('API_CALL_OVER');
    expect((await steer(ended, 'say', text)).body.code).toBe('API_CALL_OVER');
    expect((await steer(id, 'skip', {}, reader)).status).toBe(403);
    expect((await steer(id, 'say', text, reader)).status).toBe(403);
    expect((await steer(id, 'skip', {}, api.other.key)).body.code).toBe('API_NOT_FOUND');
    expect((await steer(id, 'say', text, api.other.key)).body.code).toBe('API_NOT_FOUND');
    for (const body of [{}, { say: { type: 'text', text: '' } }, { say: { type: 'text', text: 'x'.repeat(1001) } }])
      expect((await steer(id, 'say', body)).status).toBe(400);
    expect(await kept(id)).toEqual([]);
    expect(await audited(id)).toEqual([]);
  });
});

/** The command line against the listening api. */
function commandLine(...args: string[]): Promise<CommandResult> {
  const { port } = api.app.server.address() as AddressInfo;
  const env = { CALLWRIGHT_URL: `http://127.0.0.1:${port}`, CALLWRIGHT_API_KEY: supervisor };
  return runCommand({ env }, args);
}

describe('the command line', () => {
  test('shows where a call stands, waits for what a command came to, and refuses what leads nowhere', async () => {
    const id = await store(waiting());
    const shown = await commandLine('steer', 'show', id);
    expect([shown.code, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain('at wait, to be left by continue');
    expect(shown.out).toMatch(/customer +\(hidden\)/);
    expect(shown.out).not.toMatch(/4711|Ada/);
    const skipping = commandLine('steer', 'skip', id, 'continue', '--node', 'wait');
    const kept = () => api.store.pool.query('select id, action from call_control where call_id = $1', [id]);
    await expect.poll(async () => (await kept()).rowCount, { timeout: 30_000 }).toBe(1);
    const [control] = (await kept()).rows;
    expect(control.action).toEqual({ kind: 'skip', node: 'wait', outcome: 'continue' });
    const body = { type: 'control.done', id: control.id, action: 'skip', ok: false, code: 'moved-on' };
    const done = { n: 900, at: Date.now(), stream: 'fact' as const, type: 'control.done', body };
    await storeRecords(api.store.db, api.keyring, { companyId: api.demo.companyId, callId: id, records: [done] });
    expect((await skipping).out).toContain('skip: moved-on');
    const nowhere = await commandLine('steer', 'transfer', id, 'sip:mallory@example.test');
    expect([nowhere.code, nowhere.out]).toEqual([1, '']);
    expect(nowhere.err).toContain('extension or a number');
    // every command is a process of its own
  }, 120_000);
});
