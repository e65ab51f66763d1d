import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import callback from './callback.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(callback)).toEqual([]);
});

test('names the number without what people write between digits', () => {
  expect(startNode('callback', { number: '+33 1 (45) 42-00.00' }).asked).toEqual({
    ask: 'callback',
    number: '+33145420000',
  });
});

test.each([
  ['completed', 'requested'],
  ['not-found', 'refused'],
] as const)('leaves by what came of it: %s', (outcome, left) => {
  const run = startNode('callback', {});
  expect(run.answer({ reply: 'connect', outcome, userId: null, talkMs: 0 }).outcome).toBe(left);
});
