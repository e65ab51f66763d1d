/** Tells another application by a webhook. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { ExpressionSource, type Reference } from '../../src/define/fields.ts';
import type { JsonValue } from '../../src/protocol/index.ts';

/** One event says at most so much, as JSON. */
const MOST_CHARS = 60_000;

const config = z.strictObject({
  to: z.string().trim().min(1).max(2000).meta({
    title: 'Webhook',
    titleFr: 'Webhook',
    widget: 'text',
    order: 1,
    description: 'An address (https://…), or the name or id of a webhook of the company, whose secrets sign it.',
  }),
  event: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,79}$/)
    .default('notice')
    .meta({ title: 'Event', titleFr: 'Événement', widget: 'text', order: 2 }),
  fields: z
    .array(z.strictObject({ name: z.string().min(1).max(100), value: ExpressionSource }))
    .max(50)
    .default([])
    .meta({ title: 'Content', titleFr: 'Contenu', widget: 'json', order: 3 }),
});
type Config = z.infer<typeof config>;

export type Outcomes<_C> = 'next' | 'failed';

export default defineNode({
  kind: 'notify',
  version: 1,
  title: { en: 'Notify', fr: 'Notifier' },
  description: {
    en: 'Puts a signed webhook into the company’s outbox and goes on at once.',
    fr: 'Place un webhook signé dans la file d’envoi de la société et continue aussitôt.',
  },
  icon: 'globe',
  category: 'data',
  config,
  summary: (c) => ({ en: c.to, fr: c.to }),
  outcomes: () => ['next', 'failed'],
  references: (c: Config) => [
    ...(/^https?:/i.test(c.to) ? [] : [{ to: 'entity', path: ['to'], type: 'webhook', id: c.to } as const]),
    ...c.fields.map(
      ({ value }, index): Reference => ({
        to: 'expression',
        path: ['fields', index, 'value'],
        source: value,
        type: 'any',
      }),
    ),
  ],
  behaviour: (c) => ({
    initial: 'queueing',
    stages: {
      queueing: {
        asks: (scope) => {
          const data: Record<string, JsonValue> = {};
          for (const { name, value } of c.fields) {
            const found = scope.evaluate(value);
            data[name] = found.ok ? found.value : null;
          }
          return [
            {
              ask: 'lookup',
              lookup: {
                what: 'notice',
                // the same visit asks for the same notice, however often it is asked
                key: `${scope.node.id.slice(0, 100)}/${scope.at}`,
                to: c.to,
                event: c.event,
                data: JSON.stringify(data).length > MOST_CHARS ? {} : data,
              },
            },
          ];
        },
        on: {
          io: ({ result }) =>
            result.status === 'notice-queued'
              ? { outcome: 'next', reason: 'queued' }
              : { outcome: 'failed', reason: result.status },
        },
      },
    },
  }),
  example: {
    to: 'https://crm.example/calls',
    event: 'callback-wanted',
    fields: [{ name: 'from', value: 'caller.number' }],
  },
  variants: [{ to: 'crm' }],
  migrations: [],
});
