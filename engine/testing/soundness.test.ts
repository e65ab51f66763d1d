/** What lint lets through runs: random flows without errors never fail, whatever the caller and the world answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowDocument } from '../src/flow/document.ts';
import { lint } from '../src/flow/lint/lint.ts';
import { buildRevision, NO_CATALOGUE } from '../src/flow/publish.ts';
import type { JsonValue } from '../src/protocol/index.ts';
import { explore } from './explore.ts';

const prompts = [{ parts: [{ type: 'text', text: 'Hello ${turns} ${word}' }] }];
/** Settings to draw from, with their outcomes. `enough` always leads out: which way a counter counts is the author's to get right. */
const KINDS: readonly { kind: string; config: { [key: string]: JsonValue }; outcomes: readonly string[] }[] = [
  { kind: 'play', config: { prompts }, outcomes: ['next'] },
  {
    kind: 'menu',
    config: { prompts, choices: [{ key: '1', outcome: 'one' }] },
    outcomes: ['one', 'no-input', 'no-match'],
  },
  {
    kind: 'collect',
    config: { prompts, variable: 'word', maxDigits: 3 },
    outcomes: ['collected', 'no-input', 'no-match'],
  },
  { kind: 'set', config: { assignments: [{ variable: 'turns', value: 'turns + 1' }] }, outcomes: ['next'] },
  {
    kind: 'set',
    config: { assignments: [{ variable: 'turns', value: 'int(word)' }], language: '${word}' },
    outcomes: ['next'],
  },
  {
    kind: 'branch',
    config: { branches: [{ when: 'turns > 2', outcome: 'enough' }] },
    outcomes: ['enough', 'otherwise'],
  },
  { kind: 'branch', config: { branches: [{ when: 'word == "12"', outcome: 'yes' }] }, outcomes: ['yes', 'otherwise'] },
  {
    kind: 'split',
    config: {
      shares: [
        { percent: 50, outcome: 'a' },
        { percent: 50, outcome: 'b' },
      ],
    },
    outcomes: ['a', 'b'],
  },
  { kind: 'wait', config: { forMs: 1000 }, outcomes: ['elapsed', 'continue'] },
  { kind: 'log', config: { text: '${word}' }, outcomes: ['next'] },
  { kind: 'transfer', config: { to: { type: 'number', number: '${word}' } }, outcomes: ['failed'] },
];

const size = 5;
const place = fc.nat({ max: size });
const flows = fc
  .array(fc.tuple(fc.nat({ max: KINDS.length - 1 }), fc.tuple(place, place, place)), {
    minLength: size,
    maxLength: size,
  })
  .map((rows): FlowDocument => {
    const id = (index: number) => (index === size ? 'end' : `node-${index}`);
    const nodes = rows.map(([which], number) => {
      const { kind, config } = KINDS[which]!;
      return { id: id(number), number, kind, version: 1, label: '', config };
    });
    const edges = rows.flatMap(([which, targets], from) =>
      KINDS[which]!.outcomes.map((outcome, index) => ({
        from: id(from),
        outcome,
        to: outcome === 'enough' ? 'end' : id(targets[index]!),
      })),
    );
    return {
      format: 1,
      name: 'random',
      title: '',
      language: 'en',
      entry: id(0),
      variables: [
        { name: 'turns', type: 'number', initial: 0, pii: false },
        { name: 'word', type: 'string', initial: '', pii: true },
      ],
      nodes: [...nodes, { id: 'end', number: size, kind: 'hang-up', version: 1, label: '', config: {} }],
      edges,
    };
  });

test('a flow without lint errors never runs in an empty circle', () => {
  let sound = 0;
  fc.assert(
    fc.property(flows, (document) => {
      if (lint(document, NO_CATALOGUE).some(({ severity }) => severity === 'error')) return;
      sound += 1;
      const result = explore(buildRevision(document, NO_CATALOGUE).closure, { maxStates: 150 });
      expect(result.faults).toEqual([]);
    }),
    { numRuns: 400, seed: 7 },
  );
  expect(sound).toBeGreaterThan(40);
});

test('names that JavaScript has uses for are names like any other', () => {
  const document: FlowDocument = {
    format: 1,
    name: 'constructor',
    title: '',
    language: 'en',
    entry: 'constructor',
    variables: [{ name: 'constructor', type: 'string', initial: 'x', pii: false }],
    nodes: [
      {
        id: 'constructor',
        number: 0,
        kind: 'branch',
        version: 1,
        label: '',
        config: { branches: [{ when: 'constructor == "x"', outcome: 'constructor' }] },
      },
      { id: 'end', number: 1, kind: 'hang-up', version: 1, label: '', config: {} },
    ],
    edges: [
      { from: 'constructor', outcome: 'constructor', to: 'end' },
      { from: 'constructor', outcome: 'otherwise', to: 'end' },
    ],
  };
  expect(lint(document, NO_CATALOGUE)).toEqual([]);
  expect(explore(buildRevision(document, NO_CATALOGUE).closure).coverage).toBe(1);
});
