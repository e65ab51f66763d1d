/** The engine is pure: its code reads no clock, chance or locale, and it loads where there is nothing but the language. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { bundleWorkflowCode } from '@temporalio/worker';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { impurities } from './purity-rules.ts';
import { isTest, parse, ROOT, sourceFiles } from './source-tree.ts';

/** Entry of the engine, and of what the simulator adds. */
const ENTRIES = ['engine/src/index.ts', 'engine/testing/index.ts'];

describe('the engine', () => {
  it('reads no clock, chance, locale or outside', () => {
    const engine = sourceFiles().filter(({ path }) => path.startsWith('engine/') && !isTest(path));
    expect(engine.length).toBeGreaterThan(10);
    expect(engine.flatMap(impurities)).toEqual([]);
  });

  it.each(ENTRIES)('%s bundles for the browser and loads with little more than the language', async (entry) => {
    const problems: string[] = [];
    const bundle = await rolldown({
      input: join(ROOT, entry),
      platform: 'browser',
      onLog: (level, log) => {
        if (level === 'warn' && log.code !== 'CIRCULAR_DEPENDENCY' && log.code !== 'EVAL') problems.push(log.message);
      },
    });
    const { output } = await bundle.generate({ format: 'iife', name: 'engine', exports: 'named' });
    await bundle.close();
    expect(problems).toEqual([]);
    expect(output[0].imports).toEqual([]);
    // text and URLs: pure, and given by browsers and by Temporal's sandbox alike
    const realm = createContext({ TextEncoder, TextDecoder, URL, URLSearchParams });
    runInContext(`${output[0].code}; globalThis.names = Object.keys(engine)`, realm);
    expect((realm as { names: string[] }).names.length).toBeGreaterThan(0);
  });

  it('bundles with the workflows by Temporal’s own bundler', async () => {
    const workflowsPath = fileURLToPath(import.meta.resolve('@callwright/calls/workflows'));
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
    expect(code.length).toBeGreaterThan(100_000);
  }, 60_000);
});

const ignore = () => {};
const quiet = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

describe('a planted impurity', () => {
  it.each([
    ['const at = Date.now();', 'Date.now'],
    ['const at = new Date();', 'new Date()'],
    ['const at = Date();', 'Date()'],
    ['const x = Math.random();', 'Math.random'],
    ['new Intl.DateTimeFormat("en");', 'Intl'],
    ['setTimeout(() => {}, 1);', 'setTimeout()'],
    ['"a".localeCompare("b");', '.localeCompare'],
    ['new Date(0).getHours();', '.getHours'],
    ['globalThis.fetch("x");', 'globalThis'],
  ])('%s', (code, what) => {
    expect(impurities(parse('engine/src/x.ts', code))).toEqual([`engine/src/x.ts:1: ${what}`]);
  });

  it('is not seen where there is none', () => {
    expect(
      impurities(parse('engine/src/x.ts', 'const at = new Date(0).toISOString(); const d = Math.floor(1.5);')),
    ).toEqual([]);
  });
});
