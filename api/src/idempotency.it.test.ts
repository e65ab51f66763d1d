import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const post = (path: string, key: string, body: unknown, apiKey?: string) =>
  api.ask('POST', path, { body, headers: { 'idempotency-key': key }, ...(apiKey ? { key: apiKey } : {}) });

test('a repeat gets the first answer and makes nothing', async () => {
  const first = await post('/users', 'k-1', { extension: '121' });
  const again = await post('/users', 'k-1', { extension: '121' });
  expect(first.status).toBe(201);
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(again.status).toBe(201);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.body).toEqual(first.body);
});

test('another body under the same key is refused', async () => {
  await post('/users', 'k-2', { extension: '122' });
  const other = await post('/users', 'k-2', { extension: '123' });
  expect([other.status, other.body.code]).toEqual([422, 'API_IDEMPOTENCY_MISMATCH']);
  const elsewhere = await post('/calendars', 'k-2', { name: 'x', hours: { timeZone: 'UTC', weekly: [], dates: [] } });
  expect(elsewhere.body.code).toBe('API_IDEMPOTENCY_MISMATCH');
});

test('twenty at once make one', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/users', 'k-3', { extension: '124' })));
  const made = answers.filter((a) => a.status === 201);
  expect(made.length).toBeGreaterThanOrEqual(1);
  expect(new Set(made.map((a) => a.body.id)).size).toBe(1);
  for (const answer of answers) expect([201, 409]).toContain(answer.status);
  expect(answers.filter((a) => a.status === 409).every((a) => a.body.code === 'API_IDEMPOTENCY_BUSY')).toBe(true);
  expect((await api.ask('GET', '/users?extension=124')).body.items).toHaveLength(1);
});

test('a refusal that would be the same next time is kept', async () => {
  const first = await post('/users', 'k-4', { extension: '101' });
  expect([first.status, first.body.code]).toEqual([409, 'API_NUMBER_TAKEN']);
  const again = await post('/users', 'k-4', { extension: '101' });
  expect([again.status, again.headers['idempotency-replayed'], again.headers['content-type']]).toEqual([
    409,
    'true',
    expect.stringContaining('application/problem+json'),
  ]);
});

test('what may work later gives the key back', async () => {
  const body = { to: { type: 'extension', extension: '101' }, flow: 'front-desk' };
  const first = await post('/calls', 'k-5', body);
  expect(first.body.code).toBe('API_NO_MEDIA');
  await api.store.pool.query(`insert into media_instance (instance, name, epoch) values ('m.1', 'm', 1)`);
  const again = await post('/calls', 'k-5', body);
  expect(again.status).toBe(202);
  const third = await post('/calls', 'k-5', body);
  expect([third.body.id, third.headers['idempotency-replayed']]).toEqual([again.body.id, 'true']);
});

test('a request cut in the middle is taken up again under the same id and makes one', async () => {
  const first = await post('/users', 'k-6', { extension: '126' });
  // as a crash between the work and its answer leaves it
  await api.store.pool.query(
    `update idempotency set status = null, response_enc = null, claimed_at = now() - interval '1 minute' where key = 'k-6'`,
  );
  const again = await post('/users', 'k-6', { extension: '126' });
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
  expect(again.body.id).toBe(first.body.id);
});

test('while an attempt is fresh, the next one waits', async () => {
  await post('/users', 'k-7', { extension: '127' });
  await api.store.pool.query(`update idempotency set status = null, claimed_at = now() where key = 'k-7'`);
  const busy = await post('/users', 'k-7', { extension: '127' });
  expect([busy.status, busy.body.code, busy.headers['retry-after']]).toEqual([409, 'API_IDEMPOTENCY_BUSY', '1']);
});

test('keys of two askers never meet', async () => {
  const mine = await post('/users', 'k-8', { extension: '128' });
  const theirs = await post('/users', 'k-8', { extension: '128' }, api.other.key);
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(mine.body.id).not.toBe(theirs.body.id);
});

test('a secret in a kept answer is not readable in the database', async () => {
  const made = await post('/api-keys', 'k-9', { name: 'kept' });
  expect((await post('/api-keys', 'k-9', { name: 'kept' })).body.key).toBe(made.body.key);
  const { rows } = await api.store.pool.query(`select response_enc from idempotency where key = 'k-9'`);
  expect(rows[0].response_enc.toString('latin1')).not.toContain(made.body.key);
});

test('a malformed key is refused', async () => {
  for (const key of ['', 'a b', 'x'.repeat(201), 'ü']) {
    const answer = await post('/users', key, { extension: '129' });
    expect([answer.status, answer.body.code]).toEqual([400, 'API_BAD_IDEMPOTENCY_KEY']);
  }
});
