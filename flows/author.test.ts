import { flow, node } from '@callwright/engine';
import { expect, test } from 'vitest';

test('wires must lead to nodes of the flow', () => {
  const made = flow('typed', {
    language: 'en',
    nodes: {
      // @ts-expect-error: there is no node nowhere
      start: node('start', {}, { next: 'nowhere' }),
      end: node('hang-up', {}),
    },
  });
  expect(made.edges).toEqual([{ from: 'start', outcome: 'next', to: 'nowhere' }]);
});

test('names outside the schema are refused when the flow is built', () => {
  expect(() => flow('Not A Name', { language: 'en', nodes: { end: node('hang-up', {}) } })).toThrow();
  expect(() => flow('fine', { language: 'en', nodes: {} })).toThrow();
});
