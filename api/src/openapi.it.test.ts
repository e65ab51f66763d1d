import { API_PREFIX, type RouteContract, routes } from '@callwright/api-contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly security?: readonly object[];
}

let api: TestApi;
let document: {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
beforeAll(async () => {
  api = await startTestApi();
  document = (await api.app.inject({ url: '/docs/json' })).json();
});
afterAll(() => api.close());

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document));
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
});

test('it describes every route and nothing else, with every status and code', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, o]) => [`${method.toUpperCase()} ${path}`, o] as const),
  );
  const address = (c: RouteContract): `${string} ${string}` =>
    `${c.method} ${API_PREFIX}${c.path.replace(/:([a-zA-Z]+)/g, '{$1}')}`;
  expect(described.map(([name]) => name).sort()).toEqual(
    (Object.values(routes) as RouteContract[]).map(address).sort(),
  );
  const operations = new Map(described);
  for (const contract of Object.values(routes) as RouteContract[]) {
    const operation = operations.get(address(contract))!;
    expect(operation.operationId).toBe(contract.id);
    expect(Object.keys(operation.responses)).toContain(String(contract.status));
    const codes = Object.values(operation.responses)
      .map((r) => r.description)
      .join(', ');
    for (const code of contract.errors) expect(codes, contract.id).toContain(code);
    expect(operation.security?.length ?? 0, contract.id).toBe(contract.scope === 'public' ? 0 : 2);
    const header = operation.parameters?.some((p) => p.in === 'header' && p.name === 'idempotency-key') ?? false;
    expect(header, contract.id).toBe(contract.method === 'POST' && contract.scope !== 'public');
  }
});

test('every reference leads somewhere and no component is idle', () => {
  const text = JSON.stringify(document);
  const named = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1]!));
  expect([...named].sort()).toEqual(Object.keys(document.components.schemas).sort());
  expect(text).not.toContain('#/$defs/');
  expect(text).not.toContain('#/definitions/');
});

test('the page is served', async () => {
  const page = await api.app.inject({ url: '/docs' });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('swagger');
});
