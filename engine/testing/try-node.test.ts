import { expect, test } from 'vitest';
import { flow, node } from '../src/flow/author.ts';
import { tryNode } from './try-node.ts';

const crm = flow('crm', {
  language: 'en',
  variables: { entry: { type: 'string', initial: '7' }, customer: { type: 'string', initial: '' } },
  nodes: {
    start: node('start', { answer: true }, { next: 'ask' }),
    ask: node(
      'request',
      {
        method: 'POST',
        url: 'https://crm.example/customers?number=${caller.number}&entry=${entry}',
        body: { type: 'json', fields: [{ name: 'entry', value: 'entry + "!"' }] },
        save: [{ variable: 'customer', value: 'response.body.name' }],
      },
      { ok: 'bye', 'http-error': 'bye', timeout: 'bye', failed: 'bye' },
    ),
    bye: node('hang-up', {}, {}),
  },
});

test('a request is made of sample values, and its answer is read as the flow would', () => {
  const trial = tryNode(crm, 'ask', { caller: '+39 06', variables: { entry: 'a&b' } });
  expect(trial?.request).toMatchObject({
    method: 'POST',
    url: 'https://crm.example/customers?number=%2B39%2006&entry=a%26b',
    body: '{"entry":"a&b!"}',
  });
  const answer = { status: 'http', httpStatus: 200, body: { name: 'Ada' }, truncated: false } as const;
  expect(trial?.answered(answer)).toEqual({ outcome: 'ok', reason: 'status 200', set: { customer: 'Ada' } });
  expect(trial?.answered({ ...answer, httpStatus: 404, body: null })?.outcome).toBe('http-error');
  const failed = { status: 'io-failed', code: 'timeout', message: '' } as const;
  expect(trial?.answered(failed)).toMatchObject({ outcome: 'timeout', set: {} });
});

test('there is nothing to try at a node that asks for something else, nor at one that is not whole', () => {
  expect(tryNode(crm, 'start', { caller: '1', variables: {} })).toBeNull();
  expect(tryNode(crm, 'nowhere', { caller: '1', variables: {} })).toBeNull();
  const nodes = crm.nodes.map((one) => (one.id === 'ask' ? { ...one, config: {} } : one));
  expect(tryNode({ ...crm, nodes }, 'ask', { caller: '1', variables: {} })).toBeNull();
});
