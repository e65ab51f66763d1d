/** Every environment variable that the product reads is documented, and nothing else is (style: documented both ways). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Read by tests and their tools only. */
const OF_TESTS = /^CALLWRIGHT_(TEST|CHAOS|MODEL)_/;

function* sources(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|mjs)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

/** Whole names only: `CALLWRIGHT_TEST_*` in a comment is a family, not a variable. */
const names = (text: string): string[] => text.match(/CALLWRIGHT_[A-Z]+(?:_[A-Z]+)*(?![A-Z_*])/g) ?? [];

describe('configuration', () => {
  it('is documented in docs/guides/configuration.md, every variable and no other', () => {
    const used = new Set(
      ['workers', 'api'].flatMap((folder) =>
        [...sources(join(ROOT, folder))].flatMap((path) => names(readFileSync(path, 'utf8'))),
      ),
    );
    const documented = new Set(names(readFileSync(join(ROOT, 'docs/guides/configuration.md'), 'utf8')));
    const own = [...used].filter((name) => !OF_TESTS.test(name));
    expect(own.toSorted()).toEqual([...documented].toSorted());
    expect(own.length).toBeGreaterThan(20);
  });
});
