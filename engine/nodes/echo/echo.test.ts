import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import echo from './echo.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(echo)).toEqual([]);
});

test('sounds for its time', () => {
  const run = startNode('echo', { forMs: 60_000 });
  expect(run.asks).toMatchObject([
    { ask: 'background', sound: 'echo' },
    { ask: 'timer', ms: 60_000 },
  ]);
  expect(run.answer({ reply: 'timer' }).outcome).toBe('next');
});
