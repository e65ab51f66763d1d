/** Trunks over the API: who sees and may use which, what is refused, and that a password never leaves but by an audited request. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let reseller: { id: string; key: string };
let below: { id: string; key: string };

beforeAll(async () => {
  api = await startTestApi();
  const owner = await api.ask('POST', '/owners', { body: { kind: 'reseller', name: 'R' } });
  const key = await api.ask('POST', '/api-keys', { body: { ownerId: owner.body.id, name: 'r' } });
  reseller = { id: owner.body.id, key: key.body.key };
  const company = await api.ask('POST', '/owners', { key: reseller.key, body: { kind: 'company', name: 'Below' } });
  const companyKey = await api.ask('POST', '/api-keys', {
    key: reseller.key,
    body: { ownerId: company.body.id, name: 'c' },
  });
  below = { id: company.body.id, key: companyKey.body.key };
});
afterAll(() => api.close());

const NEW = {
  name: 'Carrier one',
  mode: 'register',
  host: 'sip.carrier.test',
  authUser: 'acme',
  secret: 'open "sesame"',
};

test('a trunk is made with defaults, changed, listed, deleted; its number is its owner’s', async () => {
  const made = await api.ask('POST', '/trunks', { key: below.key, body: NEW });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    ownerId: below.id,
    number: 1,
    kind: 'carrier',
    transport: 'udp',
    numberForm: 'e164',
    hasSecret: true,
    state: 'unknown',
    busyLines: 0,
    registeredUntil: null,
  });
  expect(JSON.stringify(made.body)).not.toContain('sesame');
  const path = `/trunks/${made.body.id}`;
  const changed = await api.ask('PATCH', path, {
    key: below.key,
    body: {
      kind: 'isdn',
      sources: ['192.0.2.0/24', '2001:db8::1'],
      codecs: ['PCMA'],
      maxCalls: 30,
      callsPerSecond: 2.5,
    },
  });
  expect(changed.body).toMatchObject({
    kind: 'isdn',
    sources: ['192.0.2.0/24', '2001:db8::1'],
    maxCalls: 30,
    callsPerSecond: 2.5,
  });
  expect(changed.body).toMatchObject({ name: NEW.name, hasSecret: true });
  const again = await api.ask('POST', '/trunks', { key: below.key, body: NEW });
  expect(again.body.code).toBe('API_NAME_TAKEN');
  expect((await api.ask('GET', '/trunks', { key: below.key })).body.items).toHaveLength(1);
  expect((await api.ask('DELETE', path, { key: below.key })).status).toBe(204);
  expect((await api.ask('GET', path, { key: below.key })).body.code).toBe('API_NOT_FOUND');
});

test('the password is sealed in the database, shown under audit, taken away by null', async () => {
  const { body: trunk } = await api.ask('POST', '/trunks', { key: below.key, body: { ...NEW, name: 'Secret' } });
  const { rows } = await api.store.pool.query('select secret_enc from trunk where id = $1', [trunk.id]);
  expect(rows[0].secret_enc.toString('latin1')).not.toContain('sesame');
  const shown = await api.ask('GET', `/trunks/${trunk.id}/secret`, { key: below.key });
  expect(shown.body).toEqual({ authUser: 'acme', secret: NEW.secret });
  const audit = await api.store.pool.query(`select action from audit where entity_id = $1 order by id`, [trunk.id]);
  expect(audit.rows.map((line) => line.action)).toEqual(['trunk.created', 'trunk.secret-shown']);
  const cleared = await api.ask('PATCH', `/trunks/${trunk.id}`, { key: below.key, body: { secret: null } });
  expect(cleared.body.hasSecret).toBe(false);
  expect((await api.ask('GET', `/trunks/${trunk.id}/secret`, { key: below.key })).body.secret).toBeNull();
});

test('a reseller’s trunk is usable below once it is shared, and never seen whole there', async () => {
  const { body: trunk } = await api.ask('POST', '/trunks', { key: reseller.key, body: { ...NEW, name: 'Wholesale' } });
  const usable = async (key: string) =>
    (await api.ask('GET', '/usable-trunks', { key })).body.items.map((item: { name: string }) => item.name);
  expect(await usable(below.key)).not.toContain('Wholesale');
  await api.ask('PATCH', `/trunks/${trunk.id}`, { key: reseller.key, body: { shared: true } });
  expect(await usable(below.key)).toContain('Wholesale');
  expect(await usable(api.other.key)).not.toContain('Wholesale');
  expect((await api.ask('GET', `/trunks/${trunk.id}`, { key: below.key })).body.code).toBe('API_NOT_FOUND');
  const patched = await api.ask('PATCH', `/trunks/${trunk.id}`, { key: below.key, body: { host: 'evil.test' } });
  expect(patched.body.code).toBe('API_NOT_FOUND');
  await api.ask('PATCH', `/trunks/${trunk.id}`, { key: reseller.key, body: { enabled: false } });
  expect(await usable(below.key)).not.toContain('Wholesale');
  const above = await api.ask('POST', '/trunks', {
    key: below.key,
    body: { ...NEW, name: 'Up', ownerId: reseller.id },
  });
  expect(above.body.code).toBe('API_NOT_FOUND');
});

test.each([
  ['a host that breaks its header', { host: 'a.test\r\nEvil: 1' }],
  ['a log-in with a quote', { authUser: 'a"b' }],
  ['a proxy with a path', { proxies: ['a.test/x'] }],
  ['a block that is none', { sources: ['192.0.2.0/33'] }],
  ['a port that is none', { port: 70_000 }],
  ['a prefix that is no number', { outboundPrefix: '+39;x' }],
  ['an unknown codec', { codecs: ['MP3'] }],
  ['a rate of nothing', { callsPerSecond: 0 }],
])('%s is refused', async (_what, fields) => {
  const answer = await api.ask('POST', '/trunks', { key: below.key, body: { ...NEW, name: 'Bad', ...fields } });
  expect(answer.body.code).toBe('API_BAD_REQUEST');
});

test('a box names a peer that its company may use, and forgets one that is deleted', async () => {
  const trunk = async (key: string, shared: boolean): Promise<string> =>
    (await api.ask('POST', '/trunks', { key, body: { ...NEW, name: `peer ${crypto.randomUUID()}`, shared } })).body.id;
  const ask = (method: 'POST' | 'PATCH' | 'GET', path: string, body?: object) =>
    api.ask(method, path, { key: below.key, ...(body ? { body } : {}) });
  const own = await trunk(below.key, false);
  const made = await ask('POST', '/voicemail-boxes', { name: 'Lit', notifyTrunkId: own, notifyAccount: '7001' });
  expect(made.body).toMatchObject({ notifyTrunkId: own, notifyAccount: '7001' });
  const path = `/voicemail-boxes/${made.body.id}`;
  const shared = await trunk(reseller.key, true);
  expect((await ask('PATCH', path, { notifyTrunkId: shared })).body).toMatchObject({ notifyTrunkId: shared });
  for (const refused of [await trunk(reseller.key, false), await trunk(api.other.key, false), crypto.randomUUID()])
    expect((await ask('PATCH', path, { notifyTrunkId: refused })).body.code).toBe('API_UNKNOWN_REFERENCE');
  expect((await ask('PATCH', path, { notifyAccount: 'a b>' })).status).toBe(400);
  await api.ask('DELETE', `/trunks/${shared}`, { key: reseller.key });
  expect((await ask('GET', path)).body).toMatchObject({ notifyTrunkId: null, notifyAccount: '7001' });
});
