/** `npm run check`: format, lint, types, generated files, import rules and unit tests; under a minute when warm. */
import { runSteps, staticSteps } from './steps.ts';
import { runVitest } from './vitest.ts';

const steps = await runSteps(staticSteps());
const tests = await runVitest(['--project', 'unit', ...process.argv.slice(2)]);
const failedSteps = steps.filter(({ passed }) => !passed).map(({ step }) => step.name);
for (const name of failedSteps) process.stdout.write(`failed: ${name}\n`);
process.stdout.write(
  `${tests.passed + steps.length - failedSteps.length} passed, ${tests.failed + failedSteps.length} failed, ${tests.skipped} skipped\n`,
);
process.exitCode = failedSteps.length + tests.failed > 0 ? 1 : 0;
