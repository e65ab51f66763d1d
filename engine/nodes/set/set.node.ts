/** Sets variables and the language. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import {
  ExpressionSource,
  type Reference,
  Template,
  templateReference,
  VariableName,
} from '../../src/define/fields.ts';
import type { JsonValue } from '../../src/protocol/index.ts';

const config = z.strictObject({
  assignments: z
    .array(z.strictObject({ variable: VariableName, value: ExpressionSource }))
    .max(50)
    .default([])
    .meta({ title: 'Variables', titleFr: 'Variables', widget: 'assignment-list', order: 1 }),
  language: Template.max(200)
    .optional()
    .meta({ title: 'Go on in this language', titleFr: 'Continuer dans cette langue', widget: 'template', order: 2 }),
});

export type Outcomes<_C> = 'next';

export default defineNode({
  kind: 'set',
  version: 1,
  title: { en: 'Set', fr: 'Affecter' },
  description: {
    en: 'Sets variables one after the other, and the language of the call.',
    fr: 'Affecte des variables l’une après l’autre, et la langue de l’appel.',
  },
  icon: 'equal',
  category: 'data',
  config,
  summary: (c) => {
    const names = [...c.assignments.map((assignment) => assignment.variable), ...(c.language ? [c.language] : [])].join(
      ', ',
    );
    return { en: names, fr: names };
  },
  outcomes: () => ['next'],
  references: (c) => [
    ...c.assignments.flatMap(({ variable, value }, index): Reference[] => [
      { to: 'variable', path: ['assignments', index, 'variable'], name: variable, source: value },
      { to: 'expression', path: ['assignments', index, 'value'], source: value, type: 'any' },
    ]),
    ...(c.language ? templateReference(['language'], c.language) : []),
  ],
  behaviour: (c) => ({
    initial: 'setting',
    stages: {
      setting: {
        enter: (scope) => {
          const set: Record<string, JsonValue> = {};
          for (const { variable, value } of c.assignments) {
            const result = scope.evaluate(value, set);
            if (result.ok) set[variable] = result.value;
          }
          const language = c.language ? scope.text(c.language).trim() : '';
          return { outcome: 'next', set, ...(/^[a-zA-Z-]{2,10}$/.test(language) ? { language } : {}) };
        },
      },
    },
  }),
  example: { assignments: [{ variable: 'count', value: 'count + 1' }] },
  variants: [
    { language: 'fr' },
    {
      assignments: [
        { variable: 'entry', value: '"x"' },
        { variable: 'entry', value: 'entry + "y"' },
      ],
    },
  ],
  migrations: [],
});
