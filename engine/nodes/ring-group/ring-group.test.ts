import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import ringGroup from './ring-group.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(ringGroup)).toEqual([]);
});

test('asks for the group with its own limit', () => {
  const run = startNode('ring-group', { group: ' sales ', totalRingMs: 40_000, comfort: 'music' });
  expect(run.asked).toEqual({
    ask: 'ring-group',
    groupId: 'sales',
    totalRingMs: 40_000,
    callerId: null,
    comfort: 'music',
  });
});

test('no group, nobody rung', () => {
  const run = startNode('ring-group', { group: '${entry}' });
  expect(run.asks).toEqual([]);
  expect(run.outcome).toBe('failed');
});
