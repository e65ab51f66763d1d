/** What the compiler tells an author before anything runs: nothing of printed flows, and each mistake at its place. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { printFlow } from '@callwright/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from './index.ts';

const TSC = resolve(import.meta.dirname, '../node_modules/.bin/tsc');
const BIOME = resolve(import.meta.dirname, '../node_modules/.bin/biome');
let dir: string;

beforeAll(() => {
  // below this folder, so that the engine is found
  dir = mkdtempSync(join(import.meta.dirname, 'node_modules', '.types-'));
  writeFileSync(
    join(dir, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.base.json', include: ['*.ts'], exclude: [] }),
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const source = (nodes: string, options = '') =>
  `import { flow, node, say } from '@callwright/engine';
export default flow('sample', { language: 'en', ${options}
nodes: {
start: node('start', {}, { next: 'menu' }),
${nodes}
end: node('hang-up', {}),
} });
void say;
`;
const MENU = `{ prompts: [say('Press.')], choices: [{ key: '1', outcome: 'sales' }, { key: '2', outcome: 'support' }] }`;

/** File name → its node, and what the compiler must say; null: nothing. */
const SAMPLES: Readonly<Record<string, { readonly text: string; readonly says: RegExp | null }>> = {
  whole: {
    text: source(
      `menu: node('menu', ${MENU}, { sales: 'end', support: 'end', 'no-input': 'end', 'no-match': 'end' }),`,
    ),
    says: null,
  },
  labelled: {
    text: source(
      `menu: node('play', { prompts: [say('Hi.')] }, { next: 'bye' }, { label: 'Hi', number: 4 }), bye: node('hang-up', {}, {}, { label: 'Bye' }),`,
      "entry: 'start',",
    ),
    says: null,
  },
  choice: {
    text: source(`menu: node('menu', ${MENU}, { sales: 'end', 'no-input': 'end', 'no-match': 'end' }),`),
    says: /support/,
  },
  fixed: {
    text: source(`menu: node('dial', { to: { type: 'user', id: '101' } }, { completed: 'end' }),`),
    says: /no-answer|busy|rejected|unavailable|failed/,
  },
  nothing: { text: source(`menu: node('play', { prompts: [say('Hi.')] }, {}),`), says: /next/ },
  extra: {
    text: source(`menu: node('play', { prompts: [say('Hi.')] }, { next: 'end', later: 'end' }),`),
    says: /never/,
  },
  nowhere: { text: source(`menu: node('play', { prompts: [say('Hi.')] }, { next: 'nowhere' }),`), says: /nowhere/ },
  ended: { text: source(`menu: node('hang-up', {}, { next: 'end' }),`), says: /never/ },
  entry: { text: source(`menu: node('hang-up', {}),`, "entry: 'nobody',"), says: /nobody/ },
  kind: { text: source(`menu: node('teleport', {}, { next: 'end' }),`), says: /teleport/ },
};

test('printed flows compile and are formatted; each mistake is told at its place', () => {
  for (const [name, document] of Object.entries(catalogue)) {
    const text = printFlow(document);
    writeFileSync(join(dir, `printed-${name}.ts`), text);
    const formatted = spawnSync(BIOME, ['format', `--stdin-file-path=${join(import.meta.dirname, `${name}.ts`)}`], {
      input: text,
      encoding: 'utf8',
      cwd: resolve(import.meta.dirname, '..'),
    });
    expect(formatted.stdout).toBe(text);
  }
  for (const [name, { text }] of Object.entries(SAMPLES)) writeFileSync(join(dir, `sample-${name}.ts`), text);
  const { stdout } = spawnSync(TSC, ['-p', dir, '--noEmit', '--pretty', 'false'], { encoding: 'utf8' });
  // only what is said of these files; continuation lines belong to the one above
  const said = stdout.split(/\n(?=\S)/).filter((entry) => /(?:sample|printed)-[\w-]+\.ts\(/.test(entry));
  const of = (file: string) => said.filter((entry) => entry.includes(`${file}.ts(`));
  for (const name of Object.keys(catalogue)) expect(of(`printed-${name}`)).toEqual([]);
  for (const [name, { says }] of Object.entries(SAMPLES)) {
    const entries = of(`sample-${name}`);
    if (says === null) expect(entries).toEqual([]);
    else expect(entries.join('\n'), name).toMatch(says);
  }
}, 120_000);
