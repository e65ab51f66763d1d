import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import phonebookLookUp from './phonebook-look-up.node.ts';

const CONTACT = {
  id: 'c',
  name: 'Ada Lovelace',
  givenName: 'Ada',
  familyName: 'Lovelace',
  organisation: 'Engines',
  email: '',
  phonebook: 'Customers',
  favourite: false,
  data: { level: 'gold' },
};

test('keeps the node contract', () => {
  expect(nodeViolations(phonebookLookUp)).toEqual([]);
});

test('keeps what is asked for; what a contact does not have is left as it was', () => {
  const save = [
    { variable: 'entry', value: 'contact.data.level' },
    { variable: 'count', value: 'contact.data.visits' },
  ];
  const run = startNode('phonebook-look-up', { save });
  expect(run.asked).toEqual({ ask: 'lookup', lookup: { what: 'contact', number: '100', user: null } });
  const found = run.answer({ reply: 'io', result: { status: 'contact', contact: CONTACT } });
  expect(found.outcome).toBe('found');
  expect(found.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
});

test('nobody, and a directory that is away', () => {
  const run = startNode('phonebook-look-up', { user: '101' });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('not-found');
  const failed = { status: 'io-failed', code: 'timeout', message: '' } as const;
  expect(run.answer({ reply: 'io', result: failed }).outcome).toBe('failed');
});
