import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import agentLogIn from './agent-log-in.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(agentLogIn)).toEqual([]);
});

test('a caller from outside is nobody', () => {
  const run = startNode('agent-log-in', { do: 'pause', reason: ' lunch ' });
  expect(run.asked).toEqual({
    ask: 'lookup',
    lookup: { what: 'agent', id: '', user: '', wish: 'pause', queue: null, reason: 'lunch' },
  });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('refused');
});
