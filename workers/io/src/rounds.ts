/** Repeats a task with a pause after each round until it is stopped; a failing round is reported once per kind of failure in a row. */
export interface Rounds {
  /** The pause is over; one more round follows the one that is under way. */
  wake(): void;
  stop(): Promise<void>;
}

export function rounds(
  task: () => Promise<void>,
  pauseMs: number | (() => number),
  failed: (error: unknown) => void,
): Rounds {
  let stopped = false;
  let woken = false;
  let wake = (): void => {};
  let last = '';
  const loop = async (): Promise<void> => {
    while (!stopped) {
      woken = false;
      try {
        await task();
        last = '';
      } catch (error) {
        const kind = error instanceof Error ? `${error.name}${(error as { code?: unknown }).code ?? ''}` : typeof error;
        if (kind !== last) failed(error);
        last = kind;
      }
      if (stopped) return;
      if (woken) continue;
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, typeof pauseMs === 'number' ? pauseMs : pauseMs());
        wake = () => {
          clearTimeout(timer);
          resume();
        };
      });
    }
  };
  const ended = loop();
  return {
    wake: () => {
      woken = true;
      wake();
    },
    stop: async () => {
      stopped = true;
      wake();
      await ended;
    },
  };
}
