/** Admission of new calls: how many at once, how many a second, how many from one source without a log-in. */

/** A bucket that holds `burst` tokens and gains `perSecond`. */
export interface TokenBucket {
  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean;
  /** Until the next token, in ms; 0 when there is one. */
  waitMs(nowMs: number): number;
}

export function tokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let at = Number.NEGATIVE_INFINITY;
  const fill = (nowMs: number): void => {
    if (at !== Number.NEGATIVE_INFINITY)
      tokens = Math.min(burst, tokens + (Math.max(0, nowMs - at) / 1000) * perSecond);
    at = Math.max(at, nowMs);
  };
  return {
    take: (nowMs) => {
      fill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs: (nowMs) => {
      fill(nowMs);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}

export interface LimitOptions {
  readonly maxCalls: number;
  readonly maxCallsPerSecond: number;
  /** Calls at once from one source address without a log-in. */
  readonly maxCallsPerSource: number;
}

export type Admission =
  | { readonly admitted: true /** Gives the place back; repeatable. */; release(): void }
  | { readonly admitted: false; readonly retryAfterSeconds: number; readonly limit: 'calls' | 'rate' | 'source' };

export interface Limits {
  readonly calls: number;
  /** `source`: the address of a caller without a log-in, null for one with. An emergency call is counted, and never refused. */
  admit(source: string | null, nowMs: number, emergency?: boolean): Admission;
}

export function createLimits({ maxCalls, maxCallsPerSecond, maxCallsPerSource }: LimitOptions): Limits {
  const rate = tokenBucket(maxCallsPerSecond, Math.max(1, Math.ceil(maxCallsPerSecond)));
  const sources = new Map<string, number>();
  let calls = 0;
  const leave = (source: string): void => {
    const left = (sources.get(source) ?? 1) - 1;
    if (left > 0) sources.set(source, left);
    else sources.delete(source);
  };
  return {
    get calls() {
      return calls;
    },
    admit: (source, nowMs, emergency = false) => {
      if (calls >= maxCalls && !emergency) return { admitted: false, retryAfterSeconds: 10, limit: 'calls' };
      if (source !== null && !emergency && (sources.get(source) ?? 0) >= maxCallsPerSource) {
        return { admitted: false, retryAfterSeconds: 30, limit: 'source' };
      }
      if (!rate.take(nowMs) && !emergency) {
        return { admitted: false, retryAfterSeconds: Math.max(1, Math.ceil(rate.waitMs(nowMs) / 1000)), limit: 'rate' };
      }
      calls += 1;
      if (source !== null) sources.set(source, (sources.get(source) ?? 0) + 1);
      let held = true;
      return {
        admitted: true,
        release: () => {
          if (!held) return;
          held = false;
          calls -= 1;
          if (source !== null) leave(source);
        },
      };
    },
  };
}
