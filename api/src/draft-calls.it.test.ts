/** Drafts made callable: what is pinned, who may dial it, what is left of it. */
import { findSipLogin, purgeDraftCalls, routeCall } from '@callwright/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInFlows } from './flows/built-in.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const welcome = builtInFlows().find(({ file }) => file.document.name === 'tone-menu')!.file;

async function newFlow(name: string): Promise<{ id: string; draftVersion: number }> {
  const file = { ...welcome, document: { ...welcome.document, name, title: name } };
  return (await api.ask('POST', '/flows', { body: { file } })).body;
}

const dial = (dialled: string, companyId = api.demo.companyId) =>
  routeCall(api.store.db, {
    companyId,
    role: 'user',
    userId: null,
    calling: '101',
    trunkId: null,
    dialled,
    at: Date.now(),
  });

test('a draft has a number of its own, and nothing is published', async () => {
  const flow = await newFlow('try-one');
  const { status, body } = await api.ask('POST', `/flows/${flow.id}/draft-calls`, { body: { version: 1 } });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    revision: expect.stringMatching(/^[0-9a-f]{64}$/),
    number: expect.stringMatching(/^\*55\d{4}$/),
  });
  const route = await dial(body.number);
  expect(route).toMatchObject({
    revision: body.revision,
    direction: 'internal',
    called: { type: 'flow', id: flow.id },
  });
  expect((await api.ask('GET', `/flows/${flow.id}`)).body.published).toBeNull();
  expect((await api.ask('GET', `/flows/${flow.id}/revisions`)).body.items).toEqual([]);
  // the number is the company's own
  const elsewhere = await dial(body.number, api.other.companyId);
  expect(elsewhere).toMatchObject({ called: { type: 'announcement' } });
});

test('a draft that is published after it was tried is an ordinary revision', async () => {
  const flow = await newFlow('try-two');
  const tried = (await api.ask('POST', `/flows/${flow.id}/draft-calls`)).body;
  const { body } = await api.ask('POST', `/flows/${flow.id}/publish`, { body: { comment: 'first' } });
  expect(body.revision).toMatchObject({ number: 1, hash: tried.revision, comment: 'first' });
  // trying what is published changes nothing of it
  await api.ask('POST', `/flows/${flow.id}/draft-calls`);
  expect((await api.ask('GET', `/flows/${flow.id}/revisions`)).body.items).toMatchObject([
    { number: 1, comment: 'first' },
  ]);
});

test('its log-in dials nothing else, and ends with the number', async () => {
  const flow = await newFlow('try-three');
  const { body } = await api.ask('POST', `/flows/${flow.id}/draft-calls`);
  const { username } = body.phone;
  expect(await findSipLogin(api.store.db, username)).toMatchObject({
    onlyDials: body.number,
    companyId: api.demo.companyId,
  });
  const over = `now() - interval '1 second'`;
  await api.store.pool.query(`update sip_login set expires_at = ${over} where username = $1`, [username]);
  expect(await findSipLogin(api.store.db, username)).toBeNull();
  await api.store.pool.query(`update draft_call set expires_at = ${over} where id = $1`, [body.id]);
  expect(await dial(body.number)).toMatchObject({ called: { type: 'announcement' } });
});

test('what is left of it goes, but for revisions that a call names', async () => {
  const [called, forgotten, fresh] = await Promise.all(
    ['try-four', 'try-five', 'try-six'].map(async (name) => {
      const { id } = await newFlow(name);
      return (await api.ask('POST', `/flows/${id}/draft-calls`)).body as { id: string; revision: string };
    }),
  );
  const old = [called!, forgotten!];
  const { pool } = api.store;
  await pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values (gen_random_uuid(), nextval('call_number_seq'), $1, 'internal', 'started', '{}', $2, '{}', '{}')`,
    [api.demo.companyId, called!.revision],
  );
  await pool.query(`update draft_call set expires_at = now() - interval '1 day' where id = any($1)`, [
    old.map(({ id }) => id),
  ]);
  await pool.query(`update revision set published_at = now() - interval '2 days' where hash = any($1)`, [
    [...old, fresh!].map(({ revision }) => revision),
  ]);
  await purgeDraftCalls(api.store.db);
  const { rows } = await pool.query('select hash from revision where number is null and hash = any($1)', [
    [...old, fresh!].map(({ revision }) => revision),
  ]);
  expect(rows.map(({ hash }) => hash).toSorted()).toEqual([called!.revision, fresh!.revision].toSorted());
});

test('a draft with errors, another version, a company without the feature code: refused', async () => {
  const flow = await newFlow('try-seven');
  const path = `/flows/${flow.id}/draft-calls`;
  expect((await api.ask('POST', path, { body: { version: 2 } })).body.code).toBe('API_DRAFT_CHANGED');
  const { draft } = (await api.ask('GET', `/flows/${flow.id}`)).body;
  const broken = { ...draft, document: { ...draft.document, edges: [] } };
  expect((await api.ask('PUT', `/flows/${flow.id}/draft`, { body: { version: 1, file: broken } })).status).toBe(200);
  const refused = await api.ask('POST', path);
  expect(refused.body.code).toBe('API_FLOW_INVALID');
  expect(refused.body.diagnostics.length).toBeGreaterThan(0);
  await api.ask('PUT', `/flows/${flow.id}/draft`, { body: { version: 2, file: draft } });
  const off = await api.ask('POST', '/feature-codes', { body: { code: '*55', action: 'try-draft', enabled: false } });
  expect((await api.ask('POST', path)).body.code).toBe('API_NOT_ENTITLED');
  await api.ask('DELETE', `/feature-codes/${off.body.id}`);
  const again = await api.ask('POST', '/feature-codes', { body: { code: '*56', action: 'try-draft' } });
  expect((await api.ask('POST', path)).body.number).toMatch(/^\*56\d{4}$/);
  await api.ask('DELETE', `/feature-codes/${again.body.id}`);
});
