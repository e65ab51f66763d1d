import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import email from './email.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(email)).toEqual([]);
});

test('asks for one mail per visit, with the caller’s values', () => {
  const run = startNode('email', { to: ' desk@example.com ', subject: 'From ${caller.number}', recording: 'nonsense' });
  expect(run.asked).toMatchObject({
    ask: 'lookup',
    lookup: { what: 'mail', to: 'desk@example.com', subject: 'From 100', recording: null },
  });
  expect(run.answer({ reply: 'io', result: { status: 'mail-queued' } }).outcome).toBe('next');
});

test('an address that is none is an outcome', () => {
  const run = startNode('email', { to: 'nobody', subject: 'x' });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('failed');
});
