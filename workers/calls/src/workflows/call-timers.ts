/** Timers of a machine as data beside its state, each armed as a Temporal timer. */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export interface OpenTimer {
  readonly timer: string;
  readonly dueAt: number;
}

export interface CallTimers {
  /** Arms a timer; one of the same name is replaced. A time in the past fires at once. */
  start(timer: string, dueAt: number): void;
  cancel(timer: string): void;
  cancelAll(): void;
  readonly open: OpenTimer[];
}

export function callTimers(fired: (timer: string) => void): CallTimers {
  const armed = new Map<string, { dueAt: number; scope: CancellationScope }>();

  const cancel = (timer: string): void => {
    const entry = armed.get(timer);
    armed.delete(timer);
    entry?.scope.cancel();
  };

  const start = (timer: string, dueAt: number): void => {
    cancel(timer);
    const scope = new CancellationScope();
    const entry = { dueAt, scope };
    armed.set(timer, entry);
    scope
      .run(async () => {
        await sleep(Math.max(1, dueAt - Date.now()));
        if (armed.get(timer) !== entry) return;
        armed.delete(timer);
        fired(timer);
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  };

  return {
    start,
    cancel,
    cancelAll: () => {
      for (const timer of [...armed.keys()]) cancel(timer);
    },
    get open() {
      return [...armed].map(([timer, { dueAt }]) => ({ timer, dueAt }));
    },
  };
}
