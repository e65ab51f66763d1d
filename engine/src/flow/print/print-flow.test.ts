import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NODES } from '../../../nodes/registry.gen.ts';
import type { EngineError } from '../../errors.ts';
import type { JsonValue } from '../../protocol/index.ts';
import { flow, node, say } from '../author.ts';
import { canonicalJson, normalizeDocument } from '../canonical.ts';
import type { FlowDocument, FlowNode, FlowVariable } from '../document.ts';
import { printFlow } from './print-flow.ts';

/** Executes a printed module as an importer would. */
function read(source: string): FlowDocument {
  const body = source.replace(/^import [^\n]*\n/, '').replace('export default ', 'return ');
  return new Function('flow', 'node', 'say', body)(flow, node, say) as FlowDocument;
}

const text = (document: FlowDocument) => canonicalJson(normalizeDocument(document) as unknown as JsonValue);

/** Text that tries to leave its literal, to hide, or to look like code. */
const hostile = fc.constantFrom(
  `'); process.exit(1); ('`,
  '*/ bad() /*',
  '${caller.number}',
  '`${1}`',
  '\\',
  '"\'"',
  '\u2028\u2029\u202e\u0000\n\r',
  '\ud800',
  '__proto__',
);
const words = fc.oneof(fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }), hostile);
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const slug = fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/);

const settings = (kind: string): fc.Arbitrary<Record<string, JsonValue>> => {
  const definition = NODES[kind];
  const valid = definition ? [definition.example, ...(definition.variants ?? [])] : [{}];
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...(valid as Record<string, JsonValue>[])) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('prompts', 'to', 'x', '1', 'a b'), json, { maxKeys: 3 }) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...(valid as Record<string, JsonValue>[])), words, fc.boolean()).map(
        // valid for the kinds that play, wrong for the others
        ([config, spoken, bargeIn]) => ({ ...config, prompts: [{ parts: [{ type: 'text', text: spoken }], bargeIn }] }),
      ),
    },
  );
};

const nodes: fc.Arbitrary<FlowNode[]> = fc.uniqueArray(
  fc
    .tuple(slug, fc.constantFrom(...Object.keys(NODES), 'teleport'), fc.nat(40), fc.oneof(fc.constant(''), words))
    .chain(([id, kind, number, label]) =>
      settings(kind).map((config) => ({
        id,
        number,
        kind,
        version: (NODES[kind]?.version ?? 3) + (number === 40 ? 1 : 0),
        label,
        config,
      })),
    ),
  { minLength: 1, maxLength: 8, selector: ({ id }) => id },
);

const variables: fc.Arbitrary<FlowVariable[]> = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z][A-Za-z0-9]{0,8}$/),
    type: fc.constantFrom('string', 'number', 'boolean', 'json'),
    initial: json,
    pii: fc.boolean(),
  }),
  { maxLength: 4, selector: ({ name }) => name },
);

const flows: fc.Arbitrary<FlowDocument> = nodes.chain((list) => {
  const target = fc.oneof(fc.constantFrom(...list.map(({ id }) => id)), slug);
  const outcome = fc.oneof(fc.constantFrom('next', 'no-input', 'completed', 'busy', '1'), words);
  const edge = fc.record({ from: fc.constantFrom(...list.map(({ id }) => id)), outcome, to: target });
  return fc.record({
    format: fc.constant(1 as const),
    name: slug,
    title: fc.oneof(fc.constant(''), words),
    language: fc.constantFrom('en', 'fr'),
    entry: target,
    variables,
    nodes: fc.constant(list),
    edges: fc.uniqueArray(edge, { maxLength: 12, selector: (one) => `${one.from}\n${one.outcome}` }),
  });
});

test('canvas to TypeScript to canvas is the identity, on 1,000 random drafts', () => {
  fc.assert(
    fc.property(flows, (document) => {
      expect(text(read(printFlow(document)))).toBe(text(document));
    }),
    { numRuns: 1000 },
  );
});

test('the order of nodes and edges makes no difference to the source', () => {
  fc.assert(
    fc.property(flows, (document) => {
      const numbered = { ...document, nodes: document.nodes.map((one, number) => ({ ...one, number })) };
      const shuffled = {
        ...numbered,
        nodes: [...numbered.nodes].reverse(),
        edges: [...numbered.edges].reverse(),
        variables: [...numbered.variables].reverse(),
      };
      expect(printFlow(shuffled)).toBe(printFlow(numbered));
    }),
    { numRuns: 50 },
  );
});

test('what the schema fills in is not written, and prompts are said', () => {
  const document = flow('hello', {
    language: 'en',
    nodes: {
      start: node('start', {}, { next: 'hello' }),
      hello: node('play', { prompts: [say({ en: 'It’s "us".' }, { bargeIn: false })] }, { next: 'end' }),
      end: node('hang-up', {}, {}, { label: "The 'end'" }),
    },
  });
  expect(printFlow(document)).toBe(`import { flow, node, say } from '@callwright/engine';

export default flow('hello', {
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'hello' }),
    hello: node('play', { prompts: [say({ en: 'It’s "us".' }, { bargeIn: false })] }, { next: 'end' }),
    end: node('hang-up', {}, {}, { label: "The 'end'" }),
  },
});
`);
});

test('numbers and entry that do not follow the order are written', () => {
  const document = flow('gaps', {
    language: 'en',
    entry: 'start',
    nodes: {
      end: node('hang-up', {}, {}, { number: 3 }),
      start: node('start', {}, { next: 'end' }, { number: 7 }),
    },
  });
  const source = printFlow(document);
  expect(source).toContain("entry: 'start'");
  expect(source).toMatch(/number: 3[\s\S]*number: 7/);
  expect(read(source)).toEqual(document);
});

test('what no author can write is refused by code', () => {
  const plain = flow('plain', {
    language: 'en',
    nodes: { start: node('start', {}, { next: 'end' }), end: node('hang-up', {}) },
  });
  const codeOf = (document: FlowDocument): string => {
    try {
      return printFlow(document);
    } catch (error) {
      return (error as EngineError).code;
    }
  };
  const [edge] = plain.edges;
  expect(codeOf({ ...plain, edges: [edge!, { ...edge!, to: 'start' }] })).toBe('FLW_CANNOT_BE_CODE');
  expect(codeOf({ ...plain, edges: [{ ...edge!, from: 'nobody' }] })).toBe('FLW_CANNOT_BE_CODE');
  expect(codeOf({ ...plain, nodes: [...plain.nodes, plain.nodes[0]!] })).toBe('FLW_CANNOT_BE_CODE');
});
