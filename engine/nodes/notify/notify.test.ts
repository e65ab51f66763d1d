import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import notify from './notify.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(notify)).toEqual([]);
});

test('asks for one notice per visit, with values; one that fails to be read is null', () => {
  const fields = [
    { name: 'from', value: 'caller.number' },
    { name: 'none', value: 'entry.none' },
  ];
  const run = startNode('notify', { to: ' crm ', event: 'hello', fields });
  expect(run.asked).toMatchObject({
    ask: 'lookup',
    lookup: { what: 'notice', to: 'crm', event: 'hello', data: { from: '100', none: null } },
  });
  expect(run.answer({ reply: 'io', result: { status: 'notice-queued' } }).outcome).toBe('next');
});

test('no such webhook is an outcome', () => {
  const run = startNode('notify', { to: 'crm' });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('failed');
});
