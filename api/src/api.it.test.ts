import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test('users', async () => {
  const s = await api.ask('GET', '/users');
  console.log(JSON.stringify(s, null, 1));
  console.log((await api.ask('GET', '/numbers')).body);
  console.log((await api.ask('GET', '/session')).body);
  console.log((await api.ask('GET', '/nix')).body, (await api.ask('GET', '/users', { key: api.other.key })).body);
  const docs = await api.app.inject({ url: '/docs/json' });
  console.log(docs.statusCode, docs.body.slice(0, 3000));
  expect(s.status).toBe(200);
});
