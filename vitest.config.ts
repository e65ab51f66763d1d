/**
 * Four projects, run one after the other: unit (`*.test.ts`, nothing but Node), integration (`*.it.test.ts`, with a PostgreSQL and a
 * Temporal server started for the run), e2e (test/e2e, test/browser and test/chaos: whole installations, two files at a
 * time, most on one installation), e2e-alone (those that flood or measure: one file at a time).
 */
import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/.data/**', '**/.cache/**'];
const sources = '{engine,flows,workers,api,designer,test}/**';
const wholeInstallations = 'test/{e2e,chaos,browser}/**/*.test.ts';
const alone = 'test/{chaos/kill,e2e/{bad-input,installation}}.test.ts';
const globalSetup = './test/support/global-setup.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${sources}/*.test.ts`],
          exclude: [...exclude, `${sources}/*.it.test.ts`, wholeInstallations],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${sources}/*.it.test.ts`],
          exclude: [...exclude, wholeInstallations],
          globalSetup,
          testTimeout: 30_000,
          // real servers on a machine of unknown load: one more try, and the run says so
          retry: 1,
          hookTimeout: 60_000,
          // they wait more than they work
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: [wholeInstallations],
          exclude: [...exclude, alone],
          globalSetup: './test/support/shared-installation.ts',
          testTimeout: 120_000,
          retry: 1,
          hookTimeout: 180_000,
          // they wait more than they work
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: [alone],
          exclude,
          testTimeout: 120_000,
          retry: 1,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
