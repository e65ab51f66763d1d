import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import listLookUp from './list-look-up.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(listLookUp)).toEqual([]);
});

test('asks for the caller’s number in all lists and leaves by the kind of the list', () => {
  const run = startNode('list-look-up', {});
  expect(run.asked).toEqual({ ask: 'lookup', lookup: { what: 'caller-list', number: '100', list: null } });
  const result = { status: 'listed', kind: 'vip', list: 'Gold', note: 'Ada' } as const;
  expect(run.answer({ reply: 'io', result }).outcome).toBe('vip');
  expect(run.answer({ reply: 'io', result: { ...result, kind: null } }).outcome).toBe('not-listed');
});

test('a named list keeps its note; one that is not there is a failure', () => {
  const run = startNode('list-look-up', { list: ' Gold ', number: '+33123456789', saveNote: 'entry' });
  expect(run.asked).toMatchObject({ lookup: { number: '+33123456789', list: 'Gold' } });
  const found = run.answer({ reply: 'io', result: { status: 'listed', kind: 'block', list: 'Gold', note: 'rude' } });
  expect(found.outcome).toBe('listed');
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('failed');
});
