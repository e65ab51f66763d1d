/**
 * Preloaded once per worker thread: runners, engine and libraries, hence the machines they compile and the closures they share, are
 * common to all calls of the thread (temporal.md §2.3). The worker then deep-freezes what preloaded modules export; zod, xstate and
 * the expression library fill in members of their exports on first use and break under it. A module already frozen is passed over,
 * so ours are frozen here, shallowly. Safe because the engine is pure and the runners keep nothing outside a run: what modules hold
 * are functions of their keys.
 */
import { callWorkflow } from './call-workflow.ts';
import { poolWorkflow } from './pool-workflow.ts';
import { trialRequestWorkflow } from './trial-request.ts';

/** A use of the imports: webpack drops those without one. */
export const preloaded: readonly unknown[] = [callWorkflow, poolWorkflow, trialRequestWorkflow];

// free names that webpack and the worker's module cache provide inside the bundle
declare const __webpack_modules__: Readonly<Record<string, unknown>>;
declare const __webpack_module_cache__: Readonly<Record<string, object | undefined>>;

for (const id of Object.keys(__webpack_modules__)) {
  const module = id.includes('@temporalio') ? undefined : __webpack_module_cache__[id];
  if (module) Object.freeze(module);
}
