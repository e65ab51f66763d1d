/** Offers choices by key. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { unique } from '../../src/define/checks.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { Keys, numberReference, OutcomeName, promptReferences } from '../../src/define/fields.ts';
import { listenFields } from '../../src/define/listen.ts';

const config = z.strictObject({
  ...listenFields,
  choices: z
    .array(z.strictObject({ key: Keys, outcome: OutcomeName, label: z.string().max(100).default('') }))
    .min(1)
    .max(50)
    .meta({ title: 'Choices', titleFr: 'Choix', widget: 'choice-list', order: 2 }),
});

export type Outcomes<C> = C extends { choices: readonly { outcome: infer O extends string }[] }
  ? O | 'no-input' | 'no-match'
  : never;

const OTHERWISE = ['no-input', 'no-match'];

export default defineNode({
  kind: 'menu',
  version: 1,
  title: { en: 'Menu', fr: 'Menu' },
  description: {
    en: 'Plays a prompt and lets the caller choose by key.',
    fr: 'Diffuse un message et laisse l’appelant choisir par une touche.',
  },
  icon: 'list',
  category: 'listen',
  config,
  summary: (c) => ({ en: `${c.choices.length} choices`, fr: `${c.choices.length} choix` }),
  outcomes: (c) => [...new Set(c.choices.map((choice) => choice.outcome)), ...OTHERWISE],
  marks: (c) => {
    const keys: Record<string, string> = {};
    for (const { key, outcome } of c.choices) keys[outcome] = keys[outcome] ? `${keys[outcome]} ${key}` : key;
    return keys;
  },
  decidedBy: (outcome) => (outcome === 'no-input' ? 'machine' : 'caller'),
  references: (c) => [
    ...c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
    ...c.noInputPrompts.flatMap((prompt, index) => promptReferences(['noInputPrompts', index], prompt)),
    ...c.noMatchPrompts.flatMap((prompt, index) => promptReferences(['noMatchPrompts', index], prompt)),
    ...numberReference(['firstDigitTimeoutMs'], c.firstDigitTimeoutMs),
    ...numberReference(['interDigitTimeoutMs'], c.interDigitTimeoutMs),
  ],
  check: (c) => [
    ...unique(
      'FLW_DUPLICATE_KEY',
      'choices',
      'key',
      c.choices.map((choice) => choice.key),
    ),
    ...c.choices.flatMap((choice, index) =>
      OTHERWISE.includes(choice.outcome)
        ? [{ code: 'FLW_DUPLICATE_OUTCOME' as const, path: ['choices', index, 'outcome'] }]
        : [],
    ),
  ],
  behaviour: (c) => ({
    initial: 'choosing',
    stages: {
      choosing: {
        asks: (scope) => [
          {
            ask: 'collect',
            spec: {
              prompts: c.prompts.map((prompt) => scope.prompt(prompt)),
              modes: ['keys'],
              minDigits: 1,
              maxDigits: Math.max(...c.choices.map((choice) => choice.key.length)),
              terminators: '',
              firstDigitTimeoutMs: scope.number(c.firstDigitTimeoutMs, 0, 600_000),
              interDigitTimeoutMs: scope.number(c.interDigitTimeoutMs, 100, 60_000),
              totalTimeoutMs: 0,
              tries: c.tries,
              accept: c.choices.map((choice) => choice.key),
              noInputPrompts: c.noInputPrompts.map((prompt) => scope.prompt(prompt)),
              noMatchPrompts: c.noMatchPrompts.map((prompt) => scope.prompt(prompt)),
              clearDigits: c.clearDigits,
            },
          },
        ],
        on: {
          media: ({ result }) => {
            if (result.status === 'collected') {
              const choice = c.choices.find((candidate) => candidate.key === result.value);
              const input = { length: result.value.length, tries: result.tries };
              return { outcome: choice?.outcome ?? 'no-match', input };
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
    prompts: [{ parts: [{ type: 'text', text: 'For sales press 1, for support press 2.' }] }],
    choices: [
      { key: '1', outcome: 'sales', label: 'Sales' },
      { key: '2', outcome: 'support', label: 'Support' },
    ],
    noMatchPrompts: [{ parts: [{ type: 'text', text: 'Sorry, that is not a choice.' }] }],
  },
  variants: [
    {
      prompts: [{ parts: [{ type: 'audio', name: 'welcome' }], bargeIn: false }],
      choices: [{ key: '10', outcome: 'ten' }],
      firstDigitTimeoutMs: { expr: '2000 + 500' },
    },
  ],
  migrations: [],
});
