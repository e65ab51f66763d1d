/** A leg moved between two calls a thousand times while calls workers are killed: the chaos test of moves, with all of them. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const run = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'e2e', '--retry', '0', 'test/chaos/moves.test.ts'],
  {
    cwd: join(import.meta.dirname, '../..'),
    env: { CALLWRIGHT_CHAOS_MOVES: '1000', ...process.env },
    stdio: 'inherit',
  },
);
process.exitCode = run.status ?? 1;
