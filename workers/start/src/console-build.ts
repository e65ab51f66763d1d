/** The console and the pages of partners' programs as files that the api serves: built when their sources are not those of the last build. */
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

/** Pages that are built together. */
interface Site {
  /** As the person at the terminal reads it. */
  readonly name: string;
  /** Where its configuration is and its `dist/` goes, relative to the checkout. */
  readonly folder: string;
  /** What the build reads, relative to the checkout. */
  readonly sources: readonly string[];
}

const CONSOLE: Site = {
  name: 'console',
  folder: 'designer',
  sources: ['designer', 'engine', 'flows', 'api/contract', 'pnpm-lock.yaml'],
};
const PARTNER_PAGES: Site = {
  name: 'partner-pages',
  folder: 'api/partners',
  sources: ['api/partners', 'pnpm-lock.yaml'],
};
const SKIPPED = new Set(['node_modules', 'dist', '.vite']);
const STAMP = '.built-from';
/** Smaller ones gain nothing by being sent compressed. */
const COMPRESSED_BYTES = 1_500;
const TIMEOUT_MS = 120_000;

/** Hash of everything that a build of the console depends on. */
export const consoleSources = (root: string): string => hashOf(root, CONSOLE);
/** Likewise of the pages of partners' programs. */
export const partnerPageSources = (root: string): string => hashOf(root, PARTNER_PAGES);

function hashOf(root: string, { sources }: Site): string {
  const hash = createHash('sha256');
  for (const source of sources)
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
 * Builds what the browser gets into `designer/dist` and `api/partners/dist`, unless it is there, made of these sources. A failure is
 * told and nothing more: calls are taken without pages.
 */
export async function buildPages(root: string, say: Say): Promise<void> {
  for (const site of [CONSOLE, PARTNER_PAGES]) await buildSite(root, site, say);
}

async function buildSite(root: string, site: Site, say: Say): Promise<void> {
  const dist = join(root, site.folder, 'dist');
  const draft = join(root, '.cache', `${site.name}-${process.pid}`);
  const sources = hashOf(root, site);
  const stamp = join(dist, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  const done = progress(`building the ${site.name.replace('-', ' ')}`);
  try {
    mkdirSync(draft, { recursive: true });
    await vite(join(root, site.folder), draft);
    await compress(join(draft, 'assets'));
    writeFileSync(join(draft, STAMP), sources);
    rmSync(dist, { recursive: true, force: true });
    renameSync(draft, dist);
  } catch (error) {
    say(`the ${site.name.replace('-', ' ')} could not be built, everything else runs: ${(error as Error).message}`);
  } finally {
    done();
    rmSync(draft, { recursive: true, force: true });
  }
}

function vite(folder: string, outDir: string): Promise<void> {
  const script = join(folder, 'node_modules', 'vite', 'bin', 'vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [script, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'],
      {
        cwd: folder,
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
