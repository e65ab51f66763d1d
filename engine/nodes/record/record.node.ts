/** Records what the caller says and keeps it. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import {
  durationField,
  numberReference,
  PromptField,
  promptReferences,
  Template,
  templateReference,
  VariableName,
} from '../../src/define/fields.ts';

const config = z.strictObject({
  prompts: z.array(PromptField).max(10).default([]).meta({
    title: 'Prompts',
    titleFr: 'Messages',
    widget: 'prompt-list',
    order: 1,
  }),
  variable: VariableName.optional().meta({
    title: 'Keep the recording’s id in',
    titleFr: 'Garder l’identifiant dans',
    widget: 'variable',
    order: 2,
  }),
  label: Template.max(200).default('').meta({ title: 'Label', titleFr: 'Libellé', widget: 'text', order: 3 }),
  beep: z.boolean().default(true).meta({ title: 'Beep first', titleFr: 'Bip avant', widget: 'switch', order: 4 }),
  maxMs: durationField(1000, 3_600_000).default(180_000).meta({
    title: 'Longest recording',
    titleFr: 'Durée maximale',
    widget: 'duration',
    unit: 'ms',
    order: 5,
  }),
  minMs: durationField(0, 60_000).default(1000).meta({
    title: 'Shortest recording',
    titleFr: 'Durée minimale',
    widget: 'duration',
    unit: 'ms',
    order: 6,
    advanced: true,
  }),
  silenceMs: durationField(0, 60_000).default(5000).meta({
    title: 'Ends after silence of',
    titleFr: 'Fin après un silence de',
    widget: 'duration',
    unit: 'ms',
    order: 7,
  }),
  terminators: z
    .string()
    .regex(/^[0-9*#]{0,12}$/)
    .default('#')
    .meta({ title: 'Keys that end it', titleFr: 'Touches de fin', widget: 'text', order: 8 }),
});

export type Outcomes<_C> = 'recorded' | 'empty' | 'failed';

export default defineNode({
  kind: 'record',
  version: 1,
  title: { en: 'Record', fr: 'Enregistrer' },
  description: { en: 'Records what the caller says.', fr: 'Enregistre ce que dit l’appelant.' },
  icon: 'mic',
  category: 'listen',
  config,
  summary: (c) => ({ en: c.label || 'recording', fr: c.label || 'enregistrement' }),
  outcomes: () => ['recorded', 'empty', 'failed'],
  decidedBy: (outcome) => (outcome === 'failed' ? 'machine' : 'caller'),
  references: (c) => [
    ...c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
    ...templateReference(['label'], c.label),
    ...numberReference(['maxMs'], c.maxMs),
    ...numberReference(['minMs'], c.minMs),
    ...numberReference(['silenceMs'], c.silenceMs),
    ...(c.variable ? [{ to: 'variable' as const, path: ['variable'], name: c.variable }] : []),
  ],
  behaviour: (c) => ({
    initial: 'recording',
    stages: {
      recording: {
        asks: (scope) => [
          {
            ask: 'record',
            spec: {
              prompts: c.prompts.map((prompt) => scope.prompt(prompt)),
              purpose: { type: 'flow', label: scope.masked(c.label).slice(0, 200) },
              beep: c.beep,
              maxMs: scope.number(c.maxMs, 1000, 3_600_000),
              minMs: scope.number(c.minMs, 0, 60_000),
              silenceMs: scope.number(c.silenceMs, 0, 60_000),
              terminators: c.terminators,
            },
          },
        ],
        on: {
          media: ({ result }) => {
            if (result.status === 'recorded') {
              if (result.recordingId === null) return { outcome: 'empty', reason: 'short' };
              const set = c.variable ? { set: { [c.variable]: result.recordingId } } : {};
              return { outcome: 'recorded', reason: result.ended, ...set };
            }
            if (result.status !== 'failed') return STAY;
            const log = { level: 'error', text: `The caller could not be recorded (${result.code})` } as const;
            return { outcome: 'failed', reason: result.code, log };
          },
        },
      },
    },
  }),
  example: { prompts: [{ parts: [{ type: 'text', text: 'Please tell us your address.' }] }], variable: 'entry' },
  variants: [{}],
  migrations: [],
});
