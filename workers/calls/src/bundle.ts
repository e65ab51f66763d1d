/**
 * The workflow bundle: webpack's work of seconds, done once per state of the sources and kept beside the data, so that a worker
 * killed in the middle of calls is back at once.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  type BundleOptions as SdkBundleOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

type Configuration = Parameters<NonNullable<SdkBundleOptions['webpackConfigHook']>>[0];

const resolve = createRequire(import.meta.url).resolve;
/** Modules whose state is shared by all calls of a worker thread: the engine with its compiled machines (temporal.md §2.3). */
const PRELOADED = fileURLToPath(new URL('./workflows/preloaded.ts', import.meta.url));
const DEFAULT_WORKFLOWS = fileURLToPath(new URL('./workflows/index.ts', import.meta.url));

export interface BundleOptions {
  /** Folder of kept bundles; absent: built anew each time. */
  readonly cacheDir?: string;
  /** Module that exports the workflows; the calls workflows when absent. */
  readonly workflowsPath?: string;
  /** Modules shared by all workflows of a thread, beside the engine's. */
  readonly preload?: readonly string[];
}

/** The bundle for `Worker.create`, from the cache or built and kept. */
export async function callsBundle(options: BundleOptions): Promise<{ code: string; built: boolean }> {
  const workflowsPath = options.workflowsPath ?? DEFAULT_WORKFLOWS;
  const build = () => buildBundle(workflowsPath, [PRELOADED, ...(options.preload ?? [])]);
  if (!options.cacheDir) return { code: (await build()).code, built: true };
  const path = join(options.cacheDir, `calls-${await sourcesHash(workflowsPath)}.js`);
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept) return { code: kept, built: false };
  const { code } = await build();
  await keep(path, code);
  return { code, built: true };
}

function buildBundle(workflowsPath: string, preloadModules: string[]): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath, preloadModules, logger: QUIET, webpackConfigHook: keepSyntax });
}

/** The bundler writes our sources down to 2017, whose stand-ins for object spread cost more than the rest of a step. */
function keepSyntax(config: Configuration): Configuration {
  for (const rule of config.module?.rules ?? []) {
    const use = (rule as { use?: { options?: { jsc?: { target?: string } } } } | undefined)?.use;
    if (use?.options?.jsc) use.options.jsc.target = 'es2022';
  }
  return config;
}

/** Written beside and renamed: another worker never reads half a bundle. Older bundles are removed. */
async function keep(path: string, code: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, path);
  for (const name of await readdir(folder)) {
    if (/^calls-[0-9a-f]{64}\.js$/.test(name) && join(folder, name) !== path)
      await rm(join(folder, name), { force: true });
  }
}

/** Hash of everything that goes into the bundle: our sources and the versions of the libraries. */
async function sourcesHash(workflowsPath: string): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  const engine = dirname(dirname(fileURLToPath(import.meta.resolve('@callwright/engine'))));
  const contract = dirname(fileURLToPath(import.meta.resolve('@callwright/contract')));
  for (const folder of [engine, contract, dirname(workflowsPath), dirname(DEFAULT_WORKFLOWS)]) {
    for (const file of await sourceFiles(folder))
      hash
        .update(relative(folder, file))
        .update('\0')
        .update(await readFile(file))
        .update('\0');
  }
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  hash.update(await readFile(resolve('@temporalio/worker/package.json')));
  for (const name of ['xstate', 'zod', 'temporal-polyfill', '@marcbachmann/cel-js', '@noble/hashes']) {
    hash.update(await readFile(join(engine, 'node_modules', name, 'package.json')).catch(() => name));
  }
  return hash.digest('hex');
}

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files.push(...(await sourceFiles(path)));
    else if (entry.isFile() && /\.(ts|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) files.push(path);
  }
  return files;
}

const silent = (): void => {};
const QUIET = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
