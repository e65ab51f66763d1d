import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import record from './record.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(record)).toEqual([]);
});

test('passes its limits on and keeps the recording’s id', () => {
  const run = startNode('record', { variable: 'entry', label: 'address of ${secret}', maxMs: 20_000 });
  expect(run.asked).toMatchObject({
    ask: 'record',
    spec: { purpose: { type: 'flow', label: 'address of ***' }, maxMs: 20_000, silenceMs: 5000, terminators: '#' },
  });
  const id = '00000000-0000-4000-8000-000000000009';
  const done = run.answer({
    reply: 'media',
    result: { status: 'recorded', recordingId: id, durationMs: 4000, ended: 'silence' },
  });
  expect(done.outcome).toBe('recorded');
});

test('a full disk is an outcome', () => {
  const run = startNode('record', {});
  const done = run.answer({ reply: 'media', result: { status: 'failed', code: 'TEL_DISK', message: '' } });
  expect(done.outcome).toBe('failed');
});
