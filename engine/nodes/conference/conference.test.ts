import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import conference from './conference.node.ts';

const coordinates = { type: 'meeting-room', id: 'r', entityNumber: 1, number: '800', name: 'Room' };
const found = (pinNeeded: boolean, moderator = false) =>
  ({ reply: 'io', result: { status: 'room', room: 'r', coordinates, pinNeeded, moderator } }) as const;
const wrong = {
  reply: 'io',
  result: { status: 'refused', code: 'wrong-pin', check: 'room', by: 'company', cause: 'forbidden' },
} as const;
const typed = (value: string) =>
  ({ reply: 'media', result: { status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 } }) as const;

test('keeps the node contract', () => {
  expect(nodeViolations(conference)).toEqual([]);
});

test('an open room is entered at once', () => {
  const run = startNode('conference', { room: ' 800 ', muted: true });
  expect(run.asked).toMatchObject({ ask: 'lookup', lookup: { what: 'room', id: '800', pin: null } });
  const inside = run.answer(found(false));
  expect(inside.asked).toEqual({ ask: 'conference', room: 'r', moderator: false, muted: true });
});

test('a PIN is asked for, tried three times, and forgotten once inside', () => {
  let run = startNode('conference', { room: '800' }).answer(found(true)).answer(typed('1111'));
  expect(run.asked).toMatchObject({ lookup: { pin: '1111' } });
  run = run.answer(wrong).answer(typed('1234')).answer(found(false, true));
  expect(run.asked).toMatchObject({ ask: 'conference', moderator: true });
  let refused = startNode('conference', { room: '800' }).answer(found(true));
  for (let tries = 0; tries < 3; tries += 1) refused = refused.answer(typed('9')).answer(wrong);
  expect(refused.outcome).toBe('refused');
});

test('a locked room is not asked twice', () => {
  const locked = { ...wrong, result: { ...wrong.result, code: 'locked' } };
  const run = startNode('conference', { room: '800' }).answer(found(true)).answer(typed('1234')).answer(locked);
  expect(run.outcome).toBe('refused');
});
