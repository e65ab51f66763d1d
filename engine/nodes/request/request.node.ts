/** Asks a web service. */
import * as z from 'zod';
import type { Scope } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import {
  durationField,
  ExpressionSource,
  numberReference,
  type Reference,
  Template,
  templateReference,
  VariableName,
} from '../../src/define/fields.ts';
import { Json } from '../../src/protocol/common.ts';
import type { HttpRequest, JsonValue } from '../../src/protocol/index.ts';

const config = z.strictObject({
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .default('GET')
    .meta({ title: 'Method', titleFr: 'Méthode', widget: 'select', order: 1 }),
  url: Template.regex(/^https?:\/\/[^\s$]/)
    .max(2000)
    .meta({ title: 'Address', titleFr: 'Adresse', widget: 'template', order: 2 }),
  headers: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9-]{1,100}$/), value: Template.max(2000) }))
    .max(30)
    .default([])
    .meta({ title: 'Headers', titleFr: 'En-têtes', widget: 'header-list', order: 3, advanced: true }),
  body: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('json'),
        fields: z.array(z.strictObject({ name: z.string().min(1).max(100), value: ExpressionSource })).max(50),
      }),
      z.strictObject({ type: z.literal('text'), text: Template }),
    ])
    .nullable()
    .default(null)
    .meta({ title: 'Body', titleFr: 'Corps', widget: 'json', order: 4 }),
  timeoutMs: durationField(100, 60_000)
    .default(5000)
    .meta({ title: 'Time-out', titleFr: 'Délai', widget: 'duration', unit: 'ms', order: 5 }),
  retries: z
    .number()
    .int()
    .min(0)
    .max(5)
    .default(1)
    .meta({ title: 'Retries', titleFr: 'Nouvelles tentatives', widget: 'number', order: 6 }),
  retryUnsafe: z.boolean().default(false).meta({
    title: 'Repeat even when it changes something',
    titleFr: 'Répéter même si cela modifie',
    widget: 'switch',
    order: 7,
    advanced: true,
  }),
  save: z
    .array(z.strictObject({ variable: VariableName, value: ExpressionSource }))
    .max(50)
    .default([])
    .meta({ title: 'Keep from the answer', titleFr: 'Garder de la réponse', widget: 'assignment-list', order: 8 }),
  samples: z.array(Json).max(10).default([]).meta({
    title: 'Sample answers for tests',
    titleFr: 'Réponses d’exemple pour les tests',
    widget: 'json',
    order: 9,
    advanced: true,
  }),
});
type Config = z.infer<typeof config>;

export type Outcomes<_C> = 'ok' | 'http-error' | 'timeout' | 'failed';

function headersOf(c: Config, scope: Scope): Record<string, string> {
  const own = c.headers.map(({ name, value }) => [
    name.toLowerCase(),
    scope
      .text(value)
      .replace(/[\r\n]/g, ' ')
      .slice(0, 4000),
  ]);
  const type =
    c.body === null
      ? []
      : [['content-type', c.body.type === 'json' ? 'application/json' : 'text/plain; charset=utf-8']];
  return Object.fromEntries([...type, ...own]);
}

function bodyOf(c: Config, scope: Scope): string | null {
  if (c.body === null) return null;
  if (c.body.type === 'text') return scope.text(c.body.text).slice(0, 100_000);
  const fields = c.body.fields.map(({ name, value }): [string, JsonValue] => {
    const result = scope.evaluate(value);
    return [name, result.ok ? result.value : null];
  });
  return JSON.stringify(Object.fromEntries(fields)).slice(0, 100_000);
}

function requestOf(c: Config, scope: Scope): HttpRequest {
  return {
    method: c.method,
    // values are encoded, so a caller's entry can never change host or path structure
    url: scope.text(c.url, encodeURIComponent).slice(0, 4000),
    headers: headersOf(c, scope),
    body: bodyOf(c, scope),
    timeoutMs: scope.number(c.timeoutMs, 100, 60_000),
    retries: c.retries,
    retryUnsafe: c.retryUnsafe,
  };
}

function bodyReferences(c: Config): Reference[] {
  if (c.body === null) return [];
  if (c.body.type === 'text') return templateReference(['body', 'text'], c.body.text);
  return c.body.fields.map(({ value }, index) => ({
    to: 'expression',
    path: ['body', 'fields', index, 'value'],
    source: value,
    type: 'any',
  }));
}

export default defineNode({
  kind: 'request',
  version: 1,
  title: { en: 'Request', fr: 'Requête' },
  description: {
    en: 'Asks a web service and keeps what it answers.',
    fr: 'Interroge un service web et garde sa réponse.',
  },
  icon: 'globe',
  category: 'data',
  config,
  summary: (c) => ({ en: `${c.method} ${c.url}`, fr: `${c.method} ${c.url}` }),
  outcomes: () => ['ok', 'http-error', 'timeout', 'failed'],
  references: (c) => [
    ...templateReference(['url'], c.url),
    ...c.headers.flatMap(({ value }, index) => templateReference(['headers', index, 'value'], value)),
    ...bodyReferences(c),
    ...numberReference(['timeoutMs'], c.timeoutMs),
    ...c.save.flatMap(({ variable, value }, index): Reference[] => [
      { to: 'variable', path: ['save', index, 'variable'], name: variable },
      { to: 'expression', path: ['save', index, 'value'], source: value, type: 'any', extra: ['response'] },
    ]),
  ],
  probe: (c) => ({ bodies: c.samples }),
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => [{ ask: 'request', request: requestOf(c, scope) }],
        on: {
          io: ({ result }, scope) => {
            if (result.status === 'io-failed')
              return { outcome: result.code === 'timeout' ? 'timeout' : 'failed', reason: result.code };
            if (result.status !== 'http') return { outcome: 'failed', reason: result.status };
            const response = { status: result.httpStatus, body: result.body };
            const set: Record<string, JsonValue> = {};
            for (const { variable, value } of c.save) {
              const kept = scope.evaluate(value, { response });
              if (kept.ok) set[variable] = kept.value;
            }
            const outcome = result.httpStatus >= 200 && result.httpStatus < 300 ? 'ok' : 'http-error';
            return { outcome, set, reason: `status ${result.httpStatus}` };
          },
        },
      },
    },
  }),
  example: {
    url: 'https://crm.example/customers?number=${caller.number}',
    save: [{ variable: 'entry', value: 'response.body.name' }],
    samples: [{ name: 'Ada' }],
  },
  variants: [
    {
      method: 'POST',
      url: 'https://crm.example/notes',
      body: { type: 'json', fields: [{ name: 'from', value: 'caller.number' }] },
      timeoutMs: { expr: '1000' },
    },
    {
      method: 'PUT',
      url: 'https://crm.example/notes',
      headers: [{ name: 'X-Note', value: 'from ${caller.number}' }],
      body: { type: 'text', text: 'Hello' },
    },
  ],
  migrations: [],
});
