import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import wait from './wait.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(wait)).toEqual([]);
});

test('waits for a time, or until told', () => {
  const run = startNode('wait', { forMs: 5000, sound: 'none' });
  expect(run.asks).toMatchObject([
    { ask: 'background', sound: 'none' },
    { ask: 'timer', ms: 5000 },
  ]);
  expect(run.answer({ reply: 'timer' }).outcome).toBe('elapsed');
});

test('being told withdraws the timer', () => {
  const run = startNode('wait', { forMs: 5000 });
  const told = run.answer({ reply: 'continue' });
  expect(told.outcome).toBe('continue');
  expect(told.asks).toMatchObject([{ ask: 'cancel', target: run.asks[1]?.id }]);
});

test('without a time there is no timer', () => {
  expect(startNode('wait', {}).asks).toMatchObject([{ ask: 'background', sound: 'music' }]);
});
