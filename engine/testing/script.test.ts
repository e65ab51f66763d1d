import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flow, node, say } from '../src/flow/author.ts';
import { runScript, type ScriptStep } from './script.ts';

const office = flow('office', {
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'menu' }),
    menu: node(
      'menu',
      {
        prompts: [say('Sales 1, account 2')],
        choices: [
          { key: '1', outcome: 'sales' },
          { key: '2', outcome: 'account' },
        ],
        tries: 2,
      },
      { sales: 'dial', account: 'ask', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    dial: node(
      'dial',
      { to: { type: 'user', id: 'anna' } },
      { completed: 'bye', busy: 'bye', 'no-answer': 'bye', rejected: 'bye', unavailable: 'bye', failed: 'bye' },
    ),
    ask: node(
      'request',
      { url: 'https://crm.example/a', retries: 0 },
      { ok: 'good', 'http-error': 'bye', timeout: 'bye', failed: 'bye' },
    ),
    good: node('play', { prompts: [say('All is well')] }, { next: 'bye' }),
    bye: node('hang-up', {}, {}),
  },
});
const options = { users: { anna: {} } };
const run = (...script: ScriptStep[]) => runScript(office, script, options);

test('keys, ringing, answering, hanging up', () => {
  const ringing = run({ do: 'press', digits: '1' }, { do: 'wait', ms: 1000 });
  expect(ringing).toMatchObject({ node: 'dial', ringing: ['anna'], talking: [], ended: false });
  const talking = run({ do: 'press', digits: '1' }, { do: 'wait', ms: 1000 }, { do: 'answer', user: 'anna' });
  expect(talking).toMatchObject({ ringing: [], talking: ['anna'] });
  const over = run(
    { do: 'press', digits: '1' },
    { do: 'wait', ms: 1000 },
    { do: 'answer', user: 'anna' },
    { do: 'user-hangs-up', user: 'anna' },
    { do: 'wait', ms: 5000 },
  );
  expect(over).toMatchObject({ ended: true, disposition: 'answered' });
  expect(over.path).toEqual(['start=next', 'menu=sales', 'dial=completed', 'bye=hang-up']);
});

test('requests answer as told, from that step on', () => {
  const answered = run({ do: 'press', digits: '2' }, { do: 'wait', ms: 500 });
  expect(answered.path).toContain('ask=ok');
  const failing = run(
    { do: 'answer-requests', answer: { failure: 'timeout' } },
    { do: 'press', digits: '2' },
    { do: 'wait', ms: 500 },
  );
  expect(failing.path).toContain('ask=timeout');
});

test('what cannot happen is told, not thrown', () => {
  const odd = run({ do: 'answer', user: 'anna' }, { do: 'hang-up' }, { do: 'press', digits: '1' });
  expect(odd.steps.map(({ possible }) => possible)).toEqual([true, false, true, false]);
});

const step: fc.Arbitrary<ScriptStep> = fc.oneof(
  fc.constantFrom<ScriptStep>({ do: 'press', digits: '1' }, { do: 'press', digits: '2' }, { do: 'press', digits: '9' }),
  fc.constantFrom<ScriptStep>({ do: 'next' }, { do: 'hang-up' }, { do: 'continue' }, { do: 'answer', user: 'anna' }),
  fc.constantFrom<ScriptStep>({ do: 'reject', user: 'anna' }, { do: 'user-hangs-up', user: 'anna' }),
  fc.integer({ min: 1, max: 20_000 }).map((ms): ScriptStep => ({ do: 'wait', ms })),
);

test('a fork at any step, with the recorded step, is the recorded path', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), fc.nat(8), (script, at) => {
      const recorded = runScript(office, script, options);
      const forked = runScript(office, [...script.slice(0, at), ...script.slice(at)], options);
      const half = runScript(office, script.slice(0, at), options);
      expect(forked.path).toEqual(recorded.path);
      expect(recorded.path.slice(0, half.path.length)).toEqual(half.path);
    }),
    { numRuns: 60 },
  );
});
