/** The kit must catch what it is there to catch: each bad node breaks the contract in one way. */
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { NODES } from '../nodes/registry.gen.ts';
import { defineNode, type NodeDefinition } from '../src/define/define-node.ts';
import { nodeViolations } from './node-kit.ts';

const registry = NODES as Record<string, NodeDefinition>;
afterAll(() => {
  delete registry.bad;
});

const title = { title: 'Text', titleFr: 'Texte' };
const good: NodeDefinition = defineNode({
  kind: 'bad',
  version: 1,
  title: { en: 'Bad', fr: 'Mauvais' },
  description: { en: 'For the kit.', fr: 'Pour le kit.' },
  icon: 'x',
  category: 'speak',
  config: z.strictObject({ text: z.string().default('x').meta(title) }),
  summary: () => ({ en: '', fr: '' }),
  outcomes: () => ['next'],
  behaviour: () => ({
    initial: 'waiting',
    stages: { waiting: { asks: () => [{ ask: 'timer', ms: 1 }], on: { timer: () => ({ outcome: 'next' }) } } },
  }),
  example: {},
  migrations: [],
});

function violations(change: Partial<NodeDefinition>): string[] {
  const definition = { ...good, ...change };
  registry.bad = definition;
  return nodeViolations(definition);
}

test('a good node passes', () => {
  expect(violations({})).toEqual([]);
});

let draws = 0;
test.each<[string, Partial<NodeDefinition>]>([
  ['is never reached', { outcomes: () => ['next', 'never'] }],
  ['is no outcome', { outcomes: () => [], ends: () => false }],
  ['has no outcome and is no end', { outcomes: () => [] }],
  ['waits for nothing', { behaviour: () => ({ initial: 'stuck', stages: { stuck: {} } }) }],
  ['does not parse', { example: { other: 1 } }],
  ['migrations go', { version: 2 }],
  ['no title', { config: z.strictObject({ text: z.string().default('x') }) as never }],
  ['JSON Schema', { config: z.strictObject({ text: z.date().optional() }) as never }],
  [
    'not a fixed point',
    {
      config: z.strictObject({
        text: z
          .string()
          .default('x')
          .overwrite((text) => `${text}!`)
          .meta(title),
      }) as never,
    },
  ],
  [
    'give other results',
    {
      behaviour: () => ({
        initial: 'drawing',
        // a memory outside the state: what the pure machine must never have
        stages: {
          drawing: { asks: () => [{ ask: 'timer', ms: ++draws }], on: { timer: () => ({ outcome: 'next' }) } },
        },
      }),
    },
  ],
  [
    'other results',
    {
      outcomes: () => ['next'],
      behaviour: () => ({
        initial: 'x',
        stages: { x: { enter: () => ({ outcome: 'next', reason: String(++draws) }) } },
      }),
    },
  ],
])('%s', (text, change) => {
  expect(violations(change).join('\n')).toContain(text);
});
