import { type DiagnosticCode, type FlowDocument, flow, lint, NO_CATALOGUE, node, say } from '@callwright/engine';
import { expect, test } from 'vitest';

/** A sound flow, each of whose faults below is planted alone. */
const sound = flow('office', {
  language: 'en',
  variables: { count: { type: 'number', initial: 0 }, word: { type: 'string', initial: '' } },
  nodes: {
    start: node('start', { answer: true }, { next: 'menu' }),
    menu: node(
      'menu',
      {
        prompts: [say('Press 1 or 2')],
        choices: [
          { key: '1', outcome: 'one' },
          { key: '2', outcome: 'two' },
        ],
      },
      { one: 'enter', two: 'share', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    enter: node(
      'collect',
      { prompts: [say('Your number')], variable: 'word', minDigits: 2, maxDigits: 4 },
      { collected: 'decide', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    decide: node('branch', { branches: [{ when: 'word == "12"', outcome: 'yes' }] }, { yes: 'tell', otherwise: 'bye' }),
    share: node(
      'split',
      {
        shares: [
          { percent: 50, outcome: 'a' },
          { percent: 50, outcome: 'b' },
        ],
      },
      { a: 'tell', b: 'note' },
    ),
    tell: node('play', { prompts: [say('You said ${word}')] }, { next: 'bye' }),
    note: node('set', { assignments: [{ variable: 'count', value: 'count + 1' }] }, { next: 'bye' }),
    bye: node('hang-up', {}, {}),
  },
});

// biome-ignore lint/suspicious/noExplicitAny: what is planted breaks the form on purpose
type Draft = any;
const nodeOf = (draft: Draft, id: string) => draft.nodes.find((one: { id: string }) => one.id === id);
const edgeOf = (draft: Draft, from: string) => draft.edges.find((one: { from: string }) => one.from === from);
const play = (id: string, number: number, prompts: readonly object[] = [say('Again')]) => ({
  id,
  number,
  kind: 'play',
  version: 1,
  label: '',
  config: { prompts },
});

/** What is planted → the diagnostic that must tell it. */
const FAULTS: readonly (readonly [string, DiagnosticCode, (draft: Draft) => unknown])[] = [
  ['an outcome leads nowhere', 'FLW_UNWIRED', (d) => d.edges.splice(d.edges.indexOf(edgeOf(d, 'tell')), 1)],
  ['an edge leads to no node', 'FLW_UNKNOWN_NODE', (d) => (edgeOf(d, 'tell').to = 'nowhere')],
  ['an edge of no outcome', 'FLW_UNKNOWN_OUTCOME', (d) => d.edges.push({ from: 'tell', outcome: 'other', to: 'bye' })],
  [
    'two edges of one outcome',
    'FLW_DUPLICATE_EDGE',
    (d) => d.edges.push({ from: 'tell', outcome: 'next', to: 'note' }),
  ],
  ['two nodes of one id', 'FLW_DUPLICATE_NODE', (d) => d.nodes.push(play('tell', 99))],
  ['two nodes of one number', 'FLW_DUPLICATE_NUMBER', (d) => (nodeOf(d, 'note').number = nodeOf(d, 'tell').number)],
  ['an unknown kind', 'FLW_UNKNOWN_KIND', (d) => (nodeOf(d, 'tell').kind = 'teleport')],
  ['a node of a newer version', 'FLW_NEWER_NODE', (d) => (nodeOf(d, 'tell').version = 99)],
  ['settings that do not fit', 'FLW_BAD_CONFIG', (d) => (nodeOf(d, 'tell').config = { prompts: 7 })],
  ['an entry that is not there', 'FLW_NO_ENTRY', (d) => (d.entry = 'begin')],
  ['an entry of another number', 'FLW_ENTRY_NUMBER', (d) => (nodeOf(d, 'start').number = 77)],
  [
    'a node that nothing leads to',
    'FLW_UNREACHABLE',
    (d) => [d.nodes.push(play('lost', 99)), d.edges.push({ from: 'lost', outcome: 'next', to: 'bye' })],
  ],
  [
    'a circle without a choice',
    'FLW_LOOP',
    (d) => {
      d.nodes.push(play('round', 99));
      d.edges.push({ from: 'round', outcome: 'next', to: 'tell' });
      edgeOf(d, 'tell').to = 'round';
    },
  ],
  [
    'an unreadable expression',
    'FLW_EXPRESSION_SYNTAX',
    (d) => (nodeOf(d, 'decide').config.branches[0].when = 'word =='),
  ],
  ['an unknown name', 'FLW_UNKNOWN_NAME', (d) => (nodeOf(d, 'decide').config.branches[0].when = 'wrod == "12"')],
  [
    'a condition that is no condition',
    'FLW_WRONG_TYPE',
    (d) => (nodeOf(d, 'decide').config.branches[0].when = '1 + 1'),
  ],
  ['an open template', 'FLW_TEMPLATE', (d) => (nodeOf(d, 'tell').config.prompts = [say('You said ${word')])],
  ['an unknown variable', 'FLW_UNKNOWN_VARIABLE', (d) => (nodeOf(d, 'note').config.assignments[0].variable = 'total')],
  ['a key used twice', 'FLW_DUPLICATE_KEY', (d) => (nodeOf(d, 'menu').config.choices[1].key = '1')],
  ['shares that are not 100 %', 'FLW_SHARES', (d) => (nodeOf(d, 'share').config.shares[0].percent = 40)],
  ['a lower limit above the upper', 'FLW_RANGE', (d) => (nodeOf(d, 'enter').config.minDigits = 9)],
  ['a variable declared twice', 'FLW_DUPLICATE_VARIABLE', (d) => d.variables.push({ ...d.variables[0] })],
  ['an initial value of another type', 'FLW_INITIAL_VALUE', (d) => (d.variables[0].initial = 'none')],
];

test('a sound flow has nothing to complain about', () => {
  expect(lint(sound, NO_CATALOGUE)).toEqual([]);
});

test.each(FAULTS)('finds %s', (_, code, plant) => {
  const draft: FlowDocument = structuredClone(sound);
  plant(draft);
  expect(lint(draft, NO_CATALOGUE).map((found) => found.code)).toContain(code);
});
