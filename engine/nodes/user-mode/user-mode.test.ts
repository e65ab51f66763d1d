import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import userMode from './user-mode.node.ts';

const CALLER = { type: 'user', id: 'ada', entityNumber: 1, number: '101', name: 'Ada' };

test('keeps the node contract', () => {
  expect(nodeViolations(userMode)).toEqual([]);
});

test('without a user it is the one who calls; the next node follows from the mode in force', () => {
  const run = startNode('user-mode', { mode: 'dnd', toggle: true }, { caller: CALLER });
  expect(run.asked).toMatchObject({
    ask: 'lookup',
    lookup: { what: 'user-mode', user: 'ada', mode: 'dnd', toggle: true, forMs: null, number: null },
  });
  expect(run.answer({ reply: 'io', result: { status: 'user-mode', mode: 'normal' } }).outcome).toBe('normal');
});

test('a caller from outside is nobody, and an answer that cannot be is a failure', () => {
  const run = startNode('user-mode', { mode: 'away' });
  expect(run.asked).toMatchObject({ lookup: { user: '' } });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('not-found');
  expect(run.answer({ reply: 'io', result: { status: 'user-mode', mode: 'divert' } }).outcome).toBe('failed');
});

test('an expression for the time is kept within its bounds', () => {
  const run = startNode('user-mode', { user: '101', mode: 'away', forMs: { expr: '5.0' } });
  expect(run.asked).toMatchObject({ lookup: { user: '101', forMs: 60_000 } });
});
