import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flow, node, say } from '../author.ts';
import type { FlowDocument, FlowNode } from '../document.ts';
import { buildRevision, type FlowCatalogue, NO_CATALOGUE } from '../publish.ts';
import { DIAGNOSTICS, type DiagnosticCode } from './codes.ts';
import { components } from './components.ts';
import { lint } from './lint.ts';

type Wire = readonly [from: string, outcome: string, to: string];

function nodeOf(id: string, number: number, kind: string, config: object): FlowNode {
  return { id, number, kind, version: 1, label: '', config: config as FlowNode['config'] };
}

/** A document from rows of [id, kind, config] and wires. */
function build(
  rows: readonly (readonly [string, string, object])[],
  wires: readonly Wire[],
  more: Partial<FlowDocument> = {},
): FlowDocument {
  return {
    format: 1,
    name: 'sample',
    title: '',
    language: 'en',
    entry: rows[0]![0],
    variables: [],
    nodes: rows.map(([id, kind, config], number) => nodeOf(id, number, kind, config)),
    edges: wires.map(([from, outcome, to]) => ({ from, outcome, to })),
    ...more,
  };
}

const text = (words: string) => ({ prompts: [{ parts: [{ type: 'text', text: words }] }] });
const menu = { ...text('Press.'), choices: [{ key: '1', outcome: 'one' }] };
const number = { name: 'turns', type: 'number', initial: 0, pii: false } as const;
const codes = (document: unknown, catalogue: FlowCatalogue = NO_CATALOGUE) =>
  lint(document, catalogue).map(({ code, node: at }) => (at ? `${code} ${at}` : code));

test('a sound flow has nothing to complain about', () => {
  expect(
    codes(
      build(
        [
          ['start', 'start', {}],
          ['end', 'hang-up', {}],
        ],
        [['start', 'next', 'end']],
      ),
    ),
  ).toEqual([]);
});

test('what is no document gives every place that breaks the schema', () => {
  expect(new Set(codes({ format: 2, name: 'Bad Name!', nodes: [] }))).toEqual(new Set(['FLW_BAD_DOCUMENT']));
  expect(lint({ format: 2, name: 'Bad Name!' }, NO_CATALOGUE).length).toBeGreaterThan(4);
  for (const junk of [null, 7, 'x', [], { nodes: {} }]) expect(codes(junk)).toContain('FLW_BAD_DOCUMENT');
});

test('tells everything at once', () => {
  const document = build(
    [
      ['start', 'start', { surprise: 1 }],
      ['warp', 'teleport', {}],
      ['say', 'play', text('${nobody} and ${1 +} and ${"open"')],
      [
        'split',
        'split',
        {
          shares: [
            { percent: 10, outcome: 'a' },
            { percent: 10, outcome: 'a' },
          ],
        },
      ],
    ],
    [
      ['start', 'next', 'say'],
      ['say', 'next', 'gone'],
      ['say', 'later', 'start'],
      ['ghost', 'next', 'say'],
    ],
    { variables: [{ name: 'caller', type: 'number', initial: 'x', pii: false }] },
  );
  const found = codes(document);
  expect(found).toEqual(
    expect.arrayContaining([
      'FLW_BAD_CONFIG start',
      'FLW_UNKNOWN_KIND warp',
      'FLW_TEMPLATE say',
      'FLW_UNKNOWN_OUTCOME say',
      'FLW_UNKNOWN_NODE say',
      'FLW_UNKNOWN_NODE',
      'FLW_DUPLICATE_OUTCOME split',
      'FLW_SHARES split',
      'FLW_RESERVED_NAME',
      'FLW_INITIAL_VALUE',
      'FLW_UNREACHABLE split',
    ]),
  );
});

test('every diagnostic speaks both languages and says where it is', () => {
  for (const [code, entry] of Object.entries(DIAGNOSTICS)) {
    expect(entry.message.en.length * entry.message.fr.length, code).toBeGreaterThan(0);
    expect(entry.message.en.includes('{detail}'), code).toBe(entry.message.fr.includes('{detail}'));
  }
  const [first] = lint(build([['start', 'start', {}]], []), NO_CATALOGUE);
  expect(first).toEqual({
    code: 'FLW_UNWIRED',
    severity: 'error',
    path: ['nodes', 0],
    node: 'start',
    message: { en: 'The outcome next leads nowhere', fr: 'L’issue next ne mène nulle part' },
    fix: { action: 'wire', node: 'start', outcome: 'next' },
  });
});

describe('names and wires', () => {
  test.each<[DiagnosticCode, Partial<FlowDocument>]>([
    ['FLW_NO_ENTRY', { entry: 'nobody' }],
    ['FLW_ENTRY_NUMBER', { entry: 'end' }],
    ['FLW_DUPLICATE_NODE', { nodes: [nodeOf('start', 0, 'start', {}), nodeOf('start', 1, 'hang-up', {})] }],
    ['FLW_DUPLICATE_NUMBER', { nodes: [nodeOf('start', 0, 'start', {}), nodeOf('end', 0, 'hang-up', {})] }],
    ['FLW_DUPLICATE_VARIABLE', { variables: [number, number] }],
    [
      'FLW_NEWER_NODE',
      { nodes: [{ ...nodeOf('start', 0, 'start', {}), version: 99 }, nodeOf('end', 1, 'hang-up', {})] },
    ],
    [
      'FLW_DUPLICATE_EDGE',
      {
        edges: [
          { from: 'start', outcome: 'next', to: 'end' },
          { from: 'start', outcome: 'next', to: 'end' },
        ],
      },
    ],
  ])('%s', (code, more) => {
    const document = build(
      [
        ['start', 'start', {}],
        ['end', 'hang-up', {}],
      ],
      [['start', 'next', 'end']],
      more,
    );
    expect(lint(document, NO_CATALOGUE).map((each) => each.code)).toContain(code);
  });
});

describe('circles', () => {
  const end = ['end', 'hang-up', {}] as const;

  test('without a choice, a counter or a command are refused', () => {
    expect(
      codes(
        build(
          [
            ['a', 'play', text('a')],
            ['b', 'play', text('b')],
          ],
          [
            ['a', 'next', 'b'],
            ['b', 'next', 'a'],
          ],
        ),
      ),
    ).toEqual(['FLW_DEAD_END a', 'FLW_DEAD_END b', expect.stringMatching(/^FLW_LOOP/)]);
  });

  test('of a silent caller are refused, of a choosing one not', () => {
    const wires = (silent: string): Wire[] => [
      ['m', 'one', 'm'],
      ['m', 'no-match', 'm'],
      ['m', 'no-input', silent],
    ];
    expect(codes(build([['m', 'menu', menu], end], wires('end')))).toEqual([]);
    expect(codes(build([['m', 'menu', menu], end], wires('m')))).toEqual([
      'FLW_UNREACHABLE end',
      'FLW_DEAD_END m',
      'FLW_LOOP m',
    ]);
  });

  const counted = (condition: string) =>
    build(
      [
        ['m', 'menu', menu],
        ['count', 'set', { assignments: [{ variable: 'turns', value: 'turns + 1' }] }],
        ['enough', 'branch', { branches: [{ when: condition, outcome: 'yes' }] }],
        end,
      ],
      [
        ['m', 'one', 'end'],
        ['m', 'no-match', 'end'],
        ['m', 'no-input', 'count'],
        ['count', 'next', 'enough'],
        ['enough', 'yes', 'end'],
        ['enough', 'otherwise', 'm'],
      ],
      { variables: [number, { ...number, name: 'other' }] },
    );

  test('that count and leave by the count are fine', () => {
    expect(codes(counted('turns > 3'))).toEqual([]);
  });

  test('that test another variable are not', () => {
    expect(codes(counted('other > 3'))).toEqual([expect.stringMatching(/^FLW_LOOP/)]);
  });

  test('that count on one way only, or count anew, are not', () => {
    const document = counted('turns > 3');
    const edges = document.edges.map((edge) => (edge.outcome === 'otherwise' ? { ...edge, to: 'enough' } : edge));
    expect(codes({ ...document, edges })).toEqual([expect.stringMatching(/^FLW_LOOP/)]);
    const reset = {
      assignments: [
        { variable: 'turns', value: 'turns + 1' },
        { variable: 'turns', value: '0' },
      ],
    };
    const nodes = document.nodes.map((each) => (each.id === 'count' ? { ...each, config: reset } : each));
    expect(codes({ ...document, nodes })).toEqual([expect.stringMatching(/^FLW_LOOP/)]);
  });

  test('that ring again and again are told as such', () => {
    const wires: Wire[] = ['completed', 'busy', 'no-answer', 'rejected', 'unavailable', 'failed'].map((outcome) => [
      'd',
      outcome,
      outcome === 'busy' ? 'd' : 'end',
    ]);
    expect(codes(build([['d', 'dial', { to: { type: 'number', number: '5' } }], end], wires))).toEqual([
      'FLW_DIAL_LOOP d',
    ]);
  });

  test('that wait for a command from outside are fine when it leads on', () => {
    const rows = [['w', 'wait', { forMs: 1000 }], ['p', 'play', text('Please hold.')], end] as const;
    const base: Wire[] = [
      ['w', 'elapsed', 'p'],
      ['p', 'next', 'w'],
    ];
    expect(codes(build(rows, [...base, ['w', 'continue', 'end']]))).toEqual([]);
    expect(codes(build(rows, base))).toContain('FLW_LOOP w');
  });

  test('waiting without a time counts as an end', () => {
    expect(
      codes(
        build(
          [
            ['start', 'start', {}],
            ['w', 'wait', {}],
          ],
          [['start', 'next', 'w']],
        ),
      ),
    ).toEqual([]);
  });
});

describe('references', () => {
  const end = ['end', 'hang-up', {}] as const;
  const one = (kind: string, config: object, outcomes: readonly string[], more: Partial<FlowDocument> = {}) =>
    build(
      [['n', kind, config], end],
      outcomes.map((outcome) => ['n', outcome, 'end'] as const),
      more,
    );

  test.each<[string, object, readonly string[], readonly string[]]>([
    ['set', { assignments: [{ variable: 'nope', value: '1' }] }, ['next'], ['FLW_UNKNOWN_VARIABLE n']],
    ['branch', { branches: [{ when: 'caller.number', outcome: 'a' }] }, ['a', 'otherwise'], []],
    ['branch', { branches: [{ when: 'language', outcome: 'a' }] }, ['a', 'otherwise'], []],
    ['branch', { branches: [{ when: '1 + 1', outcome: 'a' }] }, ['a', 'otherwise'], ['FLW_WRONG_TYPE n']],
    [
      'branch',
      { branches: [{ when: 'x.matches("a")', outcome: 'a' }] },
      ['a', 'otherwise'],
      ['FLW_FORBIDDEN_FUNCTION n'],
    ],
    ['say', { as: 'time', value: 'now.time', timeZone: 'Mars/Olympus' }, ['next'], ['FLW_UNKNOWN_TIME_ZONE n']],
    [
      'play',
      { prompts: [{ parts: [{ type: 'text', text: { fr: 'Bonjour', it: 'Buongiorno' } }] }] },
      ['next'],
      ['FLW_MISSING_LANGUAGE n'],
    ],
    ['play', { prompts: [{ parts: [{ type: 'text', text: { fr: 'Pour le français' } }] }] }, ['next'], []],
    ['play', { prompts: [] }, ['next'], ['FLW_BAD_CONFIG n']],
    [
      'request',
      { url: 'https://x.example/', save: [{ variable: 'v', value: 'response.body' }] },
      ['ok', 'http-error', 'timeout', 'failed'],
      ['FLW_UNKNOWN_VARIABLE n'],
    ],
  ])('%s %j', (kind, config, outcomes, expected) => {
    expect(codes(one(kind, config, outcomes))).toEqual(expected);
  });

  test('expressions see the variables that are declared', () => {
    const config = { branches: [{ when: 'turns > 1', outcome: 'a' }] };
    expect(codes(one('branch', config, ['a', 'otherwise']))).toEqual(['FLW_UNKNOWN_NAME n']);
    expect(codes(one('branch', config, ['a', 'otherwise'], { variables: [number] }))).toEqual([]);
  });

  const called = flow('called', {
    language: 'en',
    variables: { given: { type: 'string', initial: '' } },
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
  const catalogue: FlowCatalogue = {
    flow: (name) => (name === 'called' ? buildRevision(called, NO_CATALOGUE).closure : null),
    audio: (name) => (name === 'welcome' ? 'hash' : null),
    entity: (type, id) => (type === 'ring-group' ? id === 'sales' : undefined),
  };

  test('audio, flows and groups that do not exist', () => {
    const audio = (name: string) => one('play', { prompts: [{ parts: [{ type: 'audio', name }] }] }, ['next']);
    expect(codes(audio('welcome'), catalogue)).toEqual([]);
    expect(codes(audio('gone'), catalogue)).toEqual(['FLW_NO_AUDIO n']);
    expect(codes(audio('gone'))).toEqual([]);
    expect(codes(one('sub-flow', { flow: 'gone' }, ['done']), catalogue)).toEqual(['FLW_NO_FLOW n']);
    const reach = ['completed', 'busy', 'no-answer', 'rejected', 'unavailable', 'failed'];
    const group = lint(one('ring-group', { group: 'nobody' }, reach), catalogue);
    expect(group).toMatchObject([{ code: 'FLW_NO_ENTITY', severity: 'warning' }]);
    expect(codes(one('ring-group', { group: 'sales' }, reach), catalogue)).toEqual([]);
  });

  test('a called flow must fit', () => {
    const fits = { flow: 'called', outcomes: ['good', 'bad'], inputs: [{ variable: 'given', value: '"x"' }] };
    expect(codes(one('sub-flow', fits, ['good', 'bad']), catalogue)).toEqual([]);
    const unfit = { flow: 'called', outcomes: ['good'], inputs: [{ variable: 'stranger', value: '"x"' }] };
    expect(codes(one('sub-flow', unfit, ['good']), catalogue)).toEqual(['FLW_FLOW_OUTCOME n', 'FLW_FLOW_VARIABLE n']);
  });

  test('recursion, direct and through another flow', () => {
    expect(codes(one('sub-flow', { flow: 'sample' }, ['done']))).toEqual(['FLW_RECURSION n']);
    const back = build(
      [
        ['n', 'sub-flow', { flow: 'sample' }],
        ['end', 'return', {}],
      ],
      [['n', 'done', 'end']],
      { name: 'back' },
    );
    const sample = build([['end', 'return', {}]], []);
    const closure = buildRevision(back, {
      flow: () => buildRevision(sample, NO_CATALOGUE).closure,
      audio: () => null,
    }).closure;
    const through = { flow: () => closure, audio: () => null };
    expect(codes(one('sub-flow', { flow: 'back' }, ['done']), through)).toEqual(['FLW_RECURSION n']);
  });

  test('a circle through a called flow that asks the caller is fine', () => {
    const document = build(
      [['n', 'sub-flow', { flow: 'called', outcomes: ['good', 'bad'] }], end],
      [
        ['n', 'good', 'end'],
        ['n', 'bad', 'n'],
      ],
    );
    expect(codes(document, catalogue)).toEqual([]);
  });
});

test('components agree with reachability', () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((size) => {
    const id = fc.integer({ min: 0, max: size - 1 }).map(String);
    return fc.tuple(
      fc.constant(Array.from({ length: size }, (_, index) => String(index))),
      fc.array(fc.record({ from: id, to: id }), { maxLength: 30 }),
    );
  });
  fc.assert(
    fc.property(graph, ([ids, edges]) => {
      const reach = (from: string): Set<string> => {
        const seen = new Set([from]);
        for (const each of seen) for (const edge of edges) if (edge.from === each) seen.add(edge.to);
        return seen;
      };
      const groups = components(ids, edges);
      expect(groups.flat().sort()).toEqual([...ids].sort());
      for (const a of ids) {
        for (const b of ids) {
          const together = groups.some((group) => group.includes(a) && group.includes(b));
          expect(together).toBe(reach(a).has(b) && reach(b).has(a));
        }
      }
    }),
  );
});

test('lint never throws, whatever is edited', () => {
  const rows = fc.array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.constantFrom('start', 'play', 'menu', 'branch', 'wait', 'sub-flow', 'hang-up', 'constructor', 'toString'),
      fc.oneof(fc.constant(menu), fc.constant({}), fc.dictionary(fc.string(), fc.jsonValue())),
    ),
    { minLength: 1, maxLength: 6 },
  );
  const wires = fc.array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'x'),
      fc.constantFrom('next', 'one', 'no-input'),
      fc.constantFrom('a', 'c', 'y'),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(rows, wires, (given, edges) => {
      for (const { code } of lint(build(given as never, edges), NO_CATALOGUE)) expect(DIAGNOSTICS).toHaveProperty(code);
    }),
    { numRuns: 300 },
  );
});
