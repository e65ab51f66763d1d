/** Where the server's binary comes from: PATH, cache, download, or a build with Go; each attempt limited in time. */
import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { buildTemporal } from './build.ts';
import { cacheDirectory, withLock } from './cache.ts';
import { downloadTemporal } from './download.ts';
import { TemporalError } from './errors.ts';
import { run } from './run.ts';

/** CLI version; server 1.31.2 inside. `tools/go.mod` names the same. */
export const TEMPORAL_VERSION = '1.8.2';

/** Older servers lack settings of `flags.ts` or the SDK's features (temporal.md §3). */
const OLDEST: readonly [number, number] = [1, 5];

export interface FindOptions {
  /** Told before each step that may take long, in words for the person at the terminal. */
  readonly say: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** Ways to get the binary when neither PATH nor the cache has it; for tests. */
  readonly ways?: readonly Way[];
}

export interface Way {
  readonly name: string;
  /** Puts an executable at `target`, or throws. */
  get(target: string, say: (text: string) => void, env: NodeJS.ProcessEnv): Promise<void>;
}

const WAYS: readonly Way[] = [
  { name: 'download from temporal.download', get: (target) => downloadTemporal(target, TEMPORAL_VERSION) },
  { name: 'build with Go', get: (target, say, env) => buildTemporal(target, TEMPORAL_VERSION, { say, env }) },
];

/** Path of a binary that runs. Throws `TMP_NOT_FOUND` with what was tried and what to do. */
export async function findTemporal({ say, env = process.env, ways = WAYS }: FindOptions): Promise<string> {
  const onPath = await findOnPath(env);
  if (onPath) return onPath;
  const directory = join(cacheDirectory(env), `temporal-${TEMPORAL_VERSION}`);
  const cached = join(directory, 'temporal');
  if (await isExecutable(cached)) return cached;
  await mkdir(directory, { recursive: true });
  return withLock(join(directory, 'lock'), async () => {
    if (await isExecutable(cached)) return cached;
    await fetchInto(cached, ways, say, env);
    return cached;
  });
}

async function fetchInto(cached: string, ways: readonly Way[], say: (text: string) => void, env: NodeJS.ProcessEnv) {
  const failures: string[] = [];
  for (const way of ways) {
    say(`Temporal server ${TEMPORAL_VERSION}: ${way.name}`);
    const target = `${cached}.${process.pid}`;
    try {
      await way.get(target, say, env);
      await run(target, ['--version'], { timeoutMs: 20_000 });
      await rename(target, cached);
      return;
    } catch (error) {
      failures.push(`${way.name}: ${(error as Error).message}`);
      await rm(target, { force: true });
    }
  }
  throw new TemporalError('TMP_NOT_FOUND', notFound(failures));
}

function notFound(failures: readonly string[]): string {
  return [
    'No Temporal server could be found, fetched or built.',
    ...failures.map((failure) => `  tried: ${failure}`),
    'Do one of these and start again:',
    `  - put the "temporal" command (${OLDEST.join('.')} or newer) on PATH`,
    '  - install Go 1.26 or newer, or Python 3 with pip, so that it can be built',
    '  - set TEMPORAL_ADDRESS=host:port to use a server that already runs',
  ].join('\n');
}

async function findOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, 'temporal');
    if (directory && (await isExecutable(candidate)) && (await isRecent(candidate))) return candidate;
  }
  return undefined;
}

async function isRecent(binary: string): Promise<boolean> {
  const said = await run(binary, ['--version'], { timeoutMs: 20_000 }).catch(() => '');
  const match = /temporal version (\d+)\.(\d+)/.exec(said);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
