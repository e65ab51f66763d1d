import { DEMO_LOGIN } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const logIn = (password: string, email: string = DEMO_LOGIN, headers = {}) =>
  api.ask('POST', '/session', { key: null, body: { email, password }, headers });

function cookieOf(answer: { headers: Readonly<Record<string, unknown>> }): string {
  return String(answer.headers['set-cookie']).split(';')[0]!;
}

describe('keys', () => {
  test('without credentials, or with wrong ones, nothing is answered', async () => {
    for (const key of [null, 'cw_x', `cw_${'A'.repeat(43)}`, 'a b']) {
      const answer = await api.ask('GET', '/users', { key });
      expect([answer.status, answer.body.code]).toEqual([401, 'API_UNAUTHENTICATED']);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    const basic = await api.app.inject({ url: '/api/v1/users', headers: { authorization: 'Basic YTpi' } });
    expect(basic.statusCode).toBe(401);
  });

  test('a key does no more than its scopes', async () => {
    const made = await api.ask('POST', '/api-keys', { body: { name: 'reader', scopes: ['read'] } });
    expect(made.status).toBe(201);
    expect(made.body.key).toMatch(/^cw_/);
    const key = made.body.key;
    expect((await api.ask('GET', '/users', { key })).status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/users', { extension: '199' }],
      ['GET', '/api-keys', undefined],
      ['POST', '/flows/lint', { file: {} }],
      ['POST', '/calls', { to: { type: 'extension', extension: '101' }, flow: 'front-desk' }],
    ] as const) {
      const answer = await api.ask(method, path, { key, body });
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'API_FORBIDDEN']);
    }
  });

  test('a key cannot make a stronger key', async () => {
    const admin = await api.ask('POST', '/api-keys', { body: { name: 'half', scopes: ['read', 'admin'] } });
    const refused = await api.ask('POST', '/api-keys', {
      key: admin.body.key,
      body: { name: 'x', scopes: ['secrets'] },
    });
    expect(refused.status).toBe(403);
    const heir = await api.ask('POST', '/api-keys', { key: admin.body.key, body: { name: 'y' } });
    expect(heir.body.scopes.sort()).toEqual(['admin', 'read']);
  });

  test('a revoked key is worth nothing at once, and lists never show keys', async () => {
    const made = await api.ask('POST', '/api-keys', { body: { name: 'short' } });
    expect((await api.ask('DELETE', `/api-keys/${made.body.id}`)).status).toBe(204);
    expect((await api.ask('GET', '/session', { key: made.body.key })).status).toBe(401);
    const list = JSON.stringify((await api.ask('GET', '/api-keys')).body);
    expect(list).toContain(made.body.id);
    expect(list).not.toContain(made.body.key);
  });

  test('the keys of a suspended company are worth nothing until it is resumed', async () => {
    const company = await api.ask('POST', '/owners', { body: { kind: 'company', name: 'Late payer' } });
    const { key } = (await api.ask('POST', '/api-keys', { body: { ownerId: company.body.id, name: 'k' } })).body;
    expect((await api.ask('GET', '/users', { key })).status).toBe(200);
    await api.ask('PATCH', `/owners/${company.body.id}`, { body: { suspended: true } });
    expect((await api.ask('GET', '/users', { key })).status).toBe(401);
    expect((await api.ask('GET', `/users?company=${company.body.id}`)).status).toBe(404);
    await api.ask('PATCH', `/owners/${company.body.id}`, { body: { suspended: false } });
    expect((await api.ask('GET', '/users', { key })).status).toBe(200);
  });

  test('suspending a reseller stops what is below it', async () => {
    const reseller = (await api.ask('POST', '/owners', { body: { kind: 'reseller', name: 'R' } })).body;
    const company = (await api.ask('POST', '/owners', { body: { kind: 'company', name: 'C', parentId: reseller.id } }))
      .body;
    const { key } = (await api.ask('POST', '/api-keys', { body: { ownerId: company.id, name: 'k' } })).body;
    expect((await api.ask('GET', '/users', { key })).status).toBe(200);
    await api.ask('PATCH', `/owners/${reseller.id}`, { body: { suspended: true } });
    expect((await api.ask('GET', '/users', { key })).status).toBe(401);
    expect((await api.ask('GET', `/users?company=${company.id}`)).status).toBe(404);
  });
});

describe('sessions', () => {
  test('log in, ask, log out', async () => {
    const answer = await logIn(api.demo.admin.password);
    expect(answer.status).toBe(200);
    expect(String(answer.headers['set-cookie'])).toMatch(/HttpOnly.*SameSite=Strict/);
    const headers = { cookie: cookieOf(answer) };
    expect((await api.ask('GET', '/session', { key: null, headers })).body.via).toBe('session');
    expect((await api.ask('GET', '/users', { key: null, headers })).status).toBe(200);
    expect((await api.ask('DELETE', '/session', { key: null, headers })).status).toBe(204);
    expect((await api.ask('GET', '/session', { key: null, headers })).status).toBe(401);
  });

  test('another site cannot act with the cookie, nor log its visitor in', async () => {
    const headers = { cookie: cookieOf(await logIn(api.demo.admin.password)), host: 'callwright.test' };
    const body = { extension: '188' };
    for (const foreign of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await api.ask('POST', '/users', {
        key: null,
        headers: { ...headers, ...(foreign as unknown as Record<string, string>) },
        body,
      });
      expect([answer.status, answer.body.code]).toEqual([403, 'API_WRONG_ORIGIN']);
    }
    const own = await api.ask('POST', '/users', {
      key: null,
      headers: { ...headers, origin: 'http://callwright.test' },
      body,
    });
    expect(own.status).toBe(201);
    const forged = await logIn(api.demo.admin.password, DEMO_LOGIN, { origin: 'https://evil.example' });
    expect(forged.status).toBe(403);
  });

  test('guessing locks the account out, even for guesses made at once, and says for how long', async () => {
    const account = { email: 'guessed@demo.example', role: 'company', password: 'correct horse battery', name: 'G' };
    expect((await api.ask('POST', '/accounts', { body: account })).status).toBe(201);
    expect((await logIn(account.password, account.email)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 12 }, () => logIn('wrong', account.email)));
    const statuses = answers.map((a) => a.status);
    expect(statuses.filter((s) => s === 401)).toHaveLength(5);
    expect(statuses.filter((s) => s === 429)).toHaveLength(7);
    const locked = await logIn(account.password, account.email.toUpperCase());
    expect([locked.status, locked.body.code]).toEqual([429, 'API_LOCKED_OUT']);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(60);
  });

  test('an unknown account answers like a wrong password', async () => {
    const unknown = await logIn('whatever it is', 'nobody@demo.example');
    expect([unknown.status, unknown.body.code]).toEqual([401, 'API_LOGIN_FAILED']);
  });

  test('a new password ends the sessions of the account', async () => {
    const account = { email: 'changer@demo.example', role: 'company', password: 'correct horse battery' };
    const { id } = (await api.ask('POST', '/accounts', { body: account })).body;
    const headers = { cookie: cookieOf(await logIn(account.password, account.email)) };
    expect((await api.ask('GET', '/session', { key: null, headers })).status).toBe(200);
    await api.ask('PATCH', `/accounts/${id}`, { body: { password: 'another long password' } });
    expect((await api.ask('GET', '/session', { key: null, headers })).status).toBe(401);
    expect((await logIn('another long password', account.email)).status).toBe(200);
  });

  test('nobody changes an account above his own, nor makes keys that do more than he may', async () => {
    const low = { email: 'low@demo.example', role: 'company', password: 'correct horse battery' };
    expect((await api.ask('POST', '/accounts', { body: low })).status).toBe(201);
    const headers = { cookie: cookieOf(await logIn(low.password, low.email)) };
    const admin = (await api.ask('GET', '/accounts')).body.items.find((a: { email: string }) => a.email === DEMO_LOGIN);
    const body = { password: 'taken over by me' };
    const taken = await api.ask('PATCH', `/accounts/${admin.id}`, { key: null, headers, body });
    expect([taken.status, taken.body.code]).toEqual([403, 'API_FORBIDDEN']);
    expect((await logIn(api.demo.admin.password)).status).toBe(200);
    const reseller = await api.ask('POST', '/owners', { body: { kind: 'reseller', name: 'R' } });
    const key = await api.ask('POST', '/api-keys', {
      key: null,
      headers,
      body: { name: 'k', ownerId: reseller.body.id },
    });
    expect(key.status).toBe(403);
    const own = await api.ask('POST', '/api-keys', { key: null, headers, body: { name: 'k' } });
    expect((await api.ask('GET', '/session', { key: own.body.key })).body.role).toBe('company');
  });

  test('nobody gives a role above his own, or above the owner', async () => {
    const high = { email: 'high@demo.example', role: 'platform', password: 'correct horse battery' };
    const byOther = await api.ask('POST', '/accounts', { key: api.other.key, body: high });
    expect(byOther.status).toBe(403);
    const atCompany = await api.ask('POST', '/accounts', { body: { ...high, ownerId: api.other.companyId } });
    expect(atCompany.status).toBe(403);
  });
});

describe('limits', () => {
  test('too many requests of one key are told to wait', async () => {
    const limited = await startTestApi({ ratePerMinute: 10 });
    try {
      const answers = [];
      for (let i = 0; i < 12; i += 1) answers.push(await limited.ask('GET', '/session', { key: limited.other.key }));
      const last = answers.at(-1)!;
      expect(answers[0]!.status).toBe(200);
      expect([last.status, last.body.code]).toEqual([429, 'API_RATE_LIMITED']);
      expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await limited.close();
    }
  });

  test('unknown paths and methods are named, oversized and foreign bodies refused', async () => {
    expect((await api.ask('GET', '/nothing')).body.code).toBe('API_UNKNOWN_PATH');
    expect((await api.app.inject({ url: '/nowhere' })).statusCode).toBe(404);
    const wrong = await api.ask('PUT', '/users');
    expect([wrong.status, wrong.body.code, wrong.headers.allow]).toEqual([405, 'API_METHOD_NOT_ALLOWED', 'GET, POST']);
    const huge = await api.ask('POST', '/users', { body: { extension: '1', givenName: 'x'.repeat(300_000) } });
    expect([huge.status, huge.body.code]).toEqual([413, 'API_TOO_LARGE']);
    const send = (type: string, payload: string) =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/users',
        headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': type },
        payload,
      });
    expect((await send('application/json', '{"extension":')).json().code).toBe('API_BAD_JSON');
    expect((await send('application/json', '{"__proto__":{"x":1}}')).json().code).toBe('API_BAD_JSON');
    expect((await send('text/plain', 'x')).json().code).toBe('API_MEDIA_TYPE');
    expect((await send('application/xml', '<x/>')).json().code).toBe('API_MEDIA_TYPE');
    expect((await send('audio/wav', 'RIFF')).json().code).toBe('API_MEDIA_TYPE');
    const nul = await api.ask('POST', '/users', { body: { extension: '1', givenName: 'a\u0000b' } });
    expect([nul.status, nul.body.code]).toEqual([400, 'API_BAD_REQUEST']);
    const field = await api.ask('POST', '/users', { body: { extension: 7, surplus: true } });
    expect(field.body.errors.map((e: { path: string }) => e.path)).toContain('body.extension');
  });

  test('answers carry security headers', async () => {
    const { headers } = await api.ask('GET', '/users');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
    const root = await api.app.inject({ url: '/' });
    expect([root.statusCode, root.headers.location]).toEqual([302, '/console/']);
  });
});
