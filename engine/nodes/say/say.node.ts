/** Says a value in the caller's language. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { ExpressionSource, type PromptPart, promptReferences, SayAs } from '../../src/define/fields.ts';

const config = z.strictObject({
  as: SayAs.meta({ title: 'Say as', titleFr: 'Dire comme', widget: 'select', order: 1 }),
  value: ExpressionSource.meta({ title: 'Value', titleFr: 'Valeur', widget: 'expression', order: 2 }),
  currency: z.string().length(3).optional().meta({ title: 'Currency', titleFr: 'Monnaie', widget: 'text', order: 3 }),
  timeZone: z
    .string()
    .max(60)
    .optional()
    .meta({ title: 'Time zone', titleFr: 'Fuseau horaire', widget: 'text', order: 4 }),
  bargeIn: z
    .boolean()
    .default(true)
    .meta({ title: 'A key cuts it', titleFr: 'Une touche l’interrompt', widget: 'switch', order: 5 }),
});

export type Outcomes<_C> = 'next';

const partOf = (c: z.infer<typeof config>): PromptPart => ({
  type: 'value',
  as: c.as,
  value: c.value,
  currency: c.currency,
  timeZone: c.timeZone,
});

export default defineNode({
  kind: 'say',
  version: 1,
  title: { en: 'Say', fr: 'Énoncer' },
  description: {
    en: 'Says digits, a number, a date, a time or money.',
    fr: 'Énonce des chiffres, un nombre, une date, une heure ou une somme.',
  },
  icon: 'message',
  category: 'speak',
  config,
  summary: (c) => ({ en: `${c.as}: ${c.value}`, fr: `${c.as} : ${c.value}` }),
  outcomes: () => ['next'],
  references: (c) =>
    promptReferences([], { parts: [partOf(c)], bargeIn: c.bargeIn }).map((found) => ({
      ...found,
      path: found.path.slice(2),
    })),
  behaviour: (c) => ({
    initial: 'saying',
    stages: {
      saying: {
        asks: (scope) => [
          { ask: 'play', prompts: [scope.prompt({ parts: [partOf(c)], bargeIn: c.bargeIn })], clearDigits: false },
        ],
        on: {
          media: ({ result }) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status !== 'failed') return { outcome: 'next' };
            return {
              outcome: 'next',
              reason: result.code,
              log: { level: 'error', text: `The value could not be said (${result.code})` },
            };
          },
        },
      },
    },
  }),
  example: { as: 'digits', value: 'caller.number' },
  variants: [
    { as: 'money', value: '12.5', currency: 'EUR' },
    { as: 'time', value: 'now.time', timeZone: 'Europe/Rome', bargeIn: false },
  ],
  migrations: [],
});
