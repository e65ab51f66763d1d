import { expect, test } from 'vitest';
import type { IoResult } from '../../src/protocol/index.ts';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import mailbox from './mailbox.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(mailbox)).toEqual([]);
});

const BOX = '00000000-0000-4000-8000-000000000002';
const MESSAGE = { id: '00000000-0000-4000-8000-000000000003', at: 0, number: '+33123456789', fresh: true };
const OPEN = {
  status: 'mailbox',
  boxId: BOX,
  language: 'fr',
  editGreeting: true,
  fresh: 1,
  old: 0,
  messages: [MESSAGE],
} satisfies IoResult;
const DONE = { status: 'mailbox-done' } as const;
const USER = { type: 'user', id: 'u1', entityNumber: 1, number: '101', name: 'Ada' };

const pressed = (value: string) =>
  ({
    reply: 'media',
    result: { status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 },
  }) as const;
const io = (result: IoResult) => ({ reply: 'io', result }) as const;
const refusal = (code: string) =>
  ({
    reply: 'io',
    result: { status: 'refused', code, check: 'mailbox', by: 'company', cause: 'forbidden' },
  }) as const;
const played = { reply: 'media', result: { status: 'done' } } as const;

const inside = () => startNode('mailbox', { callBack: 'entry' }, { caller: USER }).answer(io(OPEN)).answer(played);

test('the user’s own phone is let in without a PIN, and spoken to in the box’s language', () => {
  const run = startNode('mailbox', {}, { caller: USER });
  expect(run.asked).toMatchObject({ lookup: { what: 'mailbox', box: '', user: 'u1', do: { act: 'open', pin: null } } });
  expect(JSON.stringify(run.answer(io(OPEN)).asked)).toContain('nouveaux messages');
});

test('others type the PIN; three wrong ones are enough', () => {
  let run = startNode('mailbox', { box: '102' }).answer(io({ status: 'mailbox-locked' }));
  for (const pin of ['1111', '2222', '3333']) {
    expect(run.asked).toMatchObject({ ask: 'collect', spec: { terminators: '#' } });
    run = run.answer(pressed(pin));
    expect(run.asked).toMatchObject({ lookup: { do: { act: 'open', pin } } });
    run = run.answer(refusal('wrong-pin'));
  }
  expect(run.outcome).toBe('refused');
  expect(JSON.stringify(run.trace)).not.toContain('3333');
});

test('a box that is shut says so', () => {
  const run = startNode('mailbox', { box: '102' }).answer(refusal('locked'));
  expect(JSON.stringify(run.asked)).toContain('too many wrong codes');
  expect(run.answer(played).outcome).toBe('refused');
});

test('a message is marked, heard, deleted; then there are no more', () => {
  let run = inside().answer(pressed('1'));
  expect(run.asked).toMatchObject({ lookup: { box: BOX, do: { act: 'mark', message: MESSAGE.id, as: 'old' } } });
  run = run.answer(io(DONE));
  expect(JSON.stringify(run.asked)).toContain(`"type":"recording","id":"${MESSAGE.id}"`);
  run = run.answer(pressed('3'));
  expect(run.asked).toMatchObject({ lookup: { do: { act: 'mark', as: 'deleted' } } });
  run = run.answer(io(DONE)).answer(played);
  expect(JSON.stringify(run.asked)).toContain('plus de message');
});

test('calls back whoever left it', () => {
  const run = inside().answer(pressed('1')).answer(io(DONE)).answer(pressed('4'));
  expect(run.outcome).toBe('call-back');
});

test('a greeting is spoken, heard and kept', () => {
  let run = inside().answer(pressed('2')).answer(pressed('3'));
  expect(run.asked).toMatchObject({ ask: 'record', spec: { purpose: { type: 'greeting', boxId: BOX } } });
  const recording = { status: 'recorded', recordingId: MESSAGE.id, durationMs: 3000, ended: 'terminator' } as const;
  run = run.answer({ reply: 'media', result: recording }).answer(pressed('1'));
  expect(run.asked).toMatchObject({
    lookup: { do: { act: 'set-greeting', greeting: 'no-answer', recording: MESSAGE.id } },
  });
});

test('a new PIN is typed twice', () => {
  const typed = inside().answer(pressed('3')).answer(pressed('4711'));
  expect(JSON.stringify(typed.answer(pressed('4712')).asked)).toContain('différents'.slice(0, 4));
  expect(typed.answer(pressed('4711')).asked).toMatchObject({ lookup: { do: { act: 'set-pin', pin: '4711' } } });
});
