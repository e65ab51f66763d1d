import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildPages, consoleSources, partnerPageSources } from './console-build.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callwright-console-'));
  write('designer/src/main.tsx', 'a');
  write('pnpm-lock.yaml', 'lock');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

it('knows changed, added and moved sources, and nothing else', () => {
  const first = consoleSources(root);
  write('designer/dist/index.html', 'built');
  write('designer/node_modules/x/index.js', 'x');
  write('designer/src/main.test.tsx', 'test');
  expect(consoleSources(root)).toBe(first);
  write('designer/src/main.tsx', 'b');
  const changed = consoleSources(root);
  expect(changed).not.toBe(first);
  write('api/contract/src/route.ts', 'c');
  expect(consoleSources(root)).not.toBe(changed);
});

it('builds nothing that is there already, and says why it cannot', async () => {
  const said: string[] = [];
  await buildPages(root, (text) => said.push(text));
  expect(said).toEqual([
    expect.stringMatching(/^the console .* everything else runs/),
    expect.stringMatching(/^the partner pages .* everything else runs/),
  ]);
  write('designer/dist/.built-from', consoleSources(root));
  write('api/partners/dist/.built-from', partnerPageSources(root));
  await buildPages(root, (text) => said.push(text));
  expect(said).toHaveLength(2);
});
