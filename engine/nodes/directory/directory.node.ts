/** Finds a user by the keys of his name: the caller types its beginning and chooses among those it fits. */
import * as z from 'zod';
import type { NodeAsk } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { PromptField, promptReferences, VariableName } from '../../src/define/fields.ts';
import type { NameFound, Prompt } from '../../src/protocol/index.ts';

const config = z.strictObject({
  prompts: z
    .array(PromptField)
    .min(1)
    .max(5)
    .meta({ title: 'Asking for the name', titleFr: 'Demande du nom', widget: 'prompt-list', order: 1 }),
  noMatchPrompts: z
    .array(PromptField)
    .max(5)
    .default([])
    .meta({ title: 'When nobody fits', titleFr: 'Si personne ne correspond', widget: 'prompt-list', order: 2 }),
  variable: VariableName.default('extension').meta({
    title: 'Variable for the extension',
    titleFr: 'Variable pour le poste',
    widget: 'variable',
    order: 3,
  }),
  minDigits: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(2)
    .meta({ title: 'Fewest keys', titleFr: 'Touches au moins', widget: 'number', order: 4, advanced: true }),
  tries: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .meta({ title: 'Tries', titleFr: 'Essais', widget: 'number', order: 5, advanced: true }),
});

export type Outcomes<_C> = 'found' | 'not-found' | 'no-input' | 'failed';

/** What is said for each who fits: before and after the key. */
const PRESS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  en: ['For', 'press'],
  fr: ['Pour', 'tapez'],
  it: ['Per', 'premere'],
};

interface Memory {
  readonly tries: number;
  readonly digits: string;
  readonly fits: readonly NameFound[];
}
const START: Memory = { tries: 0, digits: '', fits: [] };
const memoryOf = (memory: unknown): Memory => ({ ...START, ...(memory as Partial<Memory> | null) });
const kept = (memory: Memory) => JSON.parse(JSON.stringify(memory));

export default defineNode({
  kind: 'directory',
  version: 1,
  title: { en: 'Directory by name', fr: 'Annuaire par nom' },
  description: {
    en: 'The caller types the beginning of a name on the keys and chooses among the users whom it fits.',
    fr: 'L’appelant tape le début d’un nom sur les touches et choisit parmi les utilisateurs qui correspondent.',
  },
  icon: 'search',
  category: 'listen',
  config,
  summary: () => ({ en: '', fr: '' }),
  outcomes: () => ['found', 'not-found', 'no-input', 'failed'],
  references: (c) => [
    ...c.prompts.flatMap((prompt, index) => promptReferences(['prompts', index], prompt)),
    ...c.noMatchPrompts.flatMap((prompt, index) => promptReferences(['noMatchPrompts', index], prompt)),
    { to: 'variable', path: ['variable'], name: c.variable },
  ],
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => {
          const again = memoryOf(scope.memory).tries > 0 ? c.noMatchPrompts : [];
          return [
            collect(
              [...again, ...c.prompts].map((prompt) => scope.prompt(prompt)),
              c.minDigits,
              20,
            ),
          ];
        },
        on: {
          media: ({ result }, scope) => {
            if (result.status !== 'collected') return { outcome: 'no-input', reason: result.status };
            const { tries } = memoryOf(scope.memory);
            const input = { length: result.value.length, tries: result.tries };
            return { stage: 'searching', memory: kept({ tries: tries + 1, digits: result.value, fits: [] }), input };
          },
        },
      },
      searching: {
        asks: (scope) => [
          { ask: 'lookup', lookup: { what: 'names', digits: memoryOf(scope.memory).digits.replace(/\D/g, '') } },
        ],
        on: {
          io: ({ result }, scope) => {
            const memory = { ...memoryOf(scope.memory), digits: '' };
            if (result.status === 'names' && result.names.length > 0)
              return { stage: 'offering', memory: kept({ ...memory, fits: result.names }) };
            if (result.status !== 'names') return { outcome: 'failed', reason: result.status };
            if (memory.tries >= c.tries) return { outcome: 'not-found', reason: `after ${memory.tries} tries` };
            return { stage: 'asking', memory: kept(memory) };
          },
        },
      },
      offering: {
        asks: (scope) => {
          const { fits } = memoryOf(scope.memory);
          const { language } = scope.locale;
          const keys = [...fits.map((_, i) => String(i + 1)), '*'];
          return [choose(offers(fits, language), keys)];
        },
        on: {
          media: ({ result }, scope) => {
            const memory = memoryOf(scope.memory);
            if (result.status !== 'collected') return { outcome: 'no-input', reason: result.status };
            const chosen = memory.fits[Number(result.value) - 1];
            if (chosen) return { outcome: 'found', set: { [c.variable]: chosen.number }, reason: 'chosen' };
            if (memory.tries >= c.tries) return { outcome: 'not-found', reason: `after ${memory.tries} tries` };
            return { stage: 'asking', memory: kept({ ...memory, fits: [] }) };
          },
        },
      },
    },
  }),
  example: {
    prompts: [{ parts: [{ type: 'text', text: 'Type the first letters of the name, then hash.' }] }],
    tries: 1,
  },
  variants: [
    {
      prompts: [{ parts: [{ type: 'tone', frequenciesHz: [440], onMs: 200 }] }],
      noMatchPrompts: [{ parts: [{ type: 'text', text: 'Nobody is called that.' }] }],
      minDigits: 3,
      tries: 1,
    },
  ],
  migrations: [],
});

type Collect = Extract<NodeAsk, { ask: 'collect' }>;

function collect(prompts: Prompt[], minDigits: number, maxDigits: number): Collect {
  return {
    ask: 'collect',
    spec: {
      prompts,
      modes: ['keys'],
      minDigits,
      maxDigits,
      terminators: '#',
      firstDigitTimeoutMs: 8000,
      interDigitTimeoutMs: 3000,
      totalTimeoutMs: 0,
      tries: 2,
      noInputPrompts: [],
      noMatchPrompts: [],
      clearDigits: false,
    },
  };
}

/** One of these keys. */
function choose(prompts: Prompt[], accept: string[]): Collect {
  const { ask, spec } = collect(prompts, 1, 1);
  return { ask, spec: { ...spec, accept, terminators: '' } };
}

/** Each who fits, by his recorded name or the one he has, with his key. */
function offers(fits: readonly NameFound[], language: string): Prompt[] {
  const [before, after] = PRESS[language.slice(0, 2)] ?? PRESS.en!;
  const text = (words: string) => ({ type: 'text' as const, text: words, language });
  return fits.map(({ name, recorded }, i) => ({
    items: [
      text(before),
      ...(recorded?.items.slice(0, 5) ?? [text(name)]),
      text(after),
      { type: 'value', as: 'digits', value: String(i + 1), language },
    ],
    bargeIn: true,
  }));
}
