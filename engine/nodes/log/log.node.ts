/** Writes a line into the call's trace. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template, templateReference } from '../../src/define/fields.ts';

const config = z.strictObject({
  level: z
    .enum(['info', 'warn', 'error'])
    .default('info')
    .meta({ title: 'Level', titleFr: 'Niveau', widget: 'select', order: 1 }),
  text: Template.min(1).max(1000).meta({ title: 'Text', titleFr: 'Texte', widget: 'template', order: 2 }),
});

export type Outcomes<_C> = 'next';

export default defineNode({
  kind: 'log',
  version: 1,
  title: { en: 'Log', fr: 'Journal' },
  description: {
    en: 'Writes a line into the trace; personal variables are masked.',
    fr: 'Écrit une ligne dans la trace ; les variables personnelles sont masquées.',
  },
  icon: 'file-text',
  category: 'data',
  config,
  summary: (c) => ({ en: c.text, fr: c.text }),
  outcomes: () => ['next'],
  references: (c) => templateReference(['text'], c.text),
  behaviour: (c) => ({
    initial: 'writing',
    stages: {
      writing: {
        enter: (scope) => ({ outcome: 'next', log: { level: c.level, text: scope.masked(c.text).slice(0, 1000) } }),
      },
    },
  }),
  example: { text: 'Caller ${caller.number} asked for help' },
  migrations: [],
});
