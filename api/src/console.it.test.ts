import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let directory: string;
let reseller: { id: string; key: string };
let company: { id: string; key: string };

beforeAll(async () => {
  const parent = mkdtempSync(join(tmpdir(), 'callwright-console-'));
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  directory = join(parent, 'dist');
  mkdirSync(join(directory, 'assets'), { recursive: true });
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(directory, '.hidden.json'), '{}');
  writeFileSync(join(directory, 'assets', 'index-abc123.js'), 'export {};');
  api = await startTestApi({ consoleDirectory: directory });
  reseller = await owner('reseller', 'Reseller');
  company = await owner('company', 'Below', reseller.key);
});
afterAll(async () => {
  await api.close();
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

async function owner(kind: string, name: string, key?: string): Promise<{ id: string; key: string }> {
  const made = await api.ask('POST', '/owners', { ...(key ? { key } : {}), body: { kind, name } });
  const minted = await api.ask('POST', '/api-keys', { ...(key ? { key } : {}), body: { ownerId: made.body.id, name } });
  return { id: made.body.id, key: minted.body.key };
}

const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ url, headers });

describe('files', () => {
  test('every address of the console is its page, under a policy without inline scripts', async () => {
    for (const url of ['/console/', '/console/flows/018f', '/console/users?x=1', '/console/index.html']) {
      const answer = await get(url);
      expect([url, answer.statusCode, answer.body]).toEqual([url, 200, '<!doctype html><title>page</title>']);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.headers['cache-control']).toBe('no-cache');
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(/script-src[^;]*(unsafe|data:|blob:|\*)/.test(policy)).toBe(false);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['strict-transport-security']).toBeUndefined();
    }
    expect((await get('/console')).headers.location).toBe('/console/');
  });

  test('files with a hash are kept for ever, others asked for again', async () => {
    const script = await get('/console/assets/index-abc123.js');
    expect(script.headers['cache-control']).toContain('immutable');
    expect(script.headers['content-type']).toContain('javascript');
    expect((await get('/console/favicon.svg')).headers['cache-control']).toBe('no-cache');
  });

  test('what is missing, hidden or outside is never the page', async () => {
    for (const url of [
      '/console/assets/gone-abc.js',
      '/console/robots.txt',
      '/console/assets/',
      '/consoles',
      '/unknown/path',
      '/console/../secret.txt',
      '/console/%2e%2e/secret.txt',
      '/console/..%2fsecret.txt',
      '/console/assets/..%5c..%5c..%5csecret.txt',
      '/console/.hidden.json',
      '/console/%00.js',
    ]) {
      const answer = await get(url);
      expect([url, answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([url, true]);
      expect(answer.body).not.toContain('secret</');
      expect(answer.body).not.toBe('secret');
      expect(answer.headers['content-type']).not.toContain('text/html');
    }
  });
});

describe('theme', () => {
  const theme = (host: string) => get('/api/v1/theme', { host }).then((answer) => answer.json());

  test('is chosen by the host, inherited from above, and never taken by an owner for itself', async () => {
    expect(await theme('console.acme.test:8443')).toEqual({});
    const put = (id: string, body: object, key: string) => api.ask('PUT', `/owners/${id}/theme`, { key, body });
    expect((await put(reseller.id, { name: 'Acme Voice', colour: '#aa3300' }, reseller.key)).status).toBe(200);
    expect((await put(company.id, { name: 'Below Phones', home: '/portal' }, company.key)).status).toBe(200);
    const hosts = (id: string, names: string[], key?: string) =>
      api.ask('PUT', `/owners/${id}/hosts`, { ...(key ? { key } : {}), body: { hosts: names } });
    expect((await hosts(company.id, ['console.acme.test'], company.key)).body.code).toBe('API_FORBIDDEN');
    expect((await hosts(reseller.id, ['console.acme.test'], reseller.key)).body.code).toBe('API_FORBIDDEN');
    expect((await hosts(reseller.id, ['console.acme.test'])).body.hosts).toEqual(['console.acme.test']);
    expect((await hosts(company.id, ['phones.below.test', 'phones.below.test'], reseller.key)).status).toBe(200);
    expect((await hosts(company.id, ['console.acme.test'], reseller.key)).body.code).toBe('API_NAME_TAKEN');
    expect(await theme('Console.Acme.Test:8443')).toEqual({ name: 'Acme Voice', colour: '#aa3300' });
    expect(await theme('phones.below.test')).toEqual({ name: 'Below Phones', colour: '#aa3300', home: '/portal' });
    expect((await get('/', { host: 'phones.below.test' })).headers.location).toBe('/portal');
    expect((await get('/', { host: 'else.test' })).headers.location).toBe('/console/');
  });

  test('holds nothing that a browser would run', async () => {
    for (const body of [
      { links: [{ label: 'x', url: 'javascript:alert(1)' }] },
      { links: [{ label: 'x', url: 'https://a.test/" onclick="x' }] },
      { logo: 'data:text/html;base64,PHNjcmlwdD4=' },
      { logo: 'https://elsewhere.test/logo.png' },
      { colour: 'red;background:url(x)' },
      { home: '//elsewhere.test' },
      { home: 'https://elsewhere.test' },
    ]) {
      const answer = await api.ask('PUT', `/owners/${reseller.id}/theme`, { key: reseller.key, body });
      expect([JSON.stringify(body), answer.status]).toEqual([JSON.stringify(body), 400]);
    }
  });

  test('is not another owner’s to see or change', async () => {
    const key = api.other.key;
    expect((await api.ask('GET', `/owners/${reseller.id}/theme`, { key })).status).toBe(404);
    expect((await api.ask('PUT', `/owners/${reseller.id}/theme`, { key, body: { name: 'x' } })).status).toBe(404);
    expect((await api.ask('PUT', `/owners/${reseller.id}/hosts`, { key, body: { hosts: [] } })).status).toBe(404);
  });
});

test('a session tells whose it is', async () => {
  const { login, password } = api.demo.admin;
  const answer = await api.ask('POST', '/session', { key: null, body: { email: login, password } });
  expect([answer.body.email, answer.body.name]).toEqual([login, 'Administrator']);
});
