import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flow, node, say } from '../src/flow/author.ts';
import { runScript, type ScriptStep, type StepResult } from './script.ts';

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

/** Steps without the ids of their calls, which are the world's. */
const told = (steps: readonly StepResult[]) =>
  steps.map(({ step: happened, heard, possible, facts }) => ({
    happened,
    heard,
    possible,
    facts: facts.map((fact) => (fact.type === 'node.left' ? `${fact.node}=${fact.outcome}` : fact.type)),
  }));

test('a fork at any step, with the recorded step, is the recorded path; with another it leaves it there and not before', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(7), step, (script, place, other) => {
      const at = place % script.length;
      const recorded = runScript(office, script, options);
      const before = runScript(office, script.slice(0, at), options);
      expect(told(recorded.steps.slice(0, at + 1))).toEqual(told(before.steps));
      const again = runScript(office, [...before.steps.flatMap((one) => one.step ?? []), script[at]!], options);
      expect(told(again.steps.slice(-1))).toEqual(told(recorded.steps.slice(at + 1, at + 2)));
      expect(recorded.path.slice(0, again.path.length)).toEqual(again.path);
      const forked = runScript(office, [...script.slice(0, at), other, ...script.slice(at + 1)], options);
      expect(told(forked.steps.slice(0, at + 1))).toEqual(told(recorded.steps.slice(0, at + 1)));
      expect(forked.path.slice(0, before.path.length)).toEqual(before.path);
    }),
    { numRuns: 200 },
  );
});
