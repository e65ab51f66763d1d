/** Thread that measures how much of a flow tests take: a search through thousands of states must not hold up requests. */
import { parentPort } from 'node:worker_threads';
import type { Diagnostic, RevisionClosure } from '@callwright/engine';
import {
  type Coverage,
  type CoverageOptions,
  coverageDiagnostics,
  coverageOf,
  type KeptTest,
} from '@callwright/engine/testing';

/** What the thread is asked. */
export interface CoverageQuestion {
  readonly closure: RevisionClosure;
  readonly tests: readonly KeptTest[];
  readonly options: CoverageOptions;
}

/** What it answers. */
export type CoverageAnswer = Pick<Coverage, 'transitions' | 'covered' | 'complete'> & {
  readonly diagnostics: readonly Diagnostic[];
};

parentPort?.on('message', ({ closure, tests, options }: CoverageQuestion) => {
  const coverage = coverageOf(closure, tests, options);
  const { transitions, covered, complete } = coverage;
  const answer: CoverageAnswer = {
    transitions,
    covered,
    complete,
    diagnostics: coverageDiagnostics(closure, coverage),
  };
  parentPort!.postMessage(answer);
});
