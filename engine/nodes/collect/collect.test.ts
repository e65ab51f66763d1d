import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import collect from './collect.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(collect)).toEqual([]);
});

const config = {
  prompts: [{ parts: [{ type: 'text', text: 'Your number.' }] }],
  variable: 'entry',
  minDigits: 2,
  maxDigits: 6,
  totalTimeoutMs: 20_000,
};

test('passes limits, terminator and time-outs on', () => {
  expect(startNode('collect', config).asked).toMatchObject({
    ask: 'collect',
    spec: { minDigits: 2, maxDigits: 6, terminators: '#', interDigitTimeoutMs: 3000, totalTimeoutMs: 20_000 },
  });
});

test('keeps the entry in the variable, digits as text', () => {
  const run = startNode('collect', config);
  const done = run.answer({
    reply: 'media',
    result: { status: 'collected', mode: 'keys', value: '0042', confidence: 1, tries: 1 },
  });
  expect(done.outcome).toBe('collected');
  expect(done.trace).toContainEqual({ type: 'input.collected', node: 'under-test', length: 4, tries: 1 });
  expect(JSON.stringify(done.trace)).not.toContain('0042');
});

test('time-outs may be expressions and are kept within bounds', () => {
  const run = startNode(
    'collect',
    { ...config, interDigitTimeoutMs: { expr: 'count * 1000' } },
    { variables: { count: 2 } },
  );
  expect(run.asked).toMatchObject({ spec: { interDigitTimeoutMs: 2000 } });
  const wild = startNode(
    'collect',
    { ...config, interDigitTimeoutMs: { expr: 'count * 1000000' } },
    { variables: { count: 2 } },
  );
  expect(wild.asked).toMatchObject({ spec: { interDigitTimeoutMs: 60_000 } });
});

test('refuses a lower limit above the upper one', () => {
  const parsed = collect.config.parse({
    prompts: [{ parts: [{ type: 'text', text: 'x' }] }],
    variable: 'entry',
    minDigits: 5,
    maxDigits: 2,
  });
  expect(collect.check?.(parsed)).toEqual([{ code: 'FLW_RANGE', path: ['minDigits'] }]);
});
