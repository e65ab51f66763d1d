/** Takes an entry of keys into a variable. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { durationField, numberReference, promptReferences, VariableName } from '../../src/define/fields.ts';
import { listenFields } from '../../src/define/listen.ts';

const config = z.strictObject({
  ...listenFields,
  variable: VariableName.meta({
    title: 'Keep the entry in',
    titleFr: 'Garder la saisie dans',
    widget: 'variable',
    order: 2,
  }),
  minDigits: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta({ title: 'At least', titleFr: 'Au moins', widget: 'number', order: 3 }),
  maxDigits: z.number().int().min(1).max(64).meta({ title: 'At most', titleFr: 'Au plus', widget: 'number', order: 4 }),
  terminators: z
    .string()
    .regex(/^[0-9*#]{0,12}$/)
    .default('#')
    .meta({ title: 'Keys that end the entry', titleFr: 'Touches de fin', widget: 'text', order: 5 }),
  totalTimeoutMs: durationField(0, 600_000)
    .default(0)
    .meta({ title: 'Time for the whole entry', titleFr: 'Durée totale', widget: 'duration', unit: 'ms', order: 23 }),
  accept: z
    .array(z.string().regex(/^[0-9*#]{1,64}$/))
    .max(500)
    .optional()
    .meta({ title: 'Only these entries', titleFr: 'Saisies admises', widget: 'text-area', order: 6, advanced: true }),
});

export type Outcomes<_C> = 'collected' | 'no-input' | 'no-match';

export default defineNode({
  kind: 'collect',
  version: 1,
  title: { en: 'Collect', fr: 'Saisie' },
  description: {
    en: 'Takes digits from the caller into a variable.',
    fr: 'Prend des chiffres de l’appelant dans une variable.',
  },
  icon: 'keypad',
  category: 'listen',
  config,
  summary: (c) => ({
    en: `${c.minDigits} to ${c.maxDigits} keys → ${c.variable}`,
    fr: `${c.minDigits} à ${c.maxDigits} touches → ${c.variable}`,
  }),
  outcomes: () => ['collected', 'no-input', 'no-match'],
  decidedBy: (outcome) => (outcome === 'no-input' ? 'machine' : 'caller'),
  references: (c) => [
    ...c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
    ...c.noInputPrompts.flatMap((prompt, index) => promptReferences(['noInputPrompts', index], prompt)),
    ...c.noMatchPrompts.flatMap((prompt, index) => promptReferences(['noMatchPrompts', index], prompt)),
    ...numberReference(['firstDigitTimeoutMs'], c.firstDigitTimeoutMs),
    ...numberReference(['interDigitTimeoutMs'], c.interDigitTimeoutMs),
    ...numberReference(['totalTimeoutMs'], c.totalTimeoutMs),
    { to: 'variable', path: ['variable'], name: c.variable },
  ],
  check: (c) => (c.minDigits > c.maxDigits ? [{ code: 'FLW_RANGE', path: ['minDigits'] }] : []),
  behaviour: (c) => ({
    initial: 'collecting',
    stages: {
      collecting: {
        asks: (scope) => [
          {
            ask: 'collect',
            spec: {
              prompts: c.prompts.map((prompt) => scope.prompt(prompt)),
              modes: ['keys'],
              minDigits: c.minDigits,
              maxDigits: c.maxDigits,
              terminators: c.terminators,
              firstDigitTimeoutMs: scope.number(c.firstDigitTimeoutMs, 0, 600_000),
              interDigitTimeoutMs: scope.number(c.interDigitTimeoutMs, 100, 60_000),
              totalTimeoutMs: scope.number(c.totalTimeoutMs, 0, 600_000),
              tries: c.tries,
              ...(c.accept ? { accept: c.accept } : {}),
              noInputPrompts: c.noInputPrompts.map((prompt) => scope.prompt(prompt)),
              noMatchPrompts: c.noMatchPrompts.map((prompt) => scope.prompt(prompt)),
              clearDigits: c.clearDigits,
            },
          },
        ],
        on: {
          media: ({ result }) => {
            if (result.status === 'collected') {
              const input = { length: result.value.length, tries: result.tries };
              return { outcome: 'collected', set: { [c.variable]: result.value }, input };
            }
            if (result.status === 'not-collected')
              return { outcome: result.reason, reason: `after ${result.tries} tries` };
            if (result.status !== 'failed') return STAY;
            return {
              outcome: 'no-input',
              reason: result.code,
              log: { level: 'error', text: `The caller could not be asked (${result.code})` },
            };
          },
        },
      },
    },
  }),
  example: {
    prompts: [{ parts: [{ type: 'text', text: 'Enter your customer number, then the hash key.' }] }],
    variable: 'entry',
    minDigits: 4,
    maxDigits: 8,
  },
  variants: [
    {
      prompts: [{ parts: [{ type: 'tone', frequenciesHz: [440], onMs: 200 }] }],
      variable: 'entry',
      maxDigits: 1,
      accept: ['1', '2'],
      terminators: '',
    },
  ],
  migrations: [],
});
