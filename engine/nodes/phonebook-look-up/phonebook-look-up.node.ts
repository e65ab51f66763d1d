/** Finds the contact that has a number. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import {
  ExpressionSource,
  entityReference,
  type Reference,
  Template,
  templateReference,
  VariableName,
} from '../../src/define/fields.ts';
import type { JsonValue } from '../../src/protocol/index.ts';

const config = z.strictObject({
  number: Template.max(400).default('').meta({
    title: 'Number',
    titleFr: 'Numéro',
    widget: 'text',
    order: 1,
    description: 'Empty: the caller’s.',
  }),
  user: Template.max(400).default('').meta({
    title: 'Books of',
    titleFr: 'Répertoires de',
    widget: 'text',
    order: 2,
    description: 'Id or extension of a user; empty: the company’s books only.',
  }),
  save: z
    .array(z.strictObject({ variable: VariableName, value: ExpressionSource }))
    .max(50)
    .default([])
    .meta({
      title: 'Keep of the contact',
      titleFr: 'Garder du contact',
      widget: 'assignment-list',
      order: 3,
      description: 'E.g. contact.name, contact.organisation, contact.data.level.',
    }),
});

export type Outcomes<_C> = 'found' | 'not-found' | 'failed';

export default defineNode({
  kind: 'phonebook-look-up',
  version: 1,
  title: { en: 'Phonebook look-up', fr: 'Recherche dans le répertoire' },
  description: {
    en: 'Finds the contact that has a number and keeps what is known of it.',
    fr: 'Trouve le contact qui a un numéro et garde ce que l’on en sait.',
  },
  icon: 'users',
  category: 'data',
  config,
  summary: (c) => ({ en: c.number, fr: c.number }),
  outcomes: () => ['found', 'not-found', 'failed'],
  references: (c) => [
    ...templateReference(['number'], c.number),
    ...(c.user === '' ? [] : entityReference(['user'], 'user', c.user)),
    ...c.save.flatMap(({ variable, value }, index): Reference[] => [
      { to: 'variable', path: ['save', index, 'variable'], name: variable },
      { to: 'expression', path: ['save', index, 'value'], source: value, type: 'any', extra: ['contact'] },
    ]),
  ],
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => [
          {
            ask: 'lookup',
            lookup: {
              what: 'contact',
              number: (c.number === '' ? scope.caller.number : scope.text(c.number).trim()).slice(0, 64),
              user: c.user === '' ? null : scope.text(c.user).trim().slice(0, 64),
            },
          },
        ],
        on: {
          io: ({ result }, scope) => {
            if (result.status === 'not-found') return { outcome: 'not-found', reason: 'not-found' };
            if (result.status !== 'contact') return { outcome: 'failed', reason: result.status };
            const set: Record<string, JsonValue> = {};
            for (const { variable, value } of c.save) {
              const kept = scope.evaluate(value, { contact: result.contact });
              if (kept.ok) set[variable] = kept.value;
            }
            return { outcome: 'found', set, reason: 'found' };
          },
        },
      },
    },
  }),
  example: { save: [{ variable: 'entry', value: 'contact.name' }] },
  variants: [{ number: '${entry}', user: '101' }, { user: '${entry}' }],
  migrations: [],
});
