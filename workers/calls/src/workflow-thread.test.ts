import vm from 'node:vm';
import { expect, it } from 'vitest';
import { type Activated, dropScriptTimeouts, guardActivations, sdkWorkflow } from './workflow-thread.ts';

/** A workflow class like the SDK's: enters its context several times per activation, without a watchdog each. */
function workflowClass() {
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
  const run = (code: string): unknown => new vm.Script(code).runInContext(context);
  class Workflow {
    readonly runId = 'run';
    readonly activator = { errorToFailure: (error: unknown) => (error as { code?: string }).code };
    async activate(activation: { readonly isReplaying?: boolean | null }): Promise<unknown> {
      run('globalThis.n = (globalThis.n ?? 0) + 1');
      run((activation as { readonly code?: string }).code ?? '');
      const result = run('globalThis.n');
      await new Promise(setImmediate);
      return { result };
    }
  }
  return Workflow;
}

const activate = (workflow: Activated, code: string, isReplaying = false) =>
  workflow.activate({ code, isReplaying } as { isReplaying: boolean });

it.each([
  ['code', 'for (;;);'],
  ['a microtask', 'Promise.resolve().then(() => { for (;;); });'],
  ['a regular expression', '/^(a+)+$/.test("a".repeat(60) + "b")'],
])('an activation whose %s never ends fails its task; the next one runs', async (_where, code) => {
  const Workflow = workflowClass();
  guardActivations(Workflow.prototype, 100);
  const workflow = new Workflow();
  expect(await activate(workflow, '')).toEqual({ result: 1 });
  expect(await activate(workflow, code)).toEqual({
    runId: 'run',
    failed: { failure: 'ERR_SCRIPT_EXECUTION_TIMEOUT' },
  });
  expect(await activate(workflow, '')).toEqual({ result: 3 });
  expect(await activate(workflow, '', true)).toEqual({ result: 4 });
});

it('fails a task by the error that its code throws as before', async () => {
  const Workflow = workflowClass();
  guardActivations(Workflow.prototype, 100);
  await expect(activate(new Workflow(), 'throw new TypeError("x")')).rejects.toMatchObject({ name: 'TypeError' });
});

it('runs scripts without their own time limit, and with their other options', () => {
  const given: unknown[] = [];
  const prototype = {
    runInContext(_context: vm.Context, options?: vm.RunningCodeInNewContextOptions) {
      given.push(options);
      return 'result';
    },
  } as Pick<vm.Script, 'runInContext'>;
  dropScriptTimeouts(prototype);
  expect(prototype.runInContext({}, { timeout: 5000, displayErrors: true })).toBe('result');
  expect(given).toEqual([{ timeout: undefined, displayErrors: true }]);
});

it('finds in the SDK what it replaces', () => {
  expect(sdkWorkflow()).not.toBeNull();
});
