import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import supervise from './supervise.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(supervise)).toEqual([]);
});

test('asks for whom it names, in its mode', () => {
  expect(startNode('supervise', { user: ' 102 ' }).asked).toEqual({ ask: 'supervise', user: '102', mode: 'listen' });
  const barging = startNode('supervise', { user: '102', mode: 'barge' });
  expect(barging.asked).toEqual({ ask: 'supervise', user: '102', mode: 'barge' });
});

test.each([
  ['not-found', 'idle'],
  ['forbidden', 'forbidden'],
  ['busy', 'failed'],
] as const)('leaves by what came of it: %s', (outcome, left) => {
  const run = startNode('supervise', { user: '102' });
  expect(run.answer({ reply: 'connect', outcome, userId: null, talkMs: 0 }).outcome).toBe(left);
});
