import { API_ERRORS, type RouteContract, routes } from '@callwright/api-contract';
import { catalogue } from '@callwright/flows';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

/** Every route with random input: half of it of the right form with odd values, half anything. Never a 500, always a known code. */

let api: TestApi;
let ids: string[];
beforeAll(async () => {
  api = await startTestApi();
  const lists = [
    '/users',
    '/ring-groups',
    '/calendars',
    '/numbers',
    '/flows',
    '/accounts',
    '/owners',
    '/sites',
    '/phonebooks',
    '/contacts',
  ];
  const pages = await Promise.all(lists.map((path) => api.ask('GET', path)));
  ids = pages.flatMap((page) => page.body.items.map((item: { id: string }) => item.id));
});
afterAll(() => api.close());

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const odd = fc.constantFrom(
  '',
  '0',
  'ÿ',
  '𝄞',
  ' ',
  '../..',
  "'; drop table call; --",
  '%00',
  'a'.repeat(120),
  '\u202e',
  'null',
);

function text(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.format === 'uuid') return fc.oneof(fc.uuid(), fc.constantFrom(...ids));
  if (schema.format === 'email') return fc.emailAddress();
  if (schema.format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((d) => d.toISOString());
  if (schema.format === 'date') return fc.constantFrom('2026-12-25', '0001-01-01', '9999-12-31');
  // the generator reads no look-ahead
  if (schema.pattern && schema.format === undefined && !schema.pattern.includes('(?'))
    return fc.stringMatching(new RegExp(schema.pattern));
  return fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 10 }), odd);
}

/** Values that fit a JSON Schema, as far as a fuzzer needs. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(fitting));
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'integer' || schema.type === 'number') {
    const [min, max] = [Math.max(schema.minimum ?? -1e6, -1e9), Math.min(schema.maximum ?? 1e9, 1e9)];
    return fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), fc.constantFrom(min, max));
  }
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'array') return fc.array(fitting(schema.items ?? {}), { maxLength: 4 });
  if (schema.properties) {
    const fields = Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, fitting(field)]));
    return fc.record(fields, { requiredKeys: [...(schema.required ?? [])] });
  }
  if (schema.type === 'object') return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 4 });
  return fc.jsonValue();
}

const schemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline', cycles: 'ref' }) as JsonSchema;

interface Shot {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function shots(contract: RouteContract): fc.Arbitrary<Shot> {
  const part = (schema: z.ZodType) => fitting(schemaOf(schema)) as fc.Arbitrary<Record<string, unknown>>;
  const wild = fc.oneof(fc.jsonValue(), odd) as fc.Arbitrary<unknown>;
  const body =
    contract.body instanceof z.ZodType
      ? fc.oneof({ weight: 3, arbitrary: part(contract.body) }, { weight: 1, arbitrary: wild })
      : fc.constant(undefined);
  const anyQuery = fc.dictionary(
    fc.constantFrom('cursor', 'limit', 'from', 'party', 'x'),
    fc.string({ unit: 'binary', maxLength: 8 }),
    { maxKeys: 2 },
  );
  return fc.record({
    params: fc.oneof(
      { weight: 4, arbitrary: part(contract.params) },
      { weight: 1, arbitrary: fc.record({ id: odd, name: odd, number: odd }) },
    ),
    query: fc.oneof({ weight: 4, arbitrary: part(contract.query) }, { weight: 1, arbitrary: anyQuery }),
    body,
  }) as fc.Arbitrary<Shot>;
}

/** Percent-encoding that also takes halves of surrogate pairs, as raw bytes would come. */
const encode = (value: unknown): string => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, '�'));

function addressOf(contract: RouteContract, { params, query }: Shot): string {
  const path = contract.path.replace(/:([a-z]+)/g, (_all, name: string) => encode(params[name]) || '-');
  const search = Object.entries(query)
    .filter(([name, value]) => value !== undefined && name !== 'company')
    .map(([name, value]) => `${name}=${encode(value)}`);
  return search.length > 0 ? `${path}?${search.join('&')}` : path;
}

/** Answered before the route is known. */
const BEFORE_ROUTE = ['API_UNKNOWN_PATH', 'API_METHOD_NOT_ALLOWED', 'API_BAD_JSON'];

for (const contract of Object.values(routes) as RouteContract[]) {
  if (contract.answer === 'events') continue;
  test(`${contract.method} ${contract.path}`, async () => {
    await fc.assert(
      fc.asyncProperty(shots(contract), async (shot) => {
        const body = contract.body === 'wav' ? undefined : shot.body;
        const json = typeof body === 'object' && body !== null;
        const answer = await api.ask(
          contract.method,
          addressOf(contract, shot),
          json ? { body } : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
        );
        const context = `${answer.status} ${JSON.stringify(answer.body)} ${JSON.stringify(shot)}`;
        expect(answer.status, context).not.toBe(500);
        if (answer.status < 400) {
          expect(answer.status, context).toBe(contract.status);
          return;
        }
        const code = answer.body.code as keyof typeof API_ERRORS;
        expect(API_ERRORS[code]?.http, context).toBe(answer.status);
        expect([...contract.errors, ...BEFORE_ROUTE], context).toContain(code);
      }),
      { numRuns: 40, interruptAfterTimeLimit: 6000 },
    );
    // a fuzzed request may have suspended or revoked what the next test needs
    await api.store.pool.query('update api_key set revoked_at = null');
    await api.store.pool.query('update owner set suspended_at = null');
    await api.store.pool.query('update account set disabled_at = null');
  }, 30_000);
}

test('WAV uploads of random and mangled bytes are taken or refused', async () => {
  const good = toneWav(16_000).subarray(0, 2000);
  const mangled = fc
    .tuple(fc.nat({ max: good.length - 1 }), fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([at, bytes]) => {
      const copy = Buffer.from(good);
      copy.set(bytes.subarray(0, Math.min(bytes.length, copy.length - at)), at);
      return copy;
    });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 400 }).map((b) => Buffer.from(b)),
        mangled,
        fc.nat({ max: 60 }).map((n) => good.subarray(0, n)),
      ),
      async (wav) => {
        const answer = await api.app.inject({
          method: 'PUT',
          url: '/api/v1/prompts/fuzzed/audio',
          headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': 'audio/wav' },
          payload: wav,
        });
        expect([200, 422], answer.body).toContain(answer.statusCode);
      },
    ),
    { numRuns: 150 },
  );
});

/** Every place in a JSON value. */
function places(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Array.isArray(value)
    ? value.map((item, i) => places(item, [...at, i]))
    : Object.entries(value).map(([key, item]) => places(item, [...at, key]));
  return [at, ...inner.flat()];
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON, at any place
function withValueAt(root: any, place: readonly (string | number)[], value: unknown): unknown {
  if (place.length === 0) return value;
  const copy = structuredClone(root);
  let at = copy;
  for (const key of place.slice(0, -1)) at = at[key];
  at[place.at(-1)!] = value;
  return copy;
}

test('mangled flows are linted, saved and published or refused with diagnostics', async () => {
  const original = { document: catalogue['front-desk']! };
  const everywhere = places(original);
  const mangle = fc.tuple(
    fc.constantFrom(...everywhere),
    fc.oneof(fc.jsonValue(), odd, fc.constantFrom('start', 'menu', -1, 1e9, [], {}, null)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(mangle, { minLength: 1, maxLength: 3 }), fc.uuid(), async (changes, suffix) => {
      let file: unknown = original;
      for (const [place, value] of changes) {
        try {
          file = withValueAt(file, place, value);
        } catch {
          // an earlier change has taken this place away
        }
      }
      const { document } = (file ?? {}) as { document?: unknown };
      const named =
        typeof document === 'object' && document !== null && !Array.isArray(document)
          ? { ...(file as object), document: { ...document, name: `f-${suffix}` } }
          : file;
      const lint = await api.ask('POST', '/flows/lint', { body: { file: named } });
      expect([200, 400, 422], JSON.stringify(lint.body)).toContain(lint.status);
      const made = await api.ask('POST', '/flows', { body: { file: named } });
      expect([201, 400, 422], JSON.stringify(made.body)).toContain(made.status);
      if (made.status !== 201) return;
      const published = await api.ask('POST', `/flows/${made.body.id}/publish`);
      expect(published.status, JSON.stringify(published.body)).toBe(lint.body.publishable ? 200 : 422);
    }),
    { numRuns: 150, interruptAfterTimeLimit: 20_000 },
  );
}, 40_000);
