/** The three recipes: a scaffolded folder is complete, well-formed and passes its own test at once, in a copy of the checkout. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { scaffold } from '@callwright/start/scaffold';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './source-tree.ts';

let copy: string;

/** Sources are copied; installed packages are the checkout's own. */
const OMITTED = new Set(['node_modules', '.git', '.data', '.cache']);

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'callwright-scaffold-'));
  cpSync(ROOT, copy, { recursive: true, filter: (source) => !OMITTED.has(basename(source)) });
  linkPackages(ROOT);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function linkPackages(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (name === 'node_modules') symlinkSync(path, join(copy, relative(ROOT, path)));
    else if (!OMITTED.has(name) && lstatSync(path).isDirectory()) linkPackages(path);
  }
}

function run(command: string, ...args: string[]): string {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  // a test runner inside a test runner
  for (const name of Object.keys(env)) if (/^VITEST|^TEST$|^NODE_ENV$|^FORCE_COLOR$/.test(name)) delete env[name];
  const result = spawnSync(command, args, { cwd: copy, env, encoding: 'utf8' });
  return `${result.stdout}${result.stderr}\nexit code ${result.status}`;
}

describe('a scaffolded folder', () => {
  it.each([
    ['node', 'after-call-survey', ['engine/scripts/generate.ts']],
    ['partner', 'acme-dial', []],
    ['speech', 'acme', []],
  ] as const)('%s %s is well-formed and passes its test', (recipe, name, generators) => {
    const { folder, files } = scaffold(copy, recipe, name);
    expect(files.some((file) => file.endsWith('.test.ts'))).toBe(true);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    run('biome', 'check', '--write', '--vcs-enabled=false', folder);
    expect(run('biome', 'check', '--error-on-warnings', '--vcs-enabled=false', folder)).toContain('exit code 0');
    for (const script of generators) execFileSync(process.execPath, [script], { cwd: copy });
    expect(run('vitest', 'run', '--project', 'unit', folder)).toMatch(/Test Files +1 passed[\s\S]*exit code 0/);
  });

  it('has the right types', () => {
    const include = ['engine/nodes/after-call-survey', 'api/partners/acme-dial', 'workers/speech/src/acme'];
    writeFileSync(join(copy, 'tsconfig.scaffold.json'), JSON.stringify({ extends: './tsconfig.base.json', include }));
    const errors = run('tsc', '-p', 'tsconfig.scaffold.json').split('\n');
    expect(errors.filter((line) => /after-call-survey|acme/.test(line))).toEqual([]);
  });

  it.each([
    ['nodes', 'x'],
    ['node', 'Survey'],
    ['node', '../x'],
    ['node', ''],
    ['partner', 'src'],
    ['constructor', 'x'],
  ])('is refused: %s "%s"', (recipe, name) => {
    expect(() => scaffold(copy, recipe, name)).toThrow(expect.objectContaining({ code: 'STA_SCAFFOLD' }));
  });
});
