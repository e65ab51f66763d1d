import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import callback from './callback.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(callback)).toEqual([]);
});

test('names the number without what people write between digits', () => {
  expect(startNode('callback', { number: '+33 1 (45) 42-00.00' }).asked).toEqual({
    ask: 'callback',
    number: '+33145420000',
  });
});

test.each([
  ['completed', 'requested'],
  ['not-found', 'refused'],
] as const)('leaves by what came of it: %s', (outcome, left) => {
  const run = startNode('callback', {});
  expect(run.answer({ reply: 'connect', outcome, userId: null, talkMs: 0 }).outcome).toBe(left);
});

const heard = { mode: 'keys', confidence: 1, tries: 1 };

test('reads the number out and asks for it only when the caller has confirmed it', () => {
  const run = startNode('callback', { number: '+33145420000', confirm: true });
  expect(run.asked).toMatchObject({ ask: 'collect', spec: { accept: ['1'] } });
  expect(JSON.stringify(run.asked)).toContain('33145420000');
  const confirmed = run.answer({ reply: 'media', result: { status: 'collected', value: '1', ...heard } });
  expect(confirmed.asked).toEqual({ ask: 'callback', number: '+33145420000' });
  const silent = startNode('callback', { number: '102', confirm: true }).answer({
    reply: 'media',
    result: { status: 'not-collected', reason: 'no-input', value: '', tries: 3 },
  });
  expect(silent.outcome).toBe('refused');
});

test('takes another number where that is allowed, and reads it out again', () => {
  const run = startNode('callback', { number: '102', confirm: true, change: true });
  const typing = run.answer({ reply: 'media', result: { status: 'collected', value: '2', ...heard } });
  expect(typing.asked).toMatchObject({ ask: 'collect', spec: { terminators: '#', minDigits: 2 } });
  const again = typing.answer({ reply: 'media', result: { status: 'collected', value: '0611223344', ...heard } });
  expect(JSON.stringify(again.asked)).toContain('0611223344');
  const done = again.answer({ reply: 'media', result: { status: 'collected', value: '1', ...heard } });
  expect(done.asked).toEqual({ ask: 'callback', number: '0611223344' });
});
