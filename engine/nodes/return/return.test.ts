import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import returnNode from './return.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(returnNode)).toEqual([]);
});

test('ends the flow with its outcome', () => {
  expect(startNode('return', { outcome: 'known' }).outcome).toBe('known');
  expect(startNode('return', {}).asks).toEqual([]);
});
