/** Runs vitest and reads what its summary reporter (test/support/summary-reporter.ts) wrote. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './steps.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs with the arguments and lets its output through. A run that leaves no summary counts as one failure. */
export async function runVitest(args: readonly string[]): Promise<TestCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'callwright-summary-'));
  const file = join(directory, 'summary.json');
  const reporters = ['--reporter=default', '--reporter=./test/support/summary-reporter.ts'];
  const code = await new Promise<number>((resolve) => {
    const child = spawn('vitest', ['run', ...reporters, ...args], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, CALLWRIGHT_TEST_SUMMARY: file },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', () => resolve(1));
    child.on('close', (value) => resolve(value ?? 1));
  });
  const counts = read(file);
  rmSync(directory, { recursive: true, force: true });
  // a failure that belongs to no test, such as an unhandled rejection
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function read(file: string): TestCounts {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestCounts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
