import { expect, test } from 'vitest';
import { QueueOutcome } from '../../src/protocol/index.ts';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import queue, { OUTCOMES } from './queue.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(queue)).toEqual([]);
});

test('asks for the queue with what the caller needs', () => {
  const run = startNode('queue', { queue: ' support ', priority: 3, skills: [{ skill: 'fr' }], preferred: ' anna ' });
  expect(run.asked).toEqual({
    ask: 'queue',
    queue: 'support',
    needs: { priority: 3, skills: [{ skill: 'fr', level: 1 }], preferred: ['anna'] },
    maxWaitMs: null,
    callerId: null,
  });
});

test('no queue, no waiting', () => {
  const run = startNode('queue', { queue: '${entry}' });
  expect(run.asks).toEqual([]);
  expect(run.outcome).toBe('failed');
});

test.each(QueueOutcome.options)('leaves by what came of it: %s', (outcome) => {
  const run = startNode('queue', { queue: 'support' });
  const left = run.answer({ reply: 'queue', outcome, userId: null, waitedMs: 0, talkMs: 0 }).outcome;
  expect(OUTCOMES).toContain(left);
  expect(left).toBe(outcome === 'not-found' ? 'failed' : outcome);
});
