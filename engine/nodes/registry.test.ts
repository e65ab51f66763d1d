/** The registry against the folders, the generated files and the recorded schemas. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles, schemaHashes } from '../scripts/generate.ts';
import { NODES } from './registry.gen.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('generated files are fresh', async () => {
  for (const { path, content } of await generatedFiles())
    expect(readFileSync(path, 'utf8') === content, `${path} is stale`).toBe(true);
});

test.each(folders)('the folder %s holds the kind of its name, with a test and a page', (folder) => {
  expect(NODES[folder]?.kind).toBe(folder);
  for (const suffix of ['node.ts', 'test.ts', 'md'])
    expect(existsSync(join(import.meta.dirname, folder, `${folder}.${suffix}`))).toBe(true);
});

test('a schema that changed has a new version', () => {
  const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'schemas.json'), 'utf8')) as Record<
    string,
    string
  >;
  expect(recorded).toMatchObject(schemaHashes(NODES));
});

test('no kind is inherited from Object', () => {
  expect(NODES.constructor).toBeUndefined();
  expect(NODES.toString).toBeUndefined();
});
