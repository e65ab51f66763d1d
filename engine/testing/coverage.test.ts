import { expect, test } from 'vitest';
import { flow, node, say } from '../src/flow/author.ts';
import { buildRevision, NO_CATALOGUE } from '../src/flow/publish.ts';
import { coverageDiagnostics, coverageOf } from './coverage.ts';
import { runScript } from './script.ts';

const closureOf = (document: ReturnType<typeof flow>) => buildRevision(document, NO_CATALOGUE).closure;

const office = flow('office', {
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'menu' }),
    menu: node(
      'menu',
      { prompts: [say('Press 1')], choices: [{ key: '1', outcome: 'one' }] },
      { one: 'never', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    never: node('branch', { branches: [{ when: '1 > 2', outcome: 'wrong' }] }, { wrong: 'lost', otherwise: 'bye' }),
    lost: node('play', { prompts: [say('Nobody hears this')] }, { next: 'bye' }),
    bye: node('hang-up', {}, {}),
  },
});

test('arrows that no call takes are told with the reason', () => {
  const closure = closureOf(office);
  const coverage = coverageOf(closure, []);
  expect(coverage.uncovered).toEqual([
    { node: 'never', outcome: 'wrong', reason: 'outcome' },
    { node: 'lost', outcome: 'next', reason: 'node' },
  ]);
  expect(coverage.complete).toBe(true);
  expect(coverage.covered).toBe(coverage.transitions - 2);
  expect(coverageDiagnostics(closure, coverage)).toMatchObject([
    { code: 'FLW_UNTESTED', severity: 'error', node: 'never', path: ['nodes', 2] },
    { code: 'FLW_UNTESTED_NODE', severity: 'error', node: 'lost' },
  ]);
});

test('kept tests count for what they take, and those that fail are named', () => {
  const closure = closureOf(office);
  const script = [{ do: 'press', digits: '1' } as const, { do: 'wait', ms: 10_000 } as const];
  const { path } = runScript(closure, script);
  // cut short, the search finds less than the test takes
  const cut = coverageOf(closure, [], { maxStates: 1 });
  expect(cut.complete).toBe(false);
  expect(cut.uncovered.every(({ reason }) => reason === 'stopped')).toBe(true);
  const kept = coverageOf(closure, [{ name: 'one', script, path }], { maxStates: 1 });
  expect(kept.covered).toBeGreaterThan(cut.covered);
  const failing = coverageOf(closure, [
    { name: 'one', script, path },
    { name: 'other-way', script, path: ['start=next'] },
    { name: 'unreadable', script: [{ do: 'dance' }], path },
  ]);
  expect(failing.failed).toEqual(['other-way', 'unreadable']);
  expect(coverageDiagnostics(closure, failing).map(({ code }) => code)).toContain('FLW_TEST_FAILED');
});
