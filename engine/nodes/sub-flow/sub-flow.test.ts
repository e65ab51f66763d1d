import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import subFlow from './sub-flow.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(subFlow)).toEqual([]);
});

test('a flow that is not pinned ends the call with a coded fault', () => {
  const run = startNode('sub-flow', { flow: 'elsewhere' });
  expect(run.state.status).toBe('failed');
  expect(run.outcome).toBe('FLW_UNKNOWN_FLOW');
});
