import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../protocol/index.ts';
import { flow, node, say } from './author.ts';
import { canonicalJson, normalizeDocument, revisionHash } from './canonical.ts';
import { diffFlows } from './diff.ts';
import { FlowDocument } from './document.ts';
import { buildRevision, keepNumbers, NO_CATALOGUE } from './publish.ts';

const typed = flow('hello', {
  language: 'en',
  variables: { turns: { type: 'number', initial: 0 }, name: { type: 'string', initial: '' } },
  nodes: {
    start: node('start', {}, { next: 'ask' }),
    ask: node(
      'menu',
      { prompts: [say('1?')], choices: [{ key: '1', outcome: 'yes' }] },
      { yes: 'end', 'no-input': 'end', 'no-match': 'end' },
    ),
    end: node('hang-up', {}),
  },
});

/** The same flow as somebody may write it as JSON: other order, defaults left out. */
const written = FlowDocument.parse({
  format: 1,
  language: 'en',
  name: 'hello',
  entry: 'start',
  edges: [
    { from: 'ask', outcome: 'no-match', to: 'end' },
    { to: 'ask', outcome: 'next', from: 'start' },
    { from: 'ask', outcome: 'no-input', to: 'end' },
    { from: 'ask', outcome: 'yes', to: 'end' },
  ],
  variables: [
    { name: 'name', type: 'string', initial: '' },
    { name: 'turns', type: 'number', initial: 0 },
  ],
  nodes: [
    { id: 'end', number: 2, kind: 'hang-up', version: 1, config: {} },
    { id: 'start', number: 0, kind: 'start', version: 1, config: {} },
    {
      id: 'ask',
      number: 1,
      kind: 'menu',
      version: 1,
      config: { choices: [{ outcome: 'yes', key: '1' }], prompts: [{ parts: [{ text: '1?', type: 'text' }] }] },
    },
  ],
});

const hashOf = (document: FlowDocument) => buildRevision(document, NO_CATALOGUE).hash;

describe('the hash', () => {
  test('is the same for both ways of writing', () => {
    expect(hashOf(written)).toBe(hashOf(typed));
    expect(hashOf(typed)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('changes with the content and with what is pinned', () => {
    expect(hashOf({ ...typed, title: 'Other' })).not.toBe(hashOf(typed));
    const pinned = { document: typed, subflows: {}, audio: {} };
    expect(revisionHash({ ...pinned, audio: { a: 'b' } })).not.toBe(revisionHash(pinned));
  });

  test('is SHA-256 of canonical JSON', async () => {
    const { createHash } = await import('node:crypto');
    const content = { document: typed, subflows: {}, audio: {} } as unknown as JsonValue;
    expect(hashOf(typed)).toBe(createHash('sha256').update(canonicalJson(content)).digest('hex'));
  });
});

test('canonical JSON does not depend on the order of keys, and reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as JsonValue);
      const shuffled = JSON.parse(JSON.stringify(value), (_, member) =>
        member !== null && typeof member === 'object' && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      );
      expect(canonicalJson(shuffled)).toBe(text);
      expect(JSON.stringify(JSON.parse(text)).length).toBe(text.length);
    }),
  );
});

test('normal form is a fixed point and keeps what it does not know', () => {
  expect(normalizeDocument(normalizeDocument(written))).toEqual(normalizeDocument(written));
  const strange = {
    ...written,
    nodes: [...written.nodes, { id: 'x', number: 9, kind: 'teleport', version: 1, label: '', config: { a: 1 } }],
  };
  expect(normalizeDocument(strange).nodes.at(-1)).toEqual(strange.nodes.at(-1));
});

describe('the diff', () => {
  test('of the same flow written in two ways is empty', () => {
    expect(diffFlows(typed, written).same).toBe(true);
  });

  test('speaks of nodes, settings, wires and variables', () => {
    const after: FlowDocument = {
      ...typed,
      nodes: [
        ...typed.nodes
          .filter((each) => each.id !== 'end')
          .map((each) => (each.id === 'ask' ? { ...each, config: { ...each.config, tries: 5 } } : each)),
        { id: 'bye', number: 3, kind: 'hang-up', version: 1, label: '', config: { cause: 'busy' } },
      ],
      edges: typed.edges
        .map((edge) => (edge.to === 'end' ? { ...edge, to: 'bye' } : edge))
        .filter((edge) => edge.outcome !== 'no-match'),
      variables: typed.variables.map((variable) =>
        variable.name === 'turns' ? { ...variable, initial: 1 } : variable,
      ),
    };
    const diff = diffFlows(typed, after);
    expect(diff.same).toBe(false);
    expect(diff.nodes.added.map((each) => each.id)).toEqual(['bye']);
    expect(diff.nodes.removed.map((each) => each.id)).toEqual(['end']);
    expect(diff.nodes.changed).toEqual([{ id: 'ask', fields: [{ path: ['config', 'tries'], before: 3, after: 5 }] }]);
    expect(diff.edges.removed).toMatchObject([{ from: 'ask', outcome: 'no-match' }]);
    expect(diff.edges.rewired).toContainEqual({ from: 'ask', outcome: 'yes', before: 'end', after: 'bye' });
    expect(diff.variables.changed).toEqual([{ name: 'turns', fields: [{ path: ['initial'], before: 0, after: 1 }] }]);
  });
});

describe('publishing', () => {
  test('pins called flows with all they call, and audio', () => {
    const leaf = flow('leaf', {
      language: 'en',
      nodes: {
        say: node('play', { prompts: [{ parts: [{ type: 'audio', name: 'hi' }] }] }, { next: 'end' }),
        end: node('return', {}),
      },
    });
    const leafRevision = buildRevision(leaf, { flow: () => null, audio: (name) => `hash of ${name}` });
    const root = flow('root', {
      language: 'en',
      nodes: { call: node('sub-flow', { flow: 'leaf' }, { done: 'end' }), end: node('hang-up', {}) },
    });
    const { hash, closure } = buildRevision(root, { flow: () => leafRevision.closure, audio: () => null });
    expect(Object.keys(closure.documents).sort()).toEqual([hash, leafRevision.hash].sort());
    expect(closure.documents[hash]?.subflows).toEqual({ leaf: leafRevision.hash });
    expect(closure.documents[leafRevision.hash]?.audio).toEqual({ hi: 'hash of hi' });
  });

  test('keeps the numbers of nodes across revisions, and never gives one twice', () => {
    const second: FlowDocument = {
      ...typed,
      nodes: [...typed.nodes.filter((each) => each.id !== 'ask'), { ...typed.nodes[2]!, id: 'new', number: 1 }],
    };
    const kept = keepNumbers(second, [typed]);
    expect(Object.fromEntries(kept.nodes.map((each) => [each.id, each.number]))).toEqual({ start: 0, end: 2, new: 3 });
  });
});
