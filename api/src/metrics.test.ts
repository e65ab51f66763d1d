import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { labelled, merge, mountMetrics } from './metrics.ts';

test('every sample names its process, whatever labels it has', () => {
  const text = '# HELP a b\n# TYPE a counter\na 1\na{x="1"} 2\na{process="io"} 3\nb_bucket{le="+Inf"} 4 1700000000';
  expect(labelled(text, 'calls').split('\n')).toEqual([
    '# HELP a b',
    '# TYPE a counter',
    'a{process="calls"} 1',
    'a{process="calls",x="1"} 2',
    'a{process="io"} 3',
    'b_bucket{process="calls",le="+Inf"} 4 1700000000',
  ]);
});

test('samples of one metric stand together under one head', () => {
  const of = (name: string) => labelled(`# HELP a b\n# TYPE a counter\na 1\n# HELP c d\n# TYPE c gauge\nc 2\n`, name);
  expect(
    merge([of('x'), of('y')])
      .trim()
      .split('\n'),
  ).toEqual([
    '# HELP a b',
    '# TYPE a counter',
    'a{process="x"} 1',
    'a{process="y"} 1',
    '# HELP c d',
    '# TYPE c gauge',
    'c{process="x"} 2',
    'c{process="y"} 2',
  ]);
});

test('a process that does not answer is down, the others are served', async () => {
  const other = createServer((_request, answer) => answer.end('# TYPE steps_total counter\nsteps_total 7\n')).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => other.once('listening', resolve));
  const port = (other.address() as AddressInfo).port;
  const app = fastify();
  const targets = [
    { role: 'io', url: `http://127.0.0.1:${port}/metrics` },
    { role: 'calls', url: 'http://127.0.0.1:9/metrics' },
  ];
  mountMetrics(app, { targets, fetch });
  app.get('/thing/:id', async () => 'x');
  try {
    await app.inject({ url: '/thing/4711' });
    const { body, statusCode } = await app.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    const lines = body.split('\n');
    expect(lines).toContain('steps_total{process="io"} 7');
    expect(lines).toContain('callwright_up{process="io"} 1');
    expect(lines).toContain('callwright_up{process="calls"} 0');
    expect(body).toContain('route="/thing/:id"');
    expect(body).not.toContain('4711');
  } finally {
    await app.close();
    other.close();
  }
});
