import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { API_ERRORS, errorPage, type RouteContract, routes } from './index.ts';

const root = resolve(import.meta.dirname, '../../..');
const contracts = Object.values(routes) as RouteContract[];

describe('error catalogue', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

  test('the page is fresh and lists every code once, and no other', () => {
    expect(page).toBe(errorPage());
    const listed = [...page.matchAll(/`(API_[A-Z_]+)`/g)].map((m) => m[1]);
    expect(listed.sort()).toEqual(Object.keys(API_ERRORS).sort());
  });

  test('every code is answered somewhere, and every answered code is in the catalogue', () => {
    const sources = readdirSync(join(root, 'api/src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(root, 'api/src', name), 'utf8'))
      .join('\n');
    const used = new Set([...sources.matchAll(/'(API_[A-Z_]+)'/g)].map((m) => m[1]!));
    expect([...used].filter((code) => !(code in API_ERRORS))).toEqual([]);
    expect(Object.keys(API_ERRORS).filter((code) => !used.has(code))).toEqual([]);
  });

  test('a code says who can mend it and whether to try again', () => {
    for (const [code, entry] of Object.entries(API_ERRORS)) {
      expect(entry.http, code).toBeGreaterThanOrEqual(400);
      expect(entry.blame === 'us', code).toBe(entry.http >= 500);
      expect(entry.retryable, code).toBe(entry.http >= 500 || entry.http === 429 || code === 'API_IDEMPOTENCY_BUSY');
    }
  });
});

describe('routes', () => {
  test('ids are the keys, addresses are unique, parameters are declared', () => {
    for (const [key, contract] of Object.entries(routes)) expect(contract.id).toBe(key);
    const addresses = contracts.map((c) => `${c.method} ${c.path.replace(/:[a-z]+/g, ':')}`);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const contract of contracts) {
      const named = [...contract.path.matchAll(/:([a-zA-Z]+)/g)].map((m) => m[1]);
      expect(Object.keys(contract.params.shape).sort(), contract.id).toEqual(named.sort());
    }
  });

  test('every schema is representable as JSON Schema, and every object of a body is closed', () => {
    for (const contract of contracts) {
      for (const schema of [contract.params, contract.query, contract.body, contract.answer]) {
        if (!(schema instanceof z.ZodType)) continue;
        expect(() => z.toJSONSchema(schema, { io: 'input' }), contract.id).not.toThrow();
      }
      if (contract.body instanceof z.ZodType)
        expect(contract.body.safeParse({ surplusField: 1 }).success, contract.id).toBe(false);
    }
  });

  test('only log-in and the theme of its page are open to strangers; what shows secrets or gives rights away needs its own scope', () => {
    expect(contracts.filter((c) => c.scope === 'public').map((c) => c.id)).toEqual(['logIn', 'getTheme']);
    expect(
      contracts
        .filter((c) => c.scope === 'any')
        .map((c) => c.id)
        .sort(),
    ).toEqual(['changePassword', 'getSession', 'logOut']);
    for (const contract of contracts) {
      // what is a user's own he may see
      if (contract.path.includes('secret'))
        expect(contract.scope).toBe(contract.path.startsWith('/me/') ? 'self' : 'secrets');
      if (/^\/(owners|accounts|api-keys|audit)/.test(contract.path) && contract.method !== 'GET')
        expect(contract.scope).toBe('admin');
      if (contract.scope === 'read') expect(contract.method).toBe('GET');
    }
  });
});

test('browsers load no more of the engine with it than its words', () => {
  const folder = join(root, 'api/contract/src');
  const whole = readdirSync(folder).filter((name) =>
    /from '@callwright\/engine'/.test(readFileSync(join(folder, name), 'utf8')),
  );
  expect(whole.filter((name) => !name.endsWith('.test.ts'))).toEqual([]);
});
