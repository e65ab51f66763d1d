import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import transfer from './transfer.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(transfer)).toEqual([]);
});

test('hands the caller over and goes on only when that fails', () => {
  const run = startNode('transfer', { to: { type: 'number', number: '0800 1' }, by: 'refer' });
  expect(run.asked).toEqual({
    ask: 'transfer',
    to: { type: 'number', number: '08001' },
    by: 'refer',
    ringTimeoutMs: 30_000,
  });
  expect(run.answer({ reply: 'connect', outcome: 'busy', userId: null, talkMs: 0 }).outcome).toBe('failed');
});
