/** Plays prompts. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { PromptField, promptReferences } from '../../src/define/fields.ts';

const config = z.strictObject({
  prompts: z
    .array(PromptField)
    .min(1)
    .max(20)
    .meta({ title: 'Prompts', titleFr: 'Messages', widget: 'prompt-list', order: 1 }),
  clearDigits: z.boolean().default(false).meta({
    title: 'Forget keys pressed before',
    titleFr: 'Oublier les touches déjà pressées',
    widget: 'switch',
    order: 2,
    advanced: true,
  }),
  early: z.boolean().optional().meta({
    title: 'Before the answer',
    titleFr: 'Avant le décroché',
    widget: 'switch',
    order: 3,
    advanced: true,
  }),
});

export type Outcomes<_C> = 'next';

export default defineNode({
  kind: 'play',
  version: 1,
  title: { en: 'Play', fr: 'Diffuser' },
  description: { en: 'Plays prompts to the caller.', fr: 'Diffuse des messages à l’appelant.' },
  icon: 'volume',
  category: 'speak',
  config,
  summary: (c) => ({ en: `${c.prompts.length} prompts`, fr: `${c.prompts.length} messages` }),
  outcomes: () => ['next'],
  references: (c) => c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
  behaviour: (c) => ({
    initial: 'playing',
    stages: {
      playing: {
        asks: (scope) => [
          {
            ask: 'play',
            prompts: c.prompts.map((prompt) => scope.prompt(prompt)),
            clearDigits: c.clearDigits,
            ...(c.early ? { early: true } : {}),
          },
        ],
        on: {
          // an interrupted prompt means the caller is leaving: nothing more is asked of the line
          media: ({ result }) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status !== 'failed') return { outcome: 'next' };
            return {
              outcome: 'next',
              reason: result.code,
              log: { level: 'error', text: `The prompt could not be played (${result.code})` },
            };
          },
        },
      },
    },
  }),
  example: { prompts: [{ parts: [{ type: 'text', text: { en: 'Welcome.', fr: 'Bienvenue.' } }] }] },
  variants: [{ prompts: [{ parts: [{ type: 'text', text: 'All lines are in use.' }] }], early: true }],
  migrations: [],
});
