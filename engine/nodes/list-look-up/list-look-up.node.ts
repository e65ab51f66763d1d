/** Branches by the list a number stands in. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { entityReference, Template, templateReference, VariableName } from '../../src/define/fields.ts';
import { CallerListKind } from '../../src/protocol/index.ts';

const config = z.strictObject({
  list: Template.max(400).default('').meta({
    title: 'List',
    titleFr: 'Liste',
    widget: 'text',
    order: 1,
    description: 'Id or name; empty: all lists of the company and those above it.',
  }),
  number: Template.max(400).default('').meta({
    title: 'Number',
    titleFr: 'Numéro',
    widget: 'text',
    order: 2,
    description: 'Empty: the caller’s.',
  }),
  saveNote: VariableName.nullable()
    .default(null)
    .meta({ title: 'Keep the note in', titleFr: 'Garder la note dans', widget: 'variable', order: 3, advanced: true }),
});
type Config = z.infer<typeof config>;

type Kinds = z.infer<typeof CallerListKind>;
export type Outcomes<C> =
  | (C extends { readonly list: infer L } ? (L extends '' ? Kinds : 'listed') : Kinds)
  | 'not-listed'
  | 'failed';

const outcomesOf = ({ list }: Config) =>
  [...(list === '' ? CallerListKind.options : (['listed'] as const)), 'not-listed', 'failed'] as const;

export default defineNode({
  kind: 'list-look-up',
  version: 1,
  title: { en: 'List look-up', fr: 'Recherche dans une liste' },
  description: {
    en: 'Branches by the list of callers a number stands in.',
    fr: 'Choisit la suite selon la liste d’appelants où figure un numéro.',
  },
  icon: 'list',
  category: 'data',
  config,
  summary: (c) => ({ en: c.list, fr: c.list }),
  outcomes: outcomesOf,
  references: (c) => [
    ...(c.list === '' ? [] : entityReference(['list'], 'caller-list', c.list)),
    ...templateReference(['number'], c.number),
    ...(c.saveNote === null ? [] : [{ to: 'variable', path: ['saveNote'], name: c.saveNote } as const]),
  ],
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => [
          {
            ask: 'lookup',
            lookup: {
              what: 'caller-list',
              number: (c.number === '' ? scope.caller.number : scope.text(c.number).trim()).slice(0, 64),
              list: c.list === '' ? null : scope.text(c.list).trim().slice(0, 200),
            },
          },
        ],
        on: {
          io: ({ result }) => {
            if (result.status !== 'listed') return { outcome: 'failed', reason: result.status };
            if (result.kind === null) return { outcome: 'not-listed', reason: 'not-listed' };
            const set = c.saveNote === null ? {} : { [c.saveNote]: result.note };
            return { outcome: c.list === '' ? result.kind : 'listed', reason: result.kind, set };
          },
        },
      },
    },
  }),
  example: { list: 'Good customers' },
  variants: [{}, { list: '${entry}', number: '${entry}', saveNote: 'entry' }],
  migrations: [],
});
