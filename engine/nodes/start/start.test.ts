import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import start from './start.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(start)).toEqual([]);
});

test('answers the caller only when told to', () => {
  const answering = startNode('start', { answer: true });
  expect(answering.asked).toEqual({ ask: 'answer' });
  expect(answering.answer({ reply: 'ok' }).outcome).toBe('next');
  const silent = startNode('start', {});
  expect(silent.asks).toEqual([]);
  expect(silent.outcome).toBe('next');
});
