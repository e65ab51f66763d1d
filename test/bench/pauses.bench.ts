/**
 * Pauses that callers notice while workers are killed, and the time until new calls are taken when telephony or media are: the chaos
 * tests, with the limits of the requirement held against their figures (p95 ≤ 1.5 s, at most 4 s, requests 7 s; new calls 5 s; talk is
 * interrupted for 100 ms at most while Temporal or PostgreSQL are away).
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const run = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    '--project',
    'e2e*',
    '--maxWorkers',
    '1',
    ...['kill', 'media', 'outage'].map((name) => `test/chaos/${name}.test.ts`),
  ],
  {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, CALLWRIGHT_CHAOS_LIMITS: '1' },
    stdio: 'inherit',
  },
);
process.exitCode = run.status ?? 1;
