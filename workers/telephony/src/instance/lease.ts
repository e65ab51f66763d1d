/** The lease of a media instance: renewed every 2 s by conditional update; who finds itself marked lost ends (design §4). */
import type { Db } from '@callwright/store';
import { renewLease } from '@callwright/store';

export const RENEW_MS = 2000;
/** With an older renewal no new call is taken: the monitor may be about to call us lost. */
export const STALE_MS = 5000;
const RENEW_TIMEOUT_MS = 1500;

export interface Lease {
  /** Since the last renewal, in ms. */
  ageMs(): number;
  readonly fresh: boolean;
  stop(): void;
}

export interface LeaseOptions {
  readonly db: Db;
  readonly instance: string;
  calls(): number;
  /** The row says that this instance is lost. */
  onLost(): void;
  now(): number;
}

export function holdLease(options: LeaseOptions): Lease {
  const { now } = options;
  // the row was written at boot, a moment ago
  let renewedAt = now();
  let stopped = false;
  let busy = false;

  const renew = async (): Promise<void> => {
    if (busy || stopped) return;
    busy = true;
    const asked = now();
    try {
      const alive = await within(renewLease(options.db, options.instance, options.calls()), RENEW_TIMEOUT_MS);
      if (stopped) return;
      if (alive) renewedAt = asked;
      else options.onLost();
    } catch {
      // a store that is away is no verdict: legs stay up, and the age of the lease keeps new calls out
    } finally {
      busy = false;
    }
  };

  const timer = setInterval(() => void renew(), RENEW_MS);
  return {
    ageMs: () => now() - renewedAt,
    get fresh() {
      return now() - renewedAt <= STALE_MS;
    },
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
