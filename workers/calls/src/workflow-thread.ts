/**
 * Preloaded (`--import`) into the calls worker process, for the thread that runs workflows. The SDK guards each of the six entries into
 * a workflow per activation with a watchdog, an operating system thread of its own each time, and notes the stack of each promise for a
 * query that nobody asks: together a third of what a step costs and half of what taking over a call costs. Here one watchdog guards the
 * whole activation, and no stacks are noted. Where the SDK is not built as expected nothing is changed.
 */
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** The part of the SDK's workflow class that is replaced. */
export interface Activated {
  activate(activation: { readonly isReplaying?: boolean | null }): Promise<unknown>;
}

interface SdkWorkflow extends Activated {
  readonly runId: string;
  readonly activator: { errorToFailure(error: unknown): unknown };
}

/** As the SDK's own default: an activation that runs longer never ends by itself. */
const LONGEST_ACTIVATION_MS = 5000;
const SLOT = Symbol.for('callwright.activation');

/**
 * Makes `activate` run its synchronous part, which is all of the workflow's code, under one watchdog. One that is cut fails its workflow
 * task, as with the SDK's own watchdogs. What is replayed has come to its end before and needs none.
 */
export function guardActivations(prototype: Activated, longestMs: number): void {
  const activate = prototype.activate;
  const slots = globalThis as unknown as Record<symbol, () => Promise<unknown>>;
  const guard = new vm.Script(`globalThis[Symbol.for('${SLOT.description}')]()`);
  prototype.activate = function guarded(this: SdkWorkflow, activation) {
    if (activation.isReplaying) return activate.call(this, activation);
    slots[SLOT] = () => activate.call(this, activation);
    try {
      return guard.runInThisContext({ timeout: longestMs }) as Promise<unknown>;
    } catch (error) {
      const { runId } = this;
      return Promise.resolve({ runId, failed: { failure: this.activator.errorToFailure(error) } });
    }
  };
}

/** Lets scripts run in a context without a watchdog each. */
export function dropScriptTimeouts(prototype: Pick<vm.Script, 'runInContext'>): void {
  const runInContext = prototype.runInContext;
  prototype.runInContext = function run(this: vm.Script, context, options) {
    return runInContext.call(this, context, { ...options, timeout: undefined }) as unknown;
  };
}

/** The SDK's workflow class, or null where it is not found. */
export function sdkWorkflow(): Activated | null {
  try {
    const load = createRequire(import.meta.url);
    const { BaseVMWorkflow } = load('@temporalio/worker/lib/workflow/vm-shared.js') as {
      BaseVMWorkflow?: { prototype?: Activated };
    };
    const prototype = BaseVMWorkflow?.prototype;
    return typeof prototype?.activate === 'function' ? prototype : null;
  } catch {
    return null;
  }
}

if (!isMainThread) {
  v8.promiseHooks.createHook = () => () => {};
  const prototype = sdkWorkflow();
  if (prototype) {
    guardActivations(prototype, LONGEST_ACTIVATION_MS);
    dropScriptTimeouts(vm.Script.prototype);
  }
}
