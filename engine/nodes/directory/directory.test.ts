import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import directory from './directory.node.ts';

const prompts = [{ parts: [{ type: 'text' as const, text: 'the name' }] }];
const names = (...found: [string, string][]) =>
  ({
    reply: 'io',
    result: {
      status: 'names',
      names: found.map(([number, name]) => ({ userId: number, number, name, recorded: null })),
    },
  }) as const;
const typed = (value: string) =>
  ({ reply: 'media', result: { status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 } }) as const;

test('keeps the node contract', () => {
  expect(nodeViolations(directory)).toEqual([]);
});

test('offers those who fit, and keeps the extension of the one chosen', () => {
  const run = startNode('directory', { prompts }).answer(typed('56'));
  expect(run.asked).toEqual({ ask: 'lookup', lookup: { what: 'names', digits: '56' } });
  const offered = run.answer(names(['101', 'Ada Lovelace'], ['102', 'Bob Lorenz']));
  expect(JSON.stringify(offered.asked)).toContain('Bob Lorenz');
  expect(offered.asked).toMatchObject({ spec: { accept: ['1', '2', '*'] } });
  expect(offered.answer(typed('2')).outcome).toBe('found');
  expect(offered.answer(typed('*')).asked).toMatchObject({ ask: 'collect', spec: { minDigits: 2 } });
});

test('asks again when nobody fits, as often as it is to', () => {
  let run = startNode('directory', { prompts, tries: 2 });
  run = run.answer(typed('99')).answer(names());
  expect(run.asked).toMatchObject({ ask: 'collect' });
  expect(run.answer(typed('98')).answer(names()).outcome).toBe('not-found');
  const silent = {
    reply: 'media',
    result: { status: 'not-collected', reason: 'no-input', value: '', tries: 2 },
  } as const;
  expect(run.answer(silent).outcome).toBe('no-input');
});
