import { expect, test } from 'vitest';
import { compileDocument } from './compile.ts';
import type { FlowDocument } from './document.ts';
import { responderTree } from './responder.ts';

const step = (id: string, number: number, config: Record<string, unknown> = {}) =>
  ({ id, number, kind: 'responder', version: 1, label: id, config }) as FlowDocument['nodes'][number];
const keyed = (...outcomes: string[]) => ({
  choices: outcomes.map((outcome, index) => ({ key: String(index + 1), outcome })),
});
const edge = (from: string, outcome: string, to: string) => ({ from, outcome, to });
const TREE: FlowDocument = {
  format: 1,
  name: 'support',
  title: 'Support',
  language: 'en',
  entry: 'root',
  variables: [],
  nodes: [
    step('root', 0, {
      ...keyed('sales', 'help'),
      input: 'length',
      prompts: [{ parts: [{ type: 'audio', name: 'hello' }] }],
    }),
    step('sales', 1, { backKey: '*', ...keyed('more') }),
    step('help', 2, { action: 'call', target: { type: 'user', id: '101' } }),
    step('more', 3),
  ],
  edges: [
    edge('root', 'sales', 'sales'),
    edge('root', 'help', 'help'),
    edge('sales', 'back', 'root'),
    edge('sales', 'more', 'more'),
  ],
};

test('a flow of keys is told as a tree', () => {
  const tree = responderTree(TREE);
  expect(tree?.map(({ number, parent, key }) => [number, parent, key])).toEqual([
    [0, null, null],
    [1, 0, '1'],
    [3, 1, '1'],
    [2, 0, '2'],
  ]);
  expect(tree?.[0]).toMatchObject({ message: 'hello', audio: true, input: 'length', label: 'root' });
});

test('a flow may begin before its tree', () => {
  const start = { id: 'start', number: 9, kind: 'start', version: 1, label: '', config: {} };
  const begun = {
    ...TREE,
    entry: 'start',
    nodes: [start, ...TREE.nodes],
    edges: [edge('start', 'next', 'root'), ...TREE.edges],
  };
  expect(responderTree(begun)).toHaveLength(4);
  // drawn in an editor: the start was there first
  const first = (n: number) => (n === 0 ? 4 : n);
  const drawn = {
    ...begun,
    nodes: begun.nodes.map((node) => ({ ...node, number: node.id === 'start' ? 0 : first(node.number) })),
  };
  expect(responderTree(drawn)?.map(({ number, parent }) => [number, parent])).toEqual([
    [0, null],
    [1, 0],
    [3, 1],
    [2, 0],
  ]);
});

test('scripts are told the numbers of the tree', () => {
  const nodes = (...numbers: [string, number][]) =>
    numbers.map(([id, number]) => ({ ...step(id, number), kind: id === 'start' ? 'start' : 'responder' }));
  const told = (entry: string, ...numbers: [string, number][]) => {
    const document = { ...TREE, entry, nodes: nodes(...numbers), edges: [edge('start', 'next', 'root')] };
    const { nodes: compiled } = compileDocument('r', { document, subflows: {}, audio: {} });
    return Object.values(compiled).map((node) => node.told);
  };
  expect(told('start', ['start', 0], ['root', 1], ['leaf', 2])).toEqual([1, 0, 2]);
  expect(told('start', ['start', 5], ['root', 3], ['leaf', 0])).toEqual([5, 0, 3]);
  expect(told('root', ['root', 0], ['leaf', 1])).toEqual([0, 1]);
});

test.each([
  ['another kind of node', { nodes: [...TREE.nodes, { ...step('x', 7), kind: 'hang-up' }] }],
  ['two ways to a node', { edges: [...TREE.edges, edge('more', 'failed', 'help')] }],
  ['a node that nothing leads to', { nodes: [...TREE.nodes, step('lonely', 7)] }],
  [
    'a way back past the parent',
    { edges: [...TREE.edges.filter(({ outcome }) => outcome !== 'back'), edge('sales', 'back', 'help')] },
  ],
  ['a way on that is no key', { edges: [...TREE.edges, edge('help', 'failed', 'more')] }],
])('%s makes it none', (_what, part) => {
  expect(responderTree({ ...TREE, ...part })).toBe(null);
});
