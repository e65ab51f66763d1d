/** The console as files that the api serves: built when its sources are not those of the last build. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { progress, type Say } from './console.ts';

/** What the build reads, relative to the checkout. */
const SOURCES = ['designer', 'engine', 'flows', 'api/contract', 'pnpm-lock.yaml'] as const;
const SKIPPED = new Set(['node_modules', 'dist', '.vite']);
const STAMP = '.built-from';
/** Smaller ones gain nothing by being sent compressed. */
const COMPRESSED_BYTES = 1_500;
const TIMEOUT_MS = 120_000;

/** Hash of everything that a build of the console depends on. */
export function consoleSources(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES)
    for (const path of filesBelow(root, source)) {
      hash.update(`${path}\0`).update(readFileSync(join(root, path)));
    }
  return hash.digest('hex');
}

/** Files of a source in a fixed order, tests and pages left out. */
function filesBelow(root: string, path: string): string[] {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  const entries = readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (SKIPPED.has(entry.name) || /\.test\.tsx?$|\.md$/.test(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(root, `${path}/${entry.name}`);
    return entry.isFile() ? [`${path}/${entry.name}`] : [];
  });
}

/**
 * Builds the console into `designer/dist` unless it is there, made of these sources. A failure is told and nothing more: calls are
 * taken without a console.
 */
export async function buildConsole(root: string, say: Say): Promise<void> {
  const dist = join(root, 'designer', 'dist');
  const draft = join(root, '.cache', `console-${process.pid}`);
  const sources = consoleSources(root);
  const stamp = join(dist, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  const done = progress('building the console');
  try {
    mkdirSync(draft, { recursive: true });
    await vite(join(root, 'designer'), draft);
    await compress(join(draft, 'assets'));
    writeFileSync(join(draft, STAMP), sources);
    rmSync(dist, { recursive: true, force: true });
    renameSync(draft, dist);
  } catch (error) {
    say(`the console could not be built, everything else runs: ${(error as Error).message}`);
  } finally {
    done();
    rmSync(draft, { recursive: true, force: true });
  }
}

function vite(designer: string, outDir: string): Promise<void> {
  const script = join(designer, 'node_modules', 'vite', 'bin', 'vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [script, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'],
      {
        cwd: designer,
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: TIMEOUT_MS,
        env: { ...process.env, NODE_ENV: 'production' },
      },
    );
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-2_000);
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim() || `exit code ${code}`))));
  });
}

/** Beside each script and style sheet its compressed form, which the api sends to who takes it. */
async function compress(assets: string): Promise<void> {
  for (const name of readdirSync(assets)) {
    const path = join(assets, name);
    if (!/\.(js|css|svg)$/.test(name) || statSync(path).size < COMPRESSED_BYTES) continue;
    await pipeline(createReadStream(path), createGzip({ level: 9 }), createWriteStream(`${path}.gz`));
  }
}
