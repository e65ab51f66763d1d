import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import say from './say.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(say)).toEqual([]);
});

test('says a value in language, zone and currency of the call', () => {
  const locale = { language: 'it', timeZone: 'Europe/Rome', country: 'IT', currency: 'EUR' };
  const run = startNode('say', { as: 'money', value: 'count * 2.5' }, { locale, variables: { count: 3 } });
  expect(run.asked.prompts).toEqual([
    {
      items: [{ type: 'value', as: 'money', value: '7.5', language: 'it', timeZone: 'Europe/Rome', currency: 'EUR' }],
      bargeIn: true,
    },
  ]);
});

test('marks what comes from a personal variable', () => {
  const run = startNode('say', { as: 'digits', value: 'secret' });
  expect(run.asked.prompts).toMatchObject([{ items: [{ value: '4711', pii: true }] }]);
});

test('an expression that fails says nothing and is logged', () => {
  const run = startNode('say', { as: 'number', value: 'int(entry)' }, { variables: { entry: 'no number' } });
  expect(run.asked.prompts).toMatchObject([{ items: [{ type: 'silence' }] }]);
  expect(run.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
});
