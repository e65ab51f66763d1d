import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import branch from './branch.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(branch)).toEqual([]);
});

const config = {
  branches: [
    { when: 'entry == "1234"', outcome: 'known' },
    { when: 'count >= 3', outcome: 'often' },
  ],
};

test('takes the first condition that holds', () => {
  expect(startNode('branch', config, { variables: { entry: '1234', count: 9 } }).outcome).toBe('known');
  expect(startNode('branch', config, { variables: { count: 3 } }).outcome).toBe('often');
  expect(startNode('branch', config).outcome).toBe('otherwise');
});

test('a condition that fails does not hold, and is logged', () => {
  const run = startNode(
    'branch',
    { branches: [{ when: 'int(entry) > 1', outcome: 'big' }] },
    { variables: { entry: 'x' } },
  );
  expect(run.outcome).toBe('otherwise');
  expect(run.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
});

test('otherwise is reserved', () => {
  const parsed = branch.config.parse({ branches: [{ when: 'true', outcome: 'otherwise' }] });
  expect(branch.check?.(parsed)).toHaveLength(1);
});
