import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import log from './log.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(log)).toEqual([]);
});

test('masks personal variables', () => {
  const run = startNode('log', { level: 'warn', text: '${caller.number} gave ${secret}' });
  expect(run.trace).toContainEqual({ type: 'log', node: 'under-test', level: 'warn', text: '100 gave ***' });
  expect(run.outcome).toBe('next');
});
