/** What one channel plays: one thing at a time, the newest wins, and nothing starts before the last has ended. */
import type { MediaEndpoint, RunEnd } from './endpoint.ts';

/** `cut`: stopped on request, or replaced. */
export type PlayEnd = RunEnd | 'cut';

export interface Playing {
  readonly done: Promise<PlayEnd>;
  /** Stops it; `done` says `cut` at once, without waiting for the media server. */
  cut(): void;
}

export interface Player {
  /** Plays files and streams one after the other. */
  play(files: readonly string[]): Playing;
  /** Runs an application that has no end of its own. */
  run(application: string, argument: string): Playing;
  /** Resolves when nothing runs any more. */
  silence(): Promise<void>;
}

interface Run {
  readonly playing: Playing;
  /** Resolves when the media server has ended it. */
  readonly settled: Promise<void>;
}

export function createPlayer(endpoint: MediaEndpoint): Player {
  let current: Run | null = null;

  const start = (application: string, argument: string): Playing => {
    const before = current;
    before?.playing.cut();
    const run = begin(endpoint, application, argument, before ? before.settled : null);
    current = run;
    void run.settled.then(() => {
      if (current === run) current = null;
    });
    return run.playing;
  };

  return {
    play: (files) => start('playback', files.join('!')),
    run: start,
    silence: async () => {
      current?.playing.cut();
      await current?.settled;
    },
  };
}

function begin(endpoint: MediaEndpoint, application: string, argument: string, before: Promise<void> | null): Run {
  let running = false;
  let over = false;
  let tell: (end: PlayEnd) => void = () => {};
  const done = new Promise<PlayEnd>((resolve) => {
    tell = resolve;
  });
  const execute = (): Promise<void> => {
    if (over) return Promise.resolve();
    running = true;
    return endpoint.run(application, argument).then((end) => {
      running = false;
      over = true;
      tell(end);
    });
  };
  // with nothing to wait for, the command leaves in this very turn of the loop
  const settled = before ? before.then(execute) : execute();
  const cut = (): void => {
    if (over) return;
    over = true;
    if (running) endpoint.interrupt();
    tell('cut');
  };
  return { playing: { done, cut }, settled };
}
