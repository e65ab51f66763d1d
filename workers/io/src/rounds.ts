/** Repeats a task with a pause after each round until it is stopped; a failing round is reported once per kind of failure in a row. */
export interface Rounds {
  stop(): Promise<void>;
}

export function rounds(task: () => Promise<void>, pauseMs: number, failed: (error: unknown) => void): Rounds {
  let stopped = false;
  let wake = (): void => {};
  let last = '';
  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        await task();
        last = '';
      } catch (error) {
        const kind = error instanceof Error ? `${error.name}${(error as { code?: unknown }).code ?? ''}` : typeof error;
        if (kind !== last) failed(error);
        last = kind;
      }
      if (stopped) return;
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resume();
        };
      });
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await ended;
    },
  };
}
