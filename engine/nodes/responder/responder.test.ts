import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import responder from './responder.node.ts';

const PROMPT = { parts: [{ type: 'text', text: 'Hello' }] };
const CHOICES = [
  { key: '1', outcome: 'wrong' },
  { key: '2', outcome: 'right' },
];
const SCRIPT = { prompts: [PROMPT], input: 'length', inputLength: 6, action: 'script', script: 's.test/x.php' };
const keys = (value: string) =>
  ({ reply: 'media', result: { status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 } }) as const;
const nothing = {
  reply: 'media',
  result: { status: 'not-collected', reason: 'no-input', value: '', tries: 1 },
} as const;
const answer = (told: object) => ({ reply: 'io', result: { status: 'script', answer: told } }) as never;
const asking = () => startNode('responder', { ...SCRIPT, choices: CHOICES }).answer(keys('123456'));

test('keeps the node contract', () => {
  expect(nodeViolations(responder)).toEqual([]);
});

test('a script is told the entry, where it was made, and the tag', () => {
  expect(asking().asked).toMatchObject({
    ask: 'request',
    request: { url: 'http://s.test/x.php', script: { flow: 'kit', node: 0, input: '123456', tag: -1 } },
  });
});

test('no entry is an empty one', () => {
  const run = startNode('responder', { ...SCRIPT, choices: CHOICES }).answer(nothing);
  expect(run.asked).toMatchObject({ request: { script: { input: '' } } });
});

test('the script leads to a node by its key', () => {
  expect(asking().answer(answer({ do: 'next', key: '2' })).outcome).toBe('right');
});

test('a key that leads nowhere leaves the caller in the node, until he presses one that does', () => {
  const stays = asking().answer(answer({ do: 'next', key: '7' }));
  expect(stays.asked).toMatchObject({ ask: 'collect', spec: { prompts: [], accept: ['1', '2'] } });
  expect(stays.answer(nothing).asked).toMatchObject({ ask: 'collect' });
  expect(stays.answer(keys('1')).outcome).toBe('wrong');
});

test('the script ends the call, and so does one that gives no instruction', () => {
  expect(asking().answer(answer({ do: 'end' })).outcome).toBe('ended');
  const failed = { reply: 'io', result: { status: 'io-failed', code: 'timeout', message: '' } } as const;
  expect(asking().answer(failed).outcome).toBe('ended');
});

test('the script sends the caller away', () => {
  const run = asking().answer(
    answer({ do: 'transfer', to: { type: 'ring-group', id: 'group-1' }, shown: '073333655434' }),
  );
  expect(run.asked).toMatchObject({
    ask: 'transfer',
    to: { type: 'ring-group', id: 'group-1' },
    shown: '073333655434',
  });
  const reply = { reply: 'connect', outcome: 'busy', userId: null, talkMs: 0 } as const;
  expect(run.answer(reply).outcome).toBe('failed');
});

test('the script changes the node and runs it again; what it does not name stays', () => {
  const run = asking().answer(answer({ do: 'again', change: { message: 'new', inputLength: 2, tag: 5 } }));
  expect(run.asked).toMatchObject({
    ask: 'collect',
    spec: { prompts: [{ items: [{ type: 'audio', name: 'new' }] }], maxDigits: 2 },
  });
  expect(run.answer(keys('42')).asked).toMatchObject({ request: { url: 'http://s.test/x.php', script: { tag: 5 } } });
});

test('a change that cannot be ends the call', () => {
  expect(asking().answer(answer({ do: 'again', change: { action: 'call' } })).outcome).toBe('ended');
  expect(asking().answer(answer({ do: 'again', change: { script: 'ht tp' } })).outcome).toBe('ended');
});

test('an entry leads on by its key; another is asked again, and then no more', () => {
  const run = startNode('responder', { prompts: [PROMPT], input: 'length', choices: CHOICES, tries: 2 });
  expect(run.answer(keys('2')).outcome).toBe('right');
  const again = run.answer(keys('9'));
  expect(again.asked).toMatchObject({ ask: 'collect' });
  expect(again.answer(keys('9')).outcome).toBe('failed');
});

test('the key that leads back counts alone', () => {
  const run = startNode('responder', {
    prompts: [PROMPT],
    input: 'length',
    inputLength: 4,
    choices: CHOICES,
    backKey: '*',
  });
  expect(run.asked).toMatchObject({ spec: { loneKeys: '*' } });
  expect(run.answer(keys('*')).outcome).toBe('back');
});

test('a message that is repeated is heard until the wait is over', () => {
  const run = startNode('responder', {
    prompts: [PROMPT],
    loop: true,
    input: 'length',
    waitMs: 1500,
    action: 'call',
    target: { type: 'number', number: '385' },
  });
  const second = run.answer(nothing);
  expect(second.asked).toMatchObject({ ask: 'collect' });
  const third = second.answer(nothing);
  expect(third.asked).toMatchObject({ ask: 'collect' });
  expect(third.answer(nothing).asked).toMatchObject({ ask: 'transfer', to: { type: 'number', number: '385' } });
});

test('a message that cannot be played does not hold the caller up', () => {
  const run = startNode('responder', { ...SCRIPT, choices: CHOICES });
  const failed = { reply: 'media', result: { status: 'failed', code: 'SPE_AUDIO', message: '' } } as const;
  const step = run.answer(failed);
  expect(step.asked).toMatchObject({ ask: 'request' });
  expect(step.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'error' }));
});

test.each([
  [{ action: 'call' }, 'target'],
  [{ action: 'script' }, 'script'],
])('what an action needs must be there: %j', (config, field) => {
  expect(responder.check!(responder.config.parse(config))).toEqual([{ code: 'FLW_LACKS', path: [field] }]);
});
