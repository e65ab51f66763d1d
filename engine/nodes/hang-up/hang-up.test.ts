import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import hangUp from './hang-up.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(hangUp)).toEqual([]);
});

test('ends the call with its cause', () => {
  const run = startNode('hang-up', { cause: 'busy' });
  expect(run.asked).toEqual({ ask: 'hangup', cause: 'busy' });
  expect(run.state.status).toBe('done');
});
