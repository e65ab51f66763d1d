import { flow as authored, type FlowDocument, node, say } from '@callwright/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

let api: TestApi;
let flow: { id: string; name: string };
beforeAll(async () => {
  api = await startTestApi();
  const { body } = await api.ask('GET', '/flows?name=front-desk');
  flow = body.items[0];
});
afterAll(() => api.close());

test('a text is spoken without being kept', async () => {
  const answer = await api.app.inject({
    method: 'GET',
    url: `/api/v1/speech?language=en&text=${encodeURIComponent('Good morning')}`,
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}` },
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload.subarray(0, 4).toString()).toBe('RIFF');
  expect(answer.rawPayload.length).toBeGreaterThan(2_000);
  expect((await api.ask('GET', '/speech?language=en')).body.code).toBe('API_BAD_REQUEST');
});

test('tests of a flow are kept by name, replaced and deleted', async () => {
  const path = `/flows/${flow.id}/tests`;
  const script = [{ do: 'press', digits: '1' }];
  expect((await api.ask('PUT', `${path}/sales`, { body: { script, path: ['a=b'] } })).status).toBe(200);
  const again = await api.ask('PUT', `${path}/sales`, { body: { script, path: ['a=c'] } });
  expect(again.body).toMatchObject({ name: 'sales', script, path: ['a=c'] });
  expect((await api.ask('GET', path)).body.items).toHaveLength(1);
  expect((await api.ask('DELETE', `${path}/sales`)).status).toBe(204);
  expect((await api.ask('DELETE', `${path}/sales`)).body.code).toBe('API_NOT_FOUND');
  expect((await api.ask('PUT', `${path}/Not%20a%20name`, { body: { script, path: [] } })).body.code).toBe(
    'API_BAD_REQUEST',
  );
  const elsewhere = `/flows/${crypto.randomUUID()}/tests/sales`;
  expect((await api.ask('PUT', elsewhere, { body: { script, path: [] } })).body.code).toBe('API_NOT_FOUND');
});

test('a flow has at most 200 tests', async () => {
  const path = `/flows/${flow.id}/tests`;
  await api.store.pool.query(
    `insert into flow_test (company_id, flow_id, name, script, path)
     select $1, $2, 'full-' || n, '[]', '[]' from generate_series(1, 200) n`,
    [api.demo.companyId, flow.id],
  );
  expect((await api.ask('PUT', `${path}/one-more`, { body: { script: [], path: [] } })).body.code).toBe(
    'API_BAD_REQUEST',
  );
  expect((await api.ask('PUT', `${path}/full-7`, { body: { script: [], path: ['a=b'] } })).status).toBe(200);
});

test('uses are found by id and by name, in drafts, published revisions and rules', async () => {
  const used = async (type: string, key: string) => (await api.ask('GET', `/uses?type=${type}&key=${key}`)).body;
  const { body: groups } = await api.ask('GET', '/ring-groups');
  const { body: calendars } = await api.ask('GET', '/calendars');
  const calendar = calendars.items.find(({ name }: { name: string }) => name === 'opening-hours');
  const uses = await used('calendar', calendar.id);
  expect(uses.flows).toEqual([
    expect.objectContaining({ name: 'front-desk', draft: ['opening-hours'], published: ['opening-hours'] }),
  ]);
  expect((await used('flow', flow.id)).rules.length).toBeGreaterThan(0);
  expect((await used('ring-group', groups.items[0].id)).flows).toBeInstanceOf(Array);
  expect((await api.ask('GET', '/uses?type=calendar&key=opening-hours')).body.code).toBe('API_BAD_REQUEST');
  const foreign = await api.ask('GET', `/uses?type=calendar&key=${calendar.id}`, { key: api.other.key });
  expect(foreign.body).toEqual({ flows: [], rules: [] });
});

test('a prompt that a draft names is found', async () => {
  await api.app.inject({
    method: 'PUT',
    url: '/api/v1/prompts/hello/audio',
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': 'audio/wav' },
    payload: toneWav(),
  });
  const config = { prompts: [{ parts: [{ type: 'audio', name: 'hello' }] }] };
  const document = {
    format: 1,
    name: 'uses-hello',
    title: '',
    language: 'en',
    entry: 'play',
    variables: [],
    nodes: [{ id: 'play', number: 0, kind: 'play', version: 1, label: '', config }],
    edges: [],
  };
  expect((await api.ask('POST', '/flows', { body: { file: { document } } })).status).toBe(201);
  const { body } = await api.ask('GET', '/uses?type=prompt&key=hello');
  expect(body.flows).toEqual([expect.objectContaining({ name: 'uses-hello', draft: ['play'], published: [] })]);
});

test('queues, boxes, rooms and lists are found by what flows call them by, other companies’ are not', async () => {
  const made = async (path: string, body: object): Promise<string> => (await api.ask('POST', path, { body })).body.id;
  const ids = {
    queue: await made('/queues', { name: 'Used queue', extension: '7701' }),
    voicemail: await made('/voicemail-boxes', { name: 'Used box' }),
    'caller-list': await made('/caller-lists', { name: 'Used list', kind: 'vip', ownerId: api.demo.companyId }),
    'meeting-room': await made('/meeting-rooms', { name: 'Used room', extension: '7702' }),
  };
  const used = (id: string, kind: string, config: object) => ({ id, number: 0, kind, version: 1, label: '', config });
  const draft = {
    ...{ format: 1, name: 'uses-many', title: '', language: 'en', entry: 'wait', variables: [], edges: [] },
    nodes: [
      used('wait', 'queue', { queue: '7701' }),
      used('box', 'voicemail', { box: ids.voicemail }),
      used('listed', 'list-look-up', { list: 'Used list' }),
    ],
  };
  expect((await api.ask('POST', '/flows', { body: { file: { document: draft } } })).status).toBe(201);
  const drafts = async (type: string, key: string, as = {}) =>
    (await api.ask('GET', `/uses?type=${type}&key=${key}`, as)).body.flows.map(
      (flow: { draft: string[] }) => flow.draft,
    );
  expect(await drafts('queue', ids.queue)).toEqual([['wait']]);
  expect(await drafts('voicemail', ids.voicemail)).toEqual([['box']]);
  expect(await drafts('caller-list', ids['caller-list'])).toEqual([['listed']]);
  expect(await drafts('meeting-room', ids['meeting-room'])).toEqual([]);
  expect(await drafts('queue', ids.queue, { key: api.other.key })).toEqual([]);
});

test('a revision can be given a name later, and the change is in the audit log', async () => {
  const renamed = await api.ask('PATCH', `/flows/${flow.id}/revisions/1`, { body: { comment: 'Summer opening' } });
  expect(renamed.body).toMatchObject({ number: 1, comment: 'Summer opening' });
  const missing = await api.ask('PATCH', `/flows/${flow.id}/revisions/999`, { body: { comment: 'x' } });
  expect(missing.body.code).toBe('API_NOT_FOUND');
  const { body: log } = await api.ask('GET', '/audit');
  expect(JSON.stringify(log)).toContain('flow.revision-named');
});

/** A menu whose branch never takes its first way: one arrow that no call takes, and one from a node that none reaches. */
const untested = (name: string, when: string): FlowDocument =>
  authored(name, {
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'decide' }),
      decide: node('branch', { branches: [{ when, outcome: 'odd' }] }, { odd: 'told', otherwise: 'bye' }),
      told: node('play', { prompts: [say('Odd')] }, { next: 'bye' }),
      bye: node('hang-up', {}, {}),
    },
  });

test('a company may publish tested flows only: what no test takes is listed, and nothing is published', async () => {
  const company = `/owners/${api.demo.companyId}`;
  const gate = (on: boolean) => api.ask('PATCH', company, { body: { settings: { testedFlowsOnly: on } } });
  const name = `gated-${crypto.randomUUID().slice(0, 8)}`;
  const made = await api.ask('POST', '/flows', { body: { file: { document: untested(name, '1 > 2') } } });
  const { id } = made.body;
  const coverage = (query = '') => api.ask('GET', `/flows/${id}/coverage${query}`);
  const publish = () => api.ask('POST', `/flows/${id}/publish`, { body: {} });
  expect((await coverage()).body).toMatchObject({ required: false, complete: true, transitions: 4, covered: 2 });
  expect((await coverage('?ifRequired=true')).body).toMatchObject({ complete: false, diagnostics: [] });
  expect((await gate(true)).status).toBe(200);
  try {
    const refused = await publish();
    expect(refused).toMatchObject({ status: 422, body: { code: 'API_FLOW_UNTESTED' } });
    expect(refused.body.diagnostics).toMatchObject([
      { code: 'FLW_UNTESTED', node: 'decide' },
      { code: 'FLW_UNTESTED_NODE', node: 'told' },
    ]);
    expect((await api.ask('GET', `/flows/${id}`)).body.published).toBeNull();
    // with the branch both ways open, every arrow is taken; a kept test that fails still holds it up
    const file = { document: untested(name, 'caller.number.startsWith("+39")') };
    expect((await api.ask('PUT', `/flows/${id}/draft`, { body: { version: 1, file } })).status).toBe(200);
    await api.ask('PUT', `/flows/${id}/tests/stale`, { body: { script: [], path: ['nowhere=next'] } });
    expect((await publish()).body.diagnostics).toMatchObject([{ code: 'FLW_TEST_FAILED' }]);
    await api.ask('DELETE', `/flows/${id}/tests/stale`);
    expect((await coverage('?ifRequired=true')).body).toMatchObject({ required: true, covered: 4, diagnostics: [] });
    expect((await publish()).status).toBe(200);
  } finally {
    await gate(false);
  }
  const foreign = await api.ask('GET', `/flows/${id}/coverage`, { key: api.other.key });
  expect(foreign.body.code).toBe('API_NOT_FOUND');
});
