import { flow, lint, NO_CATALOGUE, node, say } from '@callwright/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchFlow } from '../dialogs/search.ts';
import { applyFix } from '../problems/fixes.ts';
import { copyText, paste } from './clipboard.ts';
import { type Draft, nodeOf, outcomesOf } from './draft.ts';
import {
  addNode,
  changeNote,
  connect,
  groupNodes,
  newNode,
  removeNodes,
  setConfig,
  setHead,
  setLabel,
} from './edit.ts';
import { extract } from './extract.ts';
import { neighbour, reachable } from './graph.ts';
import { record, redo, startHistory, undo } from './history.ts';
import { merge } from './merge.ts';
import { placed, tidyPlaces } from './tidy.ts';

const document = flow('office', {
  language: 'en',
  variables: { customer: { type: 'string', initial: '' } },
  nodes: {
    start: node('start', {}, { next: 'menu' }),
    menu: node(
      'menu',
      {
        prompts: [say('Sales 1, account 2')],
        choices: [
          { key: '1', outcome: 'sales' },
          { key: '2', outcome: 'account' },
        ],
      },
      { sales: 'bye', account: 'ask', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    ask: node(
      'collect',
      { prompts: [say('Your number')], variable: 'customer', maxDigits: 4 },
      { collected: 'tell', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    tell: node('play', { prompts: [say('Thank you, ${customer}')] }, { next: 'bye' }),
    bye: node('hang-up', {}, {}),
  },
});
const office: Draft = placed({ document, layout: { positions: {}, notes: [] } });
const edges = (draft: Draft) => draft.document.edges.map(({ from, outcome, to }) => `${from}.${outcome}>${to}`).sort();
const clean = (draft: Draft) => lint(draft.document, NO_CATALOGUE).filter(({ severity }) => severity === 'error');

test('a node is inserted on an edge, and what the edge led to follows behind it', () => {
  const added = addNode(office, newNode(office, 'play'), { x: 3, y: 5 }, { from: 'start', outcome: 'next' });
  expect(edges(added)).toEqual(expect.arrayContaining(['start.next>play', 'play.next>menu']));
  expect(added.layout.positions.play).toEqual({ x: 0, y: 0 });
  expect(clean(added)).toEqual([]);
  expect(office.document.nodes).toHaveLength(5);
});

test('an outcome renamed in its place keeps its edge; one that is gone takes it along; invalid settings cut nothing', () => {
  const choices = (...names: string[]) => ({
    ...nodeOf(office, 'menu')!.config,
    choices: names.map((outcome, index) => ({ key: String(index + 1), outcome, label: '' })),
  });
  expect(edges(setConfig(office, 'menu', choices('shop', 'account')))).toContain('menu.shop>bye');
  expect(edges(setConfig(office, 'menu', choices('sales')))).not.toContain('menu.account>ask');
  // swapping two names is no renaming
  expect(edges(setConfig(office, 'menu', choices('account', 'sales')))).toContain('menu.account>ask');
  expect(edges(setConfig(office, 'menu', { choices: [] }))).toEqual(edges(office));
});

test('the entry is never removed; edges and group members go with their nodes', () => {
  const grouped = groupNodes(office, ['ask', 'tell'], 'Account');
  const left = removeNodes(grouped, ['start', 'ask']);
  expect(left.document.nodes.map(({ id }) => id)).toEqual(['start', 'menu', 'tell', 'bye']);
  expect(edges(left).some((edge) => edge.includes('ask'))).toBe(false);
  expect(left.layout.groups).toEqual([expect.objectContaining({ nodes: ['tell'] })]);
});

test('what is copied pastes under free ids and numbers, with the edges among it, as one step', () => {
  const text = copyText(office, ['start', 'ask', 'tell']);
  const { draft, ids } = paste(office, text, { x: 100, y: 100 })!;
  expect(ids).toEqual(['ask-2', 'tell-2']);
  expect(edges(draft)).toContain('ask-2.collected>tell-2');
  expect(new Set(draft.document.nodes.map(({ number }) => number)).size).toBe(draft.document.nodes.length);
  expect(undo(record(startHistory(office), draft))!.draft).toBe(office);
});

test.each([
  '',
  'hello',
  '{',
  '{"callwright":"nodes","nodes":[]}',
  '[1]',
  '{"callwright":"nodes","nodes":[{"id":"../x"}]}',
])('text that holds no nodes pastes nothing: %s', (text) => {
  expect(paste(office, text, { x: 0, y: 0 })).toBeNull();
});

test('a whole flow file pastes as its nodes, without its start', () => {
  const { ids } = paste(office, JSON.stringify({ document: office.document }), { x: 0, y: 0 })!;
  expect(ids).toEqual(['menu-2', 'ask-2', 'tell-2', 'bye-2']);
});

test('typing in one field is one step of undo', () => {
  let history = startHistory(office);
  for (const label of ['A', 'Ab', 'Abc'])
    history = record(history, setLabel(history.draft, 'menu', label), 'label menu');
  history = record(history, setLabel(history.draft, 'ask', 'x'), 'label ask');
  const once = undo(history)!;
  expect(nodeOf(once.draft, 'menu')?.label).toBe('Abc');
  expect(undo(once)!.draft).toBe(office);
  expect(redo(undo(once)!)!.draft).toBe(once.draft);
  expect(undo(startHistory(office))).toBeNull();
});

test('two authors: changes at different places are both in, at the same place mine stands and it is told', () => {
  const mine = setLabel(setHead(office, { title: 'Mine' }), 'menu', 'My menu');
  const theirs = setLabel(
    connect(setHead(office, { title: 'Theirs' }), { from: 'tell', outcome: 'next' }, 'menu'),
    'ask',
    'Their ask',
  );
  const { draft, conflicts } = merge(office, mine, theirs);
  expect(draft.document.title).toBe('Mine');
  expect(nodeOf(draft, 'menu')?.label).toBe('My menu');
  expect(nodeOf(draft, 'ask')?.label).toBe('Their ask');
  expect(edges(draft)).toContain('tell.next>menu');
  expect(conflicts).toEqual(['head title']);
});

test('an edge to a node that the other side removed is dropped; nodes both added get numbers of their own', () => {
  const theirs = addNode(removeNodes(office, ['tell']), { ...newNode(office, 'play'), id: 'theirs' }, { x: 0, y: 0 });
  const mine = addNode(
    connect(office, { from: 'menu', outcome: 'sales' }, 'tell'),
    { ...newNode(office, 'play'), id: 'mine' },
    { x: 0, y: 0 },
  );
  const { draft } = merge(office, mine, theirs);
  expect(edges(draft).some((edge) => edge.endsWith('>tell'))).toBe(false);
  const numbers = draft.document.nodes.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('merging what only one side changed is that side', () => {
  const steps = fc.constantFrom<(draft: Draft) => Draft>(
    (draft) => setLabel(draft, 'menu', 'x'),
    (draft) => removeNodes(draft, ['tell']),
    (draft) => addNode(draft, newNode(draft, 'play'), { x: 0, y: 0 }),
    (draft) => connect(draft, { from: 'ask', outcome: 'collected' }, 'bye'),
    (draft) => setHead(draft, { title: 'y' }),
    (draft) => groupNodes(draft, ['bye'], 'End'),
  );
  const sorted = ({ document: { nodes, edges: wires, ...head }, layout }: Draft) => ({
    ...head,
    nodes: [...nodes].sort((a, b) => a.number - b.number),
    edges: edges({ document: { ...office.document, edges: wires }, layout }),
    groups: layout.groups ?? [],
  });
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 6 }), (changes) => {
      const changed = changes.reduce((draft, change) => change(draft), office);
      for (const { draft, conflicts } of [merge(office, changed, office), merge(office, office, changed)]) {
        expect(conflicts).toEqual([]);
        expect(sorted(draft)).toEqual(sorted(changed));
      }
    }),
  );
});

test('nodes taken out become a flow that is called, with its variables; both are free of errors', () => {
  const result = extract(office, ['ask', 'tell'], 'ask-account');
  if (typeof result === 'string') throw new Error(result);
  expect(result.draft.document.nodes.map(({ id }) => id)).toEqual(['start', 'menu', 'bye', 'ask-account']);
  expect(edges(result.draft)).toEqual(expect.arrayContaining(['menu.account>ask-account', 'ask-account.bye>bye']));
  const caller = nodeOf(result.draft, 'ask-account')!;
  expect(caller.config).toMatchObject({
    flow: 'ask-account',
    outcomes: ['bye'],
    outputs: [{ variable: 'customer', from: 'customer' }],
  });
  expect(result.extracted.document.variables.map(({ name }) => name)).toEqual(['customer']);
  expect(clean(result.extracted)).toEqual([]);
  expect(clean(result.draft)).toEqual([]);
});

test.each([
  [[], 'nothing'],
  [['start', 'menu'], 'start'],
  [['menu', 'bye', 'tell'], 'entries'],
])('extracting %j is refused: %s', (ids, why) => {
  expect(extract(office, ids, 'part')).toBe(why);
});

test('the layout puts every node somewhere, nothing on top of another, and follows the wires to the right', () => {
  const places = tidyPlaces(office);
  expect(Object.keys(places)).toHaveLength(5);
  expect(new Set(Object.values(places).map(({ x, y }) => `${x},${y}`)).size).toBe(5);
  expect(places.start!.x).toBeLessThan(places.menu!.x);
  expect(places.menu!.x).toBeLessThan(places.ask!.x);
});

test('going by keys: neighbours, what leads here, what follows', () => {
  expect(neighbour(office, 'start', 'right')).toBe('menu');
  expect(neighbour(office, 'start', 'left')).toBeNull();
  expect(reachable(office, ['tell'], 'up').sort()).toEqual(['ask', 'menu', 'start', 'tell']);
  expect(reachable(office, ['tell'], 'down').sort()).toEqual(['bye', 'tell']);
});

test('search finds texts of settings, whatever their accents and case', () => {
  const nameOf = () => '';
  expect(searchFlow(office.document, 'THANK', nameOf)).toEqual([expect.objectContaining({ node: 'tell' })]);
  expect(searchFlow(office.document, '  ', nameOf)).toEqual([]);
  expect(searchFlow(setLabel(office, 'ask', 'Numéro client').document, 'numero', nameOf)[0]).toMatchObject({
    node: 'ask',
    place: '',
  });
});

test('fixes: an edge of no outcome goes, an undeclared variable is declared', () => {
  const odd = connect(office, { from: 'menu', outcome: 'gone' }, 'bye');
  const found = lint(odd.document, NO_CATALOGUE).find(({ code }) => code === 'FLW_UNKNOWN_OUTCOME');
  expect(edges(applyFix(odd, found!.fix!)!)).toEqual(edges(office));
  const undeclared = setHead(office, { variables: [] });
  const missing = lint(undeclared.document, NO_CATALOGUE).find(({ fix }) => fix?.action === 'declare-variable');
  expect(applyFix(undeclared, missing!.fix!)!.document.variables).toEqual([
    expect.objectContaining({ name: 'customer' }),
  ]);
});

test('changing one note leaves the others', () => {
  const two = {
    ...office,
    layout: {
      ...office.layout,
      notes: [
        { x: 0, y: 0, text: 'a' },
        { x: 1, y: 1, text: 'b' },
      ],
    },
  };
  expect(changeNote(two, 1, { text: 'c' }).layout.notes.map(({ text }) => text)).toEqual(['a', 'c']);
});

test('a node with invalid settings shows the outcomes of its edges', () => {
  const broken = setConfig(office, 'menu', { choices: 'none' });
  expect([...outcomesOf(broken, nodeOf(broken, 'menu')!)].sort()).toEqual(['account', 'no-input', 'no-match', 'sales']);
});
