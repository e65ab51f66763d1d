import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import dial from './dial.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(dial)).toEqual([]);
});

test.each([
  [
    { type: 'user', id: '${called.id}' },
    { type: 'user', userId: 'entity-2' },
  ],
  [
    { type: 'number', number: '+39 02 (12) 34-5' },
    { type: 'number', number: '+390212345' },
  ],
  [
    { type: 'sip', uri: 'sip:desk@pbx.example' },
    { type: 'sip', uri: 'sip:desk@pbx.example' },
  ],
  [
    { type: 'destination', destinationType: 'flow', id: 'other' },
    { type: 'flow', id: 'other' },
  ],
])('resolves its target %j', (to, asked) => {
  expect(startNode('dial', { to }).asked).toMatchObject({
    ask: 'connect',
    to: asked,
    ringTimeoutMs: 30_000,
    callerId: null,
  });
});

test('a target that comes out empty fails at once, without ringing anybody', () => {
  const run = startNode('dial', { to: { type: 'number', number: '${entry}' } });
  expect(run.asks).toEqual([]);
  expect(run.outcome).toBe('failed');
  expect(run.trace).toContainEqual(expect.objectContaining({ type: 'node.left', reason: 'no-target' }));
});

test.each([
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['not-found', 'failed'],
  ['forbidden', 'failed'],
] as const)('%s leaves by %s and tells why', (result, outcome) => {
  const run = startNode('dial', { to: { type: 'number', number: '5' } });
  const done = run.answer({ reply: 'connect', outcome: result, userId: null, talkMs: 0 });
  expect(done.outcome).toBe(outcome);
  expect(done.trace).toContainEqual(expect.objectContaining({ type: 'node.left', reason: result }));
});
