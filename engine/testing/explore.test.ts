import { expect, test } from 'vitest';
import { flow, node, say } from '../src/flow/author.ts';
import type { FlowDocument } from '../src/flow/document.ts';
import { buildRevision, NO_CATALOGUE } from '../src/flow/publish.ts';
import { explore, walkPath } from './explore.ts';

const closureOf = (document: FlowDocument) => buildRevision(document, NO_CATALOGUE).closure;

const pin = flow('pin', {
  language: 'en',
  variables: {
    pin: { type: 'string', initial: '', pii: true },
    turns: { type: 'number', initial: 0 },
    noise: { type: 'number', initial: 0 },
  },
  nodes: {
    start: node('start', {}, { next: 'ask' }),
    ask: node(
      'collect',
      { prompts: [say('PIN?')], variable: 'pin', minDigits: 4, maxDigits: 4 },
      { collected: 'check', 'no-input': 'count', 'no-match': 'count' },
    ),
    check: node(
      'branch',
      { branches: [{ when: 'pin == "4711"', outcome: 'right' }] },
      { right: 'service', otherwise: 'count' },
    ),
    count: node(
      'set',
      {
        assignments: [
          { variable: 'turns', value: 'turns + 1' },
          { variable: 'noise', value: 'noise + 1' },
        ],
      },
      { next: 'enough' },
    ),
    enough: node('branch', { branches: [{ when: 'turns >= 3', outcome: 'yes' }] }, { yes: 'end', otherwise: 'ask' }),
    service: node(
      'split',
      {
        shares: [
          { percent: 95, outcome: 'old' },
          { percent: 5, outcome: 'new' },
        ],
      },
      { old: 'hours', new: 'hours' },
    ),
    hours: node(
      'schedule',
      { weekly: [{ days: [1], from: '09:00', to: '10:30' }], dates: [{ date: '2026-12-25', name: 'Christmas' }] },
      { open: 'end', closed: 'end', holiday: 'end' },
    ),
    end: node('hang-up', {}),
  },
});

test('reaches every transition through constants, counters, chance and the clock', () => {
  const result = explore(closureOf(pin));
  expect(result.missing).toEqual([]);
  expect(result.coverage).toBe(1);
  expect(result.faults).toEqual([]);
});

test('each path, walked again, takes its transition', () => {
  const closure = closureOf(pin);
  const { paths } = explore(closure);
  for (const path of paths) {
    expect(walkPath(closure, path)).toContainEqual(
      expect.objectContaining({ type: 'node.left', node: path.transition.node, outcome: path.transition.outcome }),
    );
  }
});

test('what cannot happen is told as missing', () => {
  const never = flow('never', {
    language: 'en',
    variables: { turns: { type: 'number', initial: 0 } },
    nodes: {
      check: node('branch', { branches: [{ when: 'false', outcome: 'yes' }] }, { yes: 'end', otherwise: 'end' }),
      end: node('hang-up', {}),
    },
  });
  const result = explore(closureOf(never));
  expect(result.missing).toEqual([{ node: 'check', outcome: 'yes' }]);
  expect(result.coverage).toBe(0.5);
});

test('a counter that nothing bounds does not make the exploration endless', () => {
  const counting = flow('counting', {
    language: 'en',
    variables: { turns: { type: 'number', initial: 0 } },
    nodes: {
      ask: node(
        'menu',
        { prompts: [say('1?')], choices: [{ key: '1', outcome: 'more' }] },
        { more: 'count', 'no-input': 'end', 'no-match': 'end' },
      ),
      count: node('set', { assignments: [{ variable: 'turns', value: 'turns + 1' }] }, { next: 'never' }),
      never: node('branch', { branches: [{ when: 'turns < 0', outcome: 'yes' }] }, { yes: 'end', otherwise: 'ask' }),
      end: node('hang-up', {}),
    },
  });
  const result = explore(closureOf(counting));
  expect(result.truncated).toBe(false);
  expect(result.states).toBeLessThan(50);
});

test('sub-flows are explored where they are called', () => {
  const inner = flow('inner', {
    language: 'en',
    nodes: {
      ask: node(
        'menu',
        { prompts: [say('1?')], choices: [{ key: '1', outcome: 'yes' }] },
        { yes: 'good', 'no-input': 'bad', 'no-match': 'bad' },
      ),
      good: node('return', { outcome: 'good' }),
      bad: node('return', { outcome: 'bad' }),
    },
  });
  const outer = flow('outer', {
    language: 'en',
    nodes: {
      call: node('sub-flow', { flow: 'inner', outcomes: ['good', 'bad'] }, { good: 'end', bad: 'end' }),
      end: node('hang-up', {}),
    },
  });
  const { closure } = buildRevision(outer, { flow: () => closureOf(inner), audio: () => null });
  const result = explore(closure);
  expect(result.coverage).toBe(1);
  expect(result.paths.map((path) => path.transition.node).sort()).toEqual([
    'call',
    'call',
    'call/ask',
    'call/ask',
    'call/ask',
  ]);
});
