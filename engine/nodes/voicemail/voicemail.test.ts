import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import voicemail from './voicemail.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(voicemail)).toEqual([]);
});

const BOX = '00000000-0000-4000-8000-000000000002';
const found = {
  status: 'voicemail',
  boxId: BOX,
  state: 'busy',
  full: false,
  maxMs: 60_000,
  greeting: null,
  name: null,
  language: 'fr',
} as const;

test('takes the state it is given, or its own', () => {
  expect(startNode('voicemail', { box: `${BOX}/busy` }).asked).toMatchObject({ lookup: { id: `${BOX}/busy` } });
  expect(startNode('voicemail', { box: `${BOX}/busy`, state: 'closed' }).asked).toMatchObject({
    lookup: { id: `${BOX}/closed` },
  });
});

test('speaks the box’s language when nothing is recorded, and says who called', () => {
  const run = startNode('voicemail', { box: '102' }).answer({ reply: 'io', result: found });
  expect(run.asked).toMatchObject({
    ask: 'record',
    spec: { purpose: { type: 'voicemail', boxId: BOX, from: { number: '100' } }, maxMs: 60_000, terminators: '#' },
  });
  expect(JSON.stringify(run.asked)).toContain('déjà en communication');
});

test('a recorded greeting stands for the text; a recorded name is followed by what to do', () => {
  const audio = (name: string) => ({ items: [{ type: 'audio', name } as const], bargeIn: true });
  const own = startNode('voicemail', { box: '102' });
  expect(own.answer({ reply: 'io', result: { ...found, greeting: audio('mine') } }).asked).toMatchObject({
    spec: { prompts: [audio('mine')] },
  });
  const named = startNode('voicemail', { box: '102' });
  expect(named.answer({ reply: 'io', result: { ...found, name: audio('me') } }).asked).toMatchObject({
    spec: { prompts: [audio('me'), { bargeIn: true }] },
  });
});

test('a full box says so', () => {
  const run = startNode('voicemail', { box: '102' }).answer({ reply: 'io', result: { ...found, full: true } });
  expect(run.asked).toMatchObject({ ask: 'play' });
  expect(run.answer({ reply: 'media', result: { status: 'done' } }).outcome).toBe('full');
});
