import { catalogue } from '@callwright/flows';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const frontDesk = catalogue['front-desk']!;
const named = (name: string, change: object = {}) => ({ document: { ...frontDesk, name, ...change } });
const make = async (name: string) => (await api.ask('POST', '/flows', { body: { file: named(name) } })).body;

test('the built-in flows are there and published', async () => {
  const { items } = (await api.ask('GET', '/flows')).body;
  expect(items.map((f: { name: string }) => f.name).sort()).toEqual(Object.keys(catalogue).sort());
  for (const flow of items) expect(flow.published.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('draft, publish, change, publish, compare, roll back', async () => {
  const flow = await make('reception');
  expect([flow.draftVersion, flow.published]).toEqual([1, null]);
  const first = await api.ask('POST', `/flows/${flow.id}/publish`, { body: { comment: 'first' } });
  expect(first.body.revision).toMatchObject({ number: 1, comment: 'first' });
  const same = await api.ask('POST', `/flows/${flow.id}/publish`);
  expect(same.body.revision.hash).toBe(first.body.revision.hash);

  const file = named('reception', { title: 'Reception desk' });
  const saved = await api.ask('PUT', `/flows/${flow.id}/draft`, { body: { version: 1, file } });
  expect([saved.body.draftVersion, saved.body.title]).toEqual([2, 'Reception desk']);
  const diff = await api.ask('GET', `/flows/${flow.id}/diff?from=1&to=draft`);
  expect(diff.body.changes.same).toBe(false);
  expect(JSON.stringify(diff.body.changes.fields)).toContain('Reception desk');
  const second = await api.ask('POST', `/flows/${flow.id}/publish`, { body: { version: 2 } });
  expect(second.body.revision.number).toBe(2);
  expect(second.body.revision.hash).not.toBe(first.body.revision.hash);

  const back = await api.ask('POST', `/flows/${flow.id}/rollback`, { body: { number: 1 } });
  expect(back.body.hash).toBe(first.body.revision.hash);
  expect((await api.ask('GET', `/flows/${flow.id}`)).body.published).toEqual({
    number: 1,
    hash: first.body.revision.hash,
  });
  const { items } = (await api.ask('GET', `/flows/${flow.id}/revisions`)).body;
  expect(items.map((r: { number: number }) => r.number)).toEqual([2, 1]);
  const revision = await api.ask('GET', `/flows/${flow.id}/revisions/2`);
  expect(revision.body.closure.documents[revision.body.hash].document.title).toBe('Reception desk');
  expect((await api.ask('POST', `/flows/${flow.id}/rollback`, { body: { number: 9 } })).status).toBe(404);
});

test('of two who save the same version one is told to load again', async () => {
  const flow = await make('contested');
  const save = (title: string) =>
    api.ask('PUT', `/flows/${flow.id}/draft`, { body: { version: 1, file: named('contested', { title }) } });
  const answers = await Promise.all([save('A'), save('B'), save('C')]);
  expect(answers.filter((a) => a.status === 200)).toHaveLength(1);
  expect(answers.filter((a) => a.body.code === 'API_DRAFT_CHANGED')).toHaveLength(2);
  const stale = await api.ask('POST', `/flows/${flow.id}/publish`, { body: { version: 1 } });
  expect(stale.body.code).toBe('API_DRAFT_CHANGED');
});

test('publishing refuses errors and lists all of them at once', async () => {
  const document = {
    ...frontDesk,
    name: 'broken',
    nodes: [
      ...frontDesk.nodes.filter((n) => n.id !== 'goodbye'),
      { id: 'strange', number: 900, kind: 'teapot', version: 1, label: '', config: {} },
      { id: 'faulty', number: 901, kind: 'menu', version: 1, label: '', config: { choices: 'none' } },
    ],
  };
  const made = await api.ask('POST', '/flows', { body: { file: { document } } });
  expect(made.status).toBe(201);
  const refused = await api.ask('POST', `/flows/${made.body.id}/publish`);
  expect([refused.status, refused.body.code]).toEqual([422, 'API_FLOW_INVALID']);
  const codes = new Set(refused.body.diagnostics.map((d: { code: string }) => d.code));
  for (const code of ['FLW_UNKNOWN_KIND', 'FLW_BAD_CONFIG', 'FLW_UNKNOWN_NODE']) expect(codes).toContain(code);
  const lint = await api.ask('POST', '/flows/lint', { body: { file: { document } } });
  expect(lint.body.publishable).toBe(false);
  expect(lint.body.diagnostics).toEqual(refused.body.diagnostics);
  expect((await api.ask('GET', `/flows/${made.body.id}`)).body.published).toBeNull();
});

test('what is no flow file is refused with every fault', async () => {
  const answer = await api.ask('POST', '/flows', {
    body: { file: { document: { format: 2, name: 'Bad Name', nodes: [] } } },
  });
  expect(answer.body.code).toBe('API_FLOW_INVALID');
  expect(answer.body.diagnostics.length).toBeGreaterThanOrEqual(3);
  const empty = await api.ask('POST', '/flows', { body: { file: {} } });
  expect(empty.body.errors[0].path).toBe('file.document');
});

test('names are unique in a company, and free in another', async () => {
  await make('unique');
  expect((await api.ask('POST', '/flows', { body: { file: named('unique') } })).body.code).toBe('API_NAME_TAKEN');
  expect((await api.ask('POST', '/flows', { key: api.other.key, body: { file: named('unique') } })).status).toBe(201);
});

test('a flow to which a number leads is not deleted', async () => {
  const flow = await make('in-use');
  const number = await api.ask('POST', '/numbers', {
    body: { dialled: '260', kind: 'service', destination: { type: 'flow', id: flow.id } },
  });
  expect((await api.ask('DELETE', `/flows/${flow.id}`)).body.code).toBe('API_IN_USE');
  await api.ask('DELETE', `/numbers/${number.body.id}`);
  expect((await api.ask('DELETE', `/flows/${flow.id}`)).status).toBe(204);
  expect((await api.ask('GET', `/flows/${flow.id}`)).status).toBe(404);
});

test('publishing pins sub-flows and audio by hash; later changes leave the revision as it is', async () => {
  await api.app.inject({
    method: 'PUT',
    url: '/api/v1/prompts/chime/audio',
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': 'audio/wav' },
    payload: toneWav(),
  });
  const inner = {
    format: 1,
    name: 'inner',
    language: 'en',
    entry: 'start',
    variables: [],
    nodes: nodes('play', { prompts: [audio('chime')] }),
    edges: edges(),
  };
  const made = (await api.ask('POST', '/flows', { body: { file: { document: inner } } })).body;
  const published = await api.ask('POST', `/flows/${made.id}/publish`);
  expect(published.body.diagnostics ?? published.body).toEqual([]);
  const { closure } = (await api.ask('GET', `/flows/${made.id}/revisions/1`)).body;
  const pinned = closure.documents[closure.root].audio.chime;
  expect(pinned).toBe((await api.ask('GET', '/prompts/chime')).body.hash);

  const outer = { ...inner, name: 'outer', nodes: nodes('sub-flow', { flow: 'inner', outcomes: ['next'] }) };
  const caller = (await api.ask('POST', '/flows', { body: { file: { document: outer } } })).body;
  const before = await api.ask('POST', `/flows/${caller.id}/publish`);
  const pins = async (number: number) => {
    const { body } = await api.ask('GET', `/flows/${caller.id}/revisions/${number}`);
    return body.closure.documents[body.closure.root].subflows.inner;
  };
  expect(await pins(1)).toBe(closure.root);
  // another chime, hence another revision of the inner flow; the outer one keeps what it pinned until it is published again
  await api.app.inject({
    method: 'PUT',
    url: '/api/v1/prompts/chime/audio',
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': 'audio/wav' },
    payload: toneWav().subarray(0, 8044),
  });
  const changed = await api.ask('POST', `/flows/${made.id}/publish`);
  expect(changed.body.revision.hash).not.toBe(closure.root);
  expect(await pins(1)).toBe(closure.root);
  const again = await api.ask('POST', `/flows/${caller.id}/publish`);
  expect(again.body.revision.hash).not.toBe(before.body.revision.hash);
  expect(await pins(2)).toBe(changed.body.revision.hash);

  const missing = { ...inner, name: 'missing', nodes: nodes('play', { prompts: [audio('nowhere')] }) };
  const refused = await api.ask('POST', '/flows/lint', { body: { file: { document: missing } } });
  expect(refused.body.publishable).toBe(false);
});

const audio = (name: string) => ({ parts: [{ type: 'audio', name }] });
const nodes = (kind: string, config: object) => [
  { id: 'start', number: 0, kind: 'start', version: 1, label: '', config: {} },
  { id: 'middle', number: 1, kind, version: 1, label: '', config },
  { id: 'end', number: 2, kind: 'hang-up', version: 1, label: '', config: {} },
];
const edges = () => [
  { from: 'start', outcome: 'next', to: 'middle' },
  { from: 'middle', outcome: 'next', to: 'end' },
];

test('node numbers stay with their nodes and are never given twice', async () => {
  const base = { format: 1, name: 'numbered', language: 'en', entry: 'start', variables: [], edges: edges() };
  const play = { prompts: [{ parts: [{ type: 'tone', frequenciesHz: [440], onMs: 200 }] }] };
  const flow = (
    await api.ask('POST', '/flows', { body: { file: { document: { ...base, nodes: nodes('play', play) } } } })
  ).body;
  expect((await api.ask('POST', `/flows/${flow.id}/publish`)).status).toBe(200);
  const renamed = nodes('play', play).map((n) => (n.id === 'middle' ? { ...n, id: 'other' } : n));
  const rewired = [
    { from: 'start', outcome: 'next', to: 'other' },
    { from: 'other', outcome: 'next', to: 'end' },
  ];
  const document = { ...base, nodes: renamed, edges: rewired };
  await api.ask('PUT', `/flows/${flow.id}/draft`, { body: { version: 1, file: { document } } });
  expect((await api.ask('POST', `/flows/${flow.id}/publish`)).status).toBe(200);
  const { closure } = (await api.ask('GET', `/flows/${flow.id}/revisions/2`)).body;
  const numbers = Object.fromEntries(
    closure.documents[closure.root].document.nodes.map((n: { id: string; number: number }) => [n.id, n.number]),
  );
  expect(numbers).toEqual({ start: 0, end: 2, other: 3 });
});
