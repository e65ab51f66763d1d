import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowFile, normalizeDocument, printFlow } from '@callwright/engine';
import { catalogue } from '@callwright/flows';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutPath, loadFlow } from './flow-file.ts';
import { fingerprint } from './flow-sync.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'callwright-files-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('the layout stands beside TypeScript, and in JSON itself', async () => {
  const path = join(dir, 'refuse.json');
  const layout = { positions: { start: { x: 1, y: -2.5 } }, notes: [{ x: 0, y: 0, text: '*/' }] };
  writeFileSync(path, JSON.stringify({ document: catalogue.refuse }));
  writeFileSync(layoutPath(path.replace('.json', '.ts')), JSON.stringify(layout));
  expect((await loadFlow(path)).file).not.toHaveProperty('layout');
  expect(layoutPath('/a/b.ts')).toBe('/a/b.layout.json');
});

test('a fingerprint tells meaning and drawing, not writing', () => {
  const document = catalogue['front-desk']!;
  const shuffled = { ...document, nodes: [...document.nodes].reverse(), edges: [...document.edges].reverse() };
  expect(fingerprint({ document: shuffled })).toBe(fingerprint({ document }));
  expect(normalizeDocument(shuffled)).toEqual(normalizeDocument(document));
  expect(fingerprint({ document, layout: { positions: {}, notes: [] } })).not.toBe(fingerprint({ document }));
  expect(FlowFile.parse({ document })).toEqual({ document });
  expect(printFlow(document)).toBe(printFlow(shuffled));
});
