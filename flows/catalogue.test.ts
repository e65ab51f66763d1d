/** The built-in catalogue: sound, fully explored, and the same in both ways of writing. */
import { readFileSync } from 'node:fs';
import { buildRevision, configSchemas, FlowFile, type FlowStart, lint, NO_CATALOGUE, node } from '@callwright/engine';
import { ANNOUNCEMENTS } from '@callwright/engine/admission';
import { DEFAULT_START, explore, walkPath } from '@callwright/engine/testing';
import { describe, expect, test } from 'vitest';
import { catalogue } from './index.ts';
import { generatedFiles } from './scripts/generate.ts';

const calledAs = (id: string): Partial<FlowStart> => ({ called: { ...DEFAULT_START.called, id } });

/** Starts of the flows that depend on how they are led to; the others are started in one way. */
const STARTS: Readonly<Record<string, readonly Partial<FlowStart>[]>> = {
  announcement: ANNOUNCEMENTS.map(calledAs),
  refuse: ['rejected', 'busy', 'unavailable', 'not-found', 'forbidden'].map(calledAs),
  'pick-up': ['102', 'group'].map(calledAs),
  supervise: ['102'].map(calledAs),
  agent: ['all', 'pause'].map(calledAs),
  'direct-outside': [{ variables: { outside: '-/+33123456789' } }],
};

describe.each(Object.entries(catalogue))('%s', (name, document) => {
  const { hash, closure } = buildRevision(document, NO_CATALOGUE);

  test('is named as its place in the catalogue', () => {
    expect(document.name).toBe(name);
  });

  test('has nothing that lint complains about', () => {
    expect(lint(document, NO_CATALOGUE)).toEqual([]);
  });

  test('is explored whole, and every path holds when walked again', () => {
    const runs = (STARTS[name] ?? [{}]).map((start) => ({ result: explore(closure, { start }) }));
    // what no start reaches is missing
    const missing = runs.map(
      ({ result }) => new Set(result.missing.map(({ node: at, outcome }) => `${at}=${outcome}`)),
    );
    expect([...missing[0]!].filter((one) => missing.every((other) => other.has(one)))).toEqual([]);
    for (const { result } of runs) {
      if (runs.length === 1) expect(result.coverage).toBe(1);
      expect(result.faults).toEqual([]);
      for (const path of result.paths) {
        const { node: at, outcome } = path.transition;
        const left = expect.objectContaining({ type: 'node.left', node: at, outcome });
        expect(walkPath(closure, path)).toContainEqual(left);
      }
    }
  });

  test('is the same as JSON', () => {
    const file = generatedFiles().find(({ path }) => path.endsWith(`/${name}/flow.json`))!;
    const content = readFileSync(file.path, 'utf8');
    expect(content).toBe(file.content);
    expect(buildRevision(FlowFile.parse(JSON.parse(content)).document, NO_CATALOGUE).hash).toBe(hash);
  });

  test('speaks every language of the product wherever it speaks two', () => {
    for (const { config } of document.nodes) {
      for (const text of JSON.stringify(config).matchAll(/"text":(\{[^}]*\})/g)) {
        const languages = Object.keys(JSON.parse(text[1]!) as object);
        if (languages.length > 1) expect(languages).toEqual(expect.arrayContaining(['en', 'fr']));
      }
    }
  });
});

test('the JSON Schema of flow files is fresh and names every kind', () => {
  const file = generatedFiles().find(({ path }) => path.endsWith('flow.schema.json'))!;
  expect(readFileSync(file.path, 'utf8')).toBe(file.content);
  for (const kind of Object.keys(configSchemas())) expect(file.content).toContain(`"const": "${kind}"`);
});

test('a wrong flow does not compile', () => {
  const prompts = [{ parts: [{ type: 'text' as const, text: 'x' }] }];
  const choices = [{ key: '1', outcome: 'one' }] as const;
  // @ts-expect-error: the outcome no-match is not wired
  node('menu', { prompts, choices: [...choices] }, { one: 'a', 'no-input': 'a' });
  // @ts-expect-error: two is no outcome
  node('menu', { prompts, choices: [...choices] }, { one: 'a', two: 'a', 'no-input': 'a', 'no-match': 'a' });
  // @ts-expect-error: there is no such kind
  node('teleport', {}, { next: 'a' });
  // @ts-expect-error: a setting of the wrong type
  node('play', { prompts: 'hello' }, { next: 'a' });
  // @ts-expect-error: an end has no outcome
  node('hang-up', {}, { next: 'a' });
  // @ts-expect-error: wires are required
  node('play', { prompts });
  expect(node('wait', { forMs: 1000 }, { elapsed: 'a' }).wires).toEqual({ elapsed: 'a' });
});
