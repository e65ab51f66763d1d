import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import pickUp from './pick-up.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(pickUp)).toEqual([]);
});

test('asks for whom it names, or for the groups', () => {
  expect(startNode('pick-up', { user: ' 102 ' }).asked).toEqual({ ask: 'pick-up', user: '102' });
  expect(startNode('pick-up', {}).asked).toEqual({ ask: 'pick-up', user: null });
});

test.each([
  ['not-found', 'nobody'],
  ['forbidden', 'forbidden'],
  ['busy', 'failed'],
] as const)('leaves by what came of it: %s', (outcome, left) => {
  const run = startNode('pick-up', {});
  expect(run.answer({ reply: 'connect', outcome, userId: null, talkMs: 0 }).outcome).toBe(left);
});
