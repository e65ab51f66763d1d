/** Counts a run for `npm test`; says why each skipped test was skipped, and which tests passed only at the second try. */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count(test, counts, reasons);
      // the file itself, or a hook of it, failed
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) counts.failed += 1;
    }
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) sayIfFlaky(test);
    for (const [reason, times] of reasons) process.stdout.write(`skipped ${times}: ${reason}\n`);
    const file = process.env.CALLWRIGHT_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}

function count(
  test: TestCase,
  counts: { passed: number; failed: number; skipped: number },
  reasons: Map<string, number>,
): void {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'failed') counts.failed += 1;
  else {
    counts.skipped += 1;
    const reason = reasonOf(test, 'note' in result ? result.note : undefined);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
}

/** A second try hides nothing: whoever reads the run sees what failed first. */
function sayIfFlaky(test: TestCase): void {
  if (!test.diagnostic()?.flaky) return;
  const first = test.result().errors?.[0]?.message.split('\n')[0] ?? 'no message';
  process.stdout.write(`passed at the second try: ${test.module.relativeModuleId} > ${test.fullName}: ${first}\n`);
}

/** As given to `context.skip(reason)`, or in a title: `… (skipped: reason)`. */
function reasonOf(test: TestCase, note: string | undefined): string {
  const inTitle = /\(skipped: ([^)>]*[^)> ])/.exec(test.fullName)?.[1];
  return note ?? inTitle ?? `no reason given in ${test.module.relativeModuleId}`;
}
