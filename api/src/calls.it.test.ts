import { randomBytes } from 'node:crypto';
import { callWorkflowId } from '@callwright/contract';
import { openStart } from '@callwright/store';
import { testTemporal } from '@callwright/test-support';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

const namespace = `api-${randomBytes(6).toString('hex')}`;
const KEYWORD = 2;
let api: TestApi;

beforeAll(async () => {
  const connection = await Connection.connect({ address: testTemporal().address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
  });
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: { CompanyId: KEYWORD, CallId: KEYWORD },
  });
  await connection.close();
  api = await startTestApi({ namespace });
  await connected();
});
afterAll(() => api.close());

beforeEach(async () => {
  await api.store.pool.query(`insert into media_instance (instance, name, epoch, max_calls, calls) values ('m.1', 'm', 1, 100, 5), ('n.1', 'n', 1, 100, 90)
    on conflict (instance) do update set state = 'alive', renewed_at = now()`);
});

/** The gate connects in the background. */
async function connected(): Promise<void> {
  for (;;) {
    try {
      return void api.temporal.client();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const place = (body: object = {}, headers = {}) =>
  api.ask('POST', '/calls', {
    body: { to: { type: 'extension', extension: '101' }, flow: 'front-desk', ...body },
    headers,
  });
const workflow = (callId: string) =>
  api.temporal.client().workflow.getHandle(callWorkflowId(api.demo.companyId, callId));

async function signals(callId: string): Promise<number> {
  const { events } = await workflow(callId).fetchHistory();
  return (events ?? []).filter((e) => e.workflowExecutionSignaledEventAttributes?.signalName === 'control').length;
}

describe('placing', () => {
  test('the row comes first, then the workflow, under one id', async () => {
    const answer = await place({ externalId: 'order-7', variables: { operator: '102' } });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      state: 'started',
      direction: 'internal',
      externalId: 'order-7',
      calling: { number: '101', name: 'Alice Martin' },
    });
    const { rows } = await api.store.pool.query('select start from call where id = $1', [answer.body.id]);
    expect(rows[0].start).toMatchObject({
      callId: answer.body.id,
      number: answer.body.number,
      companyId: api.demo.companyId,
      inbound: null,
      // kept apart, sealed
      variables: {},
      locale: { timeZone: 'Europe/Paris' },
      // the instance with the most room
      originate: { instance: 'm.1', target: { type: 'user' } },
    });
    const description = await workflow(answer.body.id).describe();
    expect([description.type, description.taskQueue, description.status.name]).toEqual([
      'callWorkflow',
      'calls',
      'RUNNING',
    ]);
    const { events } = await workflow(answer.body.id).fetchHistory();
    const started = JSON.stringify(events?.[0]);
    expect(started).not.toContain('order-7');
    const { variables_enc: sealed, start } = (
      await api.store.pool.query('select start, variables_enc from call where id = $1', [answer.body.id])
    ).rows[0];
    expect(sealed.toString('latin1')).not.toContain('102');
    expect(openStart(api.keyring, api.demo.companyId, start, sealed).variables).toEqual({ operator: '102' });
    expect(() => openStart(api.keyring, api.other.companyId, start, sealed)).toThrow();
    expect((await api.ask('GET', '/calls?externalId=order-7')).body.items.map((c: { id: string }) => c.id)).toEqual([
      answer.body.id,
    ]);
  });

  test('the same idempotency key places one call', async () => {
    const headers = { 'idempotency-key': 'place-1' };
    const answers = [await place({}, headers), await place({}, headers)];
    expect(answers[0]!.body.id).toBe(answers[1]!.body.id);
    const { rows } = await api.store.pool.query('select count(*)::int as n from call where id = $1', [
      answers[0]!.body.id,
    ]);
    expect(rows[0].n).toBe(1);
  });

  test('a crash between row and answer ends in the same call', async () => {
    const headers = { 'idempotency-key': 'place-2' };
    const first = await place({}, headers);
    await api.store.pool.query(
      `update idempotency set status = null, claimed_at = now() - interval '1 minute' where key = 'place-2'`,
    );
    await api.store.pool.query(`update call set state = 'waiting' where id = $1`, [first.body.id]);
    const again = await place({}, headers);
    expect([again.status, again.body.id, again.body.number]).toEqual([202, first.body.id, first.body.number]);
  });

  test('without Temporal the row waits for an io worker', async () => {
    const alone = await startTestApi({ temporalAddress: '127.0.0.1:1' });
    try {
      await alone.store.pool.query(`insert into media_instance (instance, name, epoch) values ('m.1', 'm', 1)`);
      const answer = await alone.ask('POST', '/calls', {
        body: { to: { type: 'extension', extension: '101' }, flow: 'front-desk' },
      });
      expect([answer.status, answer.body.state]).toEqual([202, 'waiting']);
      const health = await alone.app.inject({ url: '/healthz' });
      expect(health.statusCode).toBe(503);
      expect(health.json().parts).toMatchObject({
        postgres: { ok: true },
        temporal: { ok: false },
        media: { ok: true },
      });
    } finally {
      await alone.close();
    }
  });

  test('what cannot be called is refused, and leaves no row', async () => {
    const count = async () => (await api.store.pool.query('select count(*)::int as n from call')).rows[0].n;
    const before = await count();
    expect((await place({ to: { type: 'extension', extension: '999' } })).body.code).toBe('API_UNKNOWN_DESTINATION');
    expect((await place({ flow: 'no-such-flow' })).body.code).toBe('API_UNKNOWN_DESTINATION');
    expect((await place({ to: { type: 'sip', uri: 'sip:a@b c' } })).status).toBe(400);
    const draft = await api.ask('POST', '/flows', {
      body: {
        file: {
          document: {
            format: 1,
            name: 'draft-only',
            language: 'en',
            entry: 'a',
            variables: [],
            nodes: [{ id: 'a', number: 0, kind: 'start', version: 1, config: {} }],
            edges: [],
          },
        },
      },
    });
    expect((await place({ flow: draft.body.id })).body.code).toBe('API_NOT_PUBLISHED');
    await api.store.pool.query(`update media_instance set renewed_at = now() - interval '20 s'`);
    const none = await place();
    expect([none.status, none.body.code, none.headers['retry-after']]).toEqual([503, 'API_NO_MEDIA', '2']);
    expect(await count()).toBe(before);
  });
});

describe('commands', () => {
  test('a command is kept, then signalled, once per idempotency key', async () => {
    const { id } = (await place()).body;
    const headers = { 'idempotency-key': `hang-${id}` };
    const answers = [
      await api.ask('POST', `/calls/${id}/hangup`, { headers }),
      await api.ask('POST', `/calls/${id}/hangup`, { headers }),
    ];
    expect(answers.map((a) => a.status)).toEqual([202, 202]);
    expect(answers[0]!.body).toMatchObject({ callId: id, action: 'hangup' });
    expect(answers[1]!.body.id).toBe(answers[0]!.body.id);
    expect(await signals(id)).toBe(1);
    const { rows } = await api.store.pool.query(
      'select id, by_type, action, delivered_at is not null as sent from call_control where call_id = $1',
      [id],
    );
    expect(rows).toEqual([
      { id: answers[0]!.body.id, by_type: 'api-key', action: { kind: 'hangup', leg: null }, sent: true },
    ]);
  });

  test('redirect, join, continue and override', async () => {
    const [a, b] = [(await place()).body.id, (await place()).body.id];
    const flow = (await api.ask('GET', '/flows?name=echo-test')).body.items[0].id;
    expect(
      (await api.ask('POST', `/calls/${a}/redirect`, { body: { destination: { type: 'flow', id: flow } } })).body
        .action,
    ).toBe('redirect');
    expect(
      (await api.ask('POST', `/calls/${a}/redirect`, { body: { destination: { type: 'flow', id: 'nope' } } })).body
        .code,
    ).toBe('API_UNKNOWN_DESTINATION');
    expect((await api.ask('POST', `/calls/${a}/join`, { body: { callId: b } })).body.action).toBe('join');
    expect((await api.ask('POST', `/calls/${a}/join`, { body: { callId: crypto.randomUUID() } })).status).toBe(404);
    expect((await api.ask('POST', `/calls/${a}/continue`)).body.action).toBe('continue');
    const config = { prompts: [{ parts: [{ type: 'text', text: 'Bonjour' }] }] };
    const override = (body: unknown) => api.ask('POST', `/calls/${a}/override`, { body });
    expect((await override({ node: 'greeting', config })).body.action).toBe('override');
    for (const wrong of [{ node: 'greeting' }, { node: '', config }, { node: 'greeting', config: [] }]) {
      expect((await override(wrong)).status).toBe(400);
    }
    expect(await signals(a)).toBe(4);
    const { rows } = await api.store.pool.query(
      `select action from call_control where call_id = $1 and action->>'kind' = 'override'`,
      [a],
    );
    expect(rows).toEqual([{ action: { kind: 'override', node: 'greeting', config } }]);
  });

  test('a call that is over takes no command', async () => {
    const { id } = (await place()).body;
    await api.store.pool.query(`update call set state = 'ended', ended_at = now() where id = $1`, [id]);
    expect((await api.ask('POST', `/calls/${id}/hangup`)).body.code).toBe('API_CALL_OVER');
    expect(await signals(id)).toBe(0);
  });

  test('a workflow that is gone leaves the command to the io workers', async () => {
    const { id } = (await place()).body;
    await workflow(id).terminate();
    expect((await api.ask('POST', `/calls/${id}/hangup`)).status).toBe(202);
    const { rows } = await api.store.pool.query('select delivered_at from call_control where call_id = $1', [id]);
    expect(rows).toEqual([{ delivered_at: null }]);
  });
});

describe('health', () => {
  test('200 only when every part is there', async () => {
    const down = await api.app.inject({ url: '/healthz' });
    expect(down.statusCode).toBe(503);
    expect(down.json().parts).toMatchObject({ temporal: { ok: true }, calls: { ok: false }, io: { ok: false } });
    const connection = await Connection.connect({ address: testTemporal().address });
    // as workers do: a poll that stands
    const poll = { namespace, identity: 'test-worker' };
    const stand = (task: () => Promise<unknown>) =>
      void connection.withDeadline(Date.now() + 30_000, task).catch(() => {});
    stand(() => connection.workflowService.pollWorkflowTaskQueue({ ...poll, taskQueue: { name: 'calls' } }));
    stand(() => connection.workflowService.pollActivityTaskQueue({ ...poll, taskQueue: { name: 'io' } }));
    let health = down;
    for (let i = 0; i < 40 && health.statusCode !== 200; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      health = await api.app.inject({ url: '/healthz' });
    }
    expect(health.json()).toMatchObject({ ok: true, parts: { media: { detail: 'm.1, n.1' } } });
    await api.store.pool.query(`update media_instance set state = 'lost'`);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await api.app.inject({ url: '/healthz' })).json()).toMatchObject({
      ok: false,
      parts: { media: { ok: false } },
    });
    await connection.close();
  });
});

test('a killed process shows before Temporal notices', async () => {
  const gone = await startTestApi({ namespace, processes: [{ role: 'calls', url: 'http://127.0.0.1:9/metrics' }] });
  try {
    const { parts } = (await gone.app.inject({ url: '/healthz' })).json();
    expect(parts.calls).toEqual({ ok: false, detail: 'no process answers' });
    expect(parts.io.detail).not.toBe('no process answers');
  } finally {
    await gone.close();
  }
});

describe('looking into calls', () => {
  test('lists filter, and go page by page from the newest', async () => {
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await place({ externalId: 'batch' })).body.id);
    const first = await api.ask('GET', '/calls?externalId=batch&limit=3');
    const second = await api.ask('GET', `/calls?externalId=batch&limit=3&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items].map((c: { id: string }) => c.id)).toEqual(ids);
    expect(second.body.next).toBeNull();
    expect((await api.ask('GET', '/calls?party=101&state=started&limit=1')).body.items).toHaveLength(1);
    expect((await api.ask('GET', '/calls?party=nobody')).body.items).toEqual([]);
    expect((await api.ask('GET', '/calls?to=2000-01-01T00:00:00Z')).body.items).toEqual([]);
    expect((await api.ask('GET', '/calls?from=yesterday')).status).toBe(400);
  });

  test('records come in order with the reason of each decision; personal values are masked', async () => {
    const { id } = (await place()).body;
    const insert = (n: number, stream: string, type: string, body: object, pii: Buffer | null = null) =>
      api.store.pool.query(
        'insert into call_record (call_id, n, company_id, at, stream, type, body, pii_enc) values ($1,$2,$3,now(),$4,$5,$6,$7)',
        [id, n, api.demo.companyId, stream, type, JSON.stringify(body), pii],
      );
    await insert(2, 'fact', 'node.left', { node: 'menu', outcome: 'sales', reason: 'key 1 of 3 choices' });
    await insert(1, 'event', 'leg', { leg: 'x', pii: { value: '4929' } }, Buffer.from('sealed'));
    const { body } = await api.ask('GET', `/calls/${id}/records`);
    expect(body.items.map((r: { n: number }) => r.n)).toEqual([1, 2]);
    expect(body.items[0]).toMatchObject({ masked: true, body: { pii: '***' } });
    expect(JSON.stringify(body)).not.toContain('4929');
    expect(body.items[1].body.reason).toBe('key 1 of 3 choices');
    expect((await api.ask('GET', `/calls/${id}/records?stream=fact`)).body.items).toHaveLength(1);
  });
});
