/**
 * `npm test`: the checks, then unit, integration and end-to-end tests in one run of the test runner.
 * Arguments narrow the tests (`npm test -- test/e2e`); the checks then stay out.
 */
import { installTestTools } from './debian-packages.ts';
import { runSteps, staticSteps } from './steps.ts';
import { runVitest } from './vitest.ts';

const args = process.argv.slice(2);
const steps = args.length > 0 ? [] : await runSteps(staticSteps());
await installTestTools();
const tests = await runVitest(args);
const failedSteps = steps.filter(({ passed }) => !passed).map(({ step }) => step.name);
for (const name of failedSteps) process.stdout.write(`failed: ${name}\n`);
process.stdout.write(
  `${tests.passed + steps.length - failedSteps.length} passed, ${tests.failed + failedSteps.length} failed, ${tests.skipped} skipped\n`,
);
process.exitCode = failedSteps.length + tests.failed > 0 ? 1 : 0;
