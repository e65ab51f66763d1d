/** Looks again and again, at once when woken; others may wait with it. */
import type { Logger } from 'pino';

export interface Rounds {
  /** `listen` is given what wakes and returns what stops the listening. */
  start(listen: (wake: () => void) => () => void): void;
  /** Asks until the answer is not null or the time is up; then null. A fault counts as null. */
  until<T>(find: () => Promise<T | null>, ms: number): Promise<T | null>;
  stop(): void;
}

const ROUND_MS = 1000;
/** Whoever waits does not count on being woken. */
const LOOK_MS = 100;

export function createRounds(look: () => Promise<void>, log: Logger): Rounds {
  const pauses = new Set<() => void>();
  const state = { stopped: false, woken: false, stopListening: () => {} };
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      timer.unref();
      pauses.add(end);
    });
  const wake = (): void => {
    state.woken = true;
    for (const end of [...pauses]) end();
  };
  const run = async (): Promise<void> => {
    while (!state.stopped) {
      state.woken = false;
      await look().catch((error: unknown) => log.warn({ err: error }, 'links could not be looked at'));
      // what has changed while it looked may have been missed
      if (!state.woken) await pause(ROUND_MS);
    }
  };
  return {
    start: (listen) => {
      state.stopListening = listen(wake);
      void run();
    },
    until: async (find, ms) => {
      const end = Date.now() + ms;
      while (!state.stopped) {
        const found = await find().catch(() => null);
        if (found !== null || Date.now() >= end) return found;
        await pause(LOOK_MS);
      }
      return null;
    },
    stop: () => {
      state.stopped = true;
      state.stopListening();
      wake();
    },
  };
}
