/** Has the caller called back when his turn comes in the queue he has left by its key. */
import * as z from 'zod';
import type { Next, NodeAsk, Scope } from '../../src/define/behaviour.ts';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { Template, templateReference } from '../../src/define/fields.ts';
import { confirmWords, typeWords } from './words.ts';

const config = z.strictObject({
  number: Template.min(1).max(200).default('${caller.number}').meta({
    title: 'Number',
    titleFr: 'Numéro',
    widget: 'text',
    order: 1,
    description: 'Dialled for the agent once he has answered.',
  }),
  confirm: z.boolean().default(false).meta({
    title: 'Confirm the number by key',
    titleFr: 'Confirmer le numéro par une touche',
    widget: 'switch',
    order: 2,
    description: 'The number is read out; the caller accepts by 1.',
  }),
  change: z.boolean().default(false).meta({
    title: 'Another number may be typed',
    titleFr: 'Autre numéro possible',
    widget: 'switch',
    order: 3,
    description: 'By 2, when the number is to be confirmed. Restrict where the company’s calls may go.',
  }),
});

export type Outcomes<_C> = 'requested' | 'refused';

const plain = (text: string): string => text.replace(/[\s().-]/g, '').slice(0, 64);

const KEYS = { accept: '1', change: '2' } as const;

const keys = {
  modes: ['keys' as const],
  minDigits: 1,
  interDigitTimeoutMs: 3000,
  totalTimeoutMs: 0,
  tries: 3,
  noInputPrompts: [],
  noMatchPrompts: [],
};

/** The number in force: the one typed, else the one given. */
const numberOf = (scope: Scope, given: string): string =>
  typeof scope.memory === 'string' ? scope.memory : plain(scope.text(given));

const confirming = (scope: Scope, number: string, change: boolean): NodeAsk => ({
  ask: 'collect',
  spec: {
    ...keys,
    prompts: [confirmWords(scope.locale.language, number, change)],
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: 8000,
    accept: change ? Object.values(KEYS) : [KEYS.accept],
    clearDigits: true,
  },
});

const typing = (scope: Scope): NodeAsk => ({
  ask: 'collect',
  spec: {
    ...keys,
    prompts: [typeWords(scope.locale.language)],
    minDigits: 2,
    maxDigits: 20,
    terminators: '#',
    firstDigitTimeoutMs: 10_000,
    clearDigits: true,
  },
});

const refused = (reason: string): Next => ({ outcome: 'refused', reason });

export default defineNode({
  kind: 'callback',
  version: 2,
  title: { en: 'Callback', fr: 'Rappel' },
  description: {
    en: 'The caller may hang up: he is called back when his turn comes in the queue he has left by its callback key.',
    fr: 'L’appelant peut raccrocher : il est rappelé quand vient son tour dans la file qu’il a quittée par la touche de rappel.',
  },
  icon: 'phone-incoming',
  category: 'connect',
  config,
  summary: (c) => ({ en: c.number, fr: c.number }),
  outcomes: () => ['requested', 'refused'],
  decidedBy: (outcome) => (outcome === 'refused' ? 'caller' : 'machine'),
  references: (c) => templateReference(['number'], c.number),
  behaviour: (c) => ({
    initial: c.confirm ? 'confirming' : 'asking',
    stages: {
      confirming: {
        asks: (scope) => [confirming(scope, numberOf(scope, c.number), c.change)],
        on: {
          media: ({ result }) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status !== 'collected') return refused('not-confirmed');
            return { stage: result.value === KEYS.change ? 'typing' : 'asking' };
          },
        },
      },
      typing: {
        asks: (scope) => [typing(scope)],
        on: {
          media: ({ result }) => {
            if (result.status === 'interrupted') return STAY;
            if (result.status !== 'collected') return refused('no-number');
            return {
              stage: 'confirming',
              memory: result.value,
              input: { length: result.value.length, tries: result.tries },
            };
          },
        },
      },
      asking: {
        asks: (scope) => [{ ask: 'callback', number: numberOf(scope, c.number) }],
        on: {
          connect: ({ outcome }) => ({ outcome: outcome === 'completed' ? 'requested' : 'refused', reason: outcome }),
        },
      },
    },
  }),
  example: {},
  variants: [{ number: '${entry}' }, { confirm: true }, { confirm: true, change: true }],
  migrations: [{ to: 2, up: (old) => ({ ...old }) }],
});
