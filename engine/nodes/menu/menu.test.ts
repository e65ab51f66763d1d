import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import menu from './menu.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(menu)).toEqual([]);
});

const config = {
  prompts: [{ parts: [{ type: 'text', text: 'Press.' }] }],
  choices: [
    { key: '1', outcome: 'one' },
    { key: '10', outcome: 'ten' },
    { key: '*', outcome: 'one' },
  ],
  tries: 2,
};
const media = { reply: 'media' } as const;

test('is one interaction that knows all legal keys', () => {
  expect(startNode('menu', config).asked).toMatchObject({
    ask: 'collect',
    spec: { accept: ['1', '10', '*'], maxDigits: 2, minDigits: 1, tries: 2, terminators: '' },
  });
});

test('leaves by the outcome of the key and tells how long the entry was, never what', () => {
  const done = startNode('menu', config).answer({
    ...media,
    result: { status: 'collected', mode: 'keys', value: '10', confidence: 1, tries: 2 },
  });
  expect(done.outcome).toBe('ten');
  expect(done.trace).toContainEqual({ type: 'input.collected', node: 'under-test', length: 2, tries: 2 });
  expect(JSON.stringify(done.trace)).not.toContain('10"');
});

test.each(['no-input', 'no-match'] as const)('leaves by %s when all tries are used up', (reason) => {
  const done = startNode('menu', config).answer({
    ...media,
    result: { status: 'not-collected', reason, value: '7', tries: 2 },
  });
  expect(done.outcome).toBe(reason);
});

test('a key that is no choice counts as no match', () => {
  const done = startNode('menu', config).answer({
    ...media,
    result: { status: 'collected', mode: 'keys', value: '9', confidence: 1, tries: 1 },
  });
  expect(done.outcome).toBe('no-match');
});

test('refuses the same key twice and reserved outcomes', () => {
  const prompts = [{ parts: [{ type: 'text', text: 'Press.' }], bargeIn: true }];
  const parsed = menu.config.parse({
    prompts,
    choices: [
      { key: '1', outcome: 'a' },
      { key: '1', outcome: 'no-input' },
    ],
  });
  expect(menu.check?.(parsed)).toEqual([
    { code: 'FLW_DUPLICATE_KEY', path: ['choices', 1, 'key'] },
    { code: 'FLW_DUPLICATE_OUTCOME', path: ['choices', 1, 'outcome'] },
  ]);
});
