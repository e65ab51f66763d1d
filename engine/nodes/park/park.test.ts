import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import park from './park.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(park)).toEqual([]);
});

test('asks for the slot it names, or for any', () => {
  expect(startNode('park', { slot: ' 701 ' }).asked).toEqual({ ask: 'park', slot: '701' });
  expect(startNode('park', { slot: 'any' }).asked).toEqual({ ask: 'park', slot: null });
  expect(startNode('park', {}).asked).toEqual({ ask: 'park', slot: null });
});

test.each([
  ['not-found', 'nobody'],
  ['forbidden', 'forbidden'],
  ['no-answer', 'not-taken'],
  ['failed', 'failed'],
] as const)('leaves by what came of it: %s', (outcome, left) => {
  const run = startNode('park', {});
  expect(run.answer({ reply: 'connect', outcome, userId: null, talkMs: 0 }).outcome).toBe(left);
});
