/** Fetches the server's release archive from Temporal's own download service. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TemporalError } from './errors.ts';
import { run } from './run.ts';

const TIMEOUT_MS = 90_000;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Puts the binary at `target`. Throws `TMP_ATTEMPT_FAILED` when the service is out of reach or slow. */
export async function downloadTemporal(target: string, version: string): Promise<void> {
  const url = `https://temporal.download/cli/archive/v${version}?platform=${process.platform}&arch=${ARCHITECTURES[process.arch] ?? process.arch}`;
  const directory = `${target}.unpacked`;
  await mkdir(directory, { recursive: true });
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(`${directory}/archive.tar.gz`));
    await run('tar', ['-xzf', 'archive.tar.gz', 'temporal'], { cwd: directory, timeoutMs: TIMEOUT_MS });
    await rename(`${directory}/temporal`, target);
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new TemporalError('TMP_ATTEMPT_FAILED', why, { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
