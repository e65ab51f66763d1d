import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import request from './request.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(request)).toEqual([]);
});

const config = {
  url: 'https://crm.example/c/${entry}?q=${entry}',
  save: [{ variable: 'entry', value: 'response.body.name' }],
};
const http = (httpStatus: number, body: unknown) =>
  ({ reply: 'io', result: { status: 'http', httpStatus, body, truncated: false } }) as never;

test('what a caller enters cannot change the shape of the address', () => {
  const run = startNode('request', config, { variables: { entry: '../../admin?x=1#' } });
  expect(run.asked).toMatchObject({
    request: { method: 'GET', url: 'https://crm.example/c/..%2F..%2Fadmin%3Fx%3D1%23?q=..%2F..%2Fadmin%3Fx%3D1%23' },
  });
});

test('the host may not come from a variable', () => {
  expect(request.config.safeParse({ url: 'https://${entry}/x' }).success).toBe(false);
  expect(request.config.safeParse({ url: '${entry}' }).success).toBe(false);
  expect(request.config.safeParse({ url: 'file:///etc/passwd' }).success).toBe(false);
});

test('headers take no line breaks', () => {
  const run = startNode(
    'request',
    { url: 'https://crm.example/', headers: [{ name: 'X-A', value: '${entry}' }] },
    { variables: { entry: 'a\r\nEvil: 1' } },
  );
  expect(run.asked).toMatchObject({ request: { headers: { 'x-a': 'a  Evil: 1' } } });
});

test('a JSON body is built from expressions, so no quoting is needed', () => {
  const body = {
    type: 'json',
    fields: [
      { name: 'from', value: 'entry' },
      { name: 'n', value: 'count + 1' },
    ],
  };
  const run = startNode(
    'request',
    { method: 'POST', url: 'https://crm.example/', body },
    { variables: { entry: 'a"b', count: 1 } },
  );
  expect(run.asked).toMatchObject({
    request: { body: '{"from":"a\\"b","n":2}', headers: { 'content-type': 'application/json' } },
  });
});

test.each([
  [200, 'ok'],
  [204, 'ok'],
  [302, 'http-error'],
  [500, 'http-error'],
])('status %i leaves by %s', (status, outcome) => {
  expect(startNode('request', config).answer(http(status, { name: 'Ada' })).outcome).toBe(outcome);
});

test('an answer without the expected field keeps the old value and is logged', () => {
  const done = startNode('request', config).answer(http(200, { other: 1 }));
  expect(done.outcome).toBe('ok');
  expect(done.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
});

test.each([
  ['timeout', 'timeout'],
  ['refused', 'failed'],
  ['too-large', 'failed'],
] as const)('%s leaves by %s', (code, outcome) => {
  const done = startNode('request', config).answer({ reply: 'io', result: { status: 'io-failed', code, message: '' } });
  expect(done.outcome).toBe(outcome);
});
