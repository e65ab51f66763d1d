/** One trunk kept by an instance: rounds of asking, what they found, and a stop that may say good-bye. */
import type { TrunkFinding } from '@callwright/store';
import type { Logger } from 'pino';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SrfLike } from '../sip/drachtio.ts';

export interface KeepingDeps {
  readonly srf: SrfLike;
  readonly guard: DestinationGuard;
  readonly log: Logger;
  openSecret(sealed: Uint8Array): string;
  /** Writes what was found; false when the trunk is no longer ours. */
  report(finding: TrunkFinding): Promise<boolean>;
  /** Nothing is sent before this. */
  readonly after: Promise<void>;
  now(): number;
}

export interface Keeping {
  /** Ends it; with `farewell` the far end is told. Resolves when nothing more will be sent. */
  stop(farewell: boolean): Promise<void>;
}

export interface KeepingInput {
  readonly first: TrunkFinding | null;
  readonly log: Logger;
  readonly after: Promise<void>;
  report(finding: TrunkFinding): Promise<boolean>;
  /** Asks once; what was found (null: nothing to write) and when to ask again, ms. */
  round(): Promise<{ readonly finding: TrunkFinding | null; readonly nextMs: number }>;
  farewell?(): Promise<unknown>;
}

/** After an unexpected fault, and while the store is away. */
const FAULT_MS = 5000;

export function runKeeping({ first, log, after, report, round, farewell }: KeepingInput): Keeping {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const write = async (finding: TrunkFinding | null): Promise<void> => {
    if (finding && !stopped && !(await report(finding))) stopped = true;
  };
  const again = (ms: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, ms);
    timer.unref();
  };
  const turn = async (): Promise<void> => {
    if (stopped) return;
    try {
      const { finding, nextMs } = await round();
      await write(finding);
      again(nextMs);
    } catch (error) {
      log.warn({ err: error }, 'trunk could not be asked');
      again(FAULT_MS);
    }
  };
  running = after
    .then(() => write(first))
    .catch(() => {})
    .then(turn);
  return {
    stop: async (goodbye) => {
      const was = stopped;
      stopped = true;
      clearTimeout(timer);
      await running;
      if (goodbye && !was) await farewell?.().catch(() => {});
    },
  };
}
