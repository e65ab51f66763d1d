import { describe, expect, it } from 'vitest';
import { createLimits, tokenBucket } from './limits.ts';

describe('token bucket', () => {
  it('gives its burst, then its rate', () => {
    const bucket = tokenBucket(2, 2);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect(bucket.waitMs(0)).toBe(500);
    expect(bucket.take(499)).toBe(false);
    expect(bucket.take(500)).toBe(true);
    expect([bucket.take(60_000), bucket.take(60_000), bucket.take(60_000)]).toEqual([true, true, false]);
  });

  it('gains nothing from a clock that goes back', () => {
    const bucket = tokenBucket(1, 1);
    expect(bucket.take(10_000)).toBe(true);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(10_500)).toBe(false);
    expect(bucket.take(11_000)).toBe(true);
  });
});

describe('limits', () => {
  const options = { maxCalls: 3, maxCallsPerSecond: 100, maxCallsPerSource: 2 };

  it('refuse past the number of calls until one ends, whose place is given back once', () => {
    const limits = createLimits(options);
    const first = limits.admit(null, 0);
    limits.admit(null, 0);
    limits.admit(null, 0);
    expect(limits.admit(null, 0)).toMatchObject({ admitted: false, limit: 'calls', retryAfterSeconds: 10 });
    if (!first.admitted) throw new Error('refused');
    first.release();
    first.release();
    expect(limits.calls).toBe(2);
    expect(limits.admit(null, 0).admitted).toBe(true);
    expect(limits.admit(null, 0).admitted).toBe(false);
  });

  it('cap a source without a log-in, and only that source', () => {
    const limits = createLimits(options);
    const first = limits.admit('192.0.2.1', 0);
    limits.admit('192.0.2.1', 0);
    expect(limits.admit('192.0.2.1', 0)).toMatchObject({ admitted: false, limit: 'source' });
    expect(limits.admit('192.0.2.2', 0).admitted).toBe(true);
    if (!first.admitted) throw new Error('refused');
    first.release();
    expect(limits.admit('192.0.2.1', 0).admitted).toBe(true);
  });

  it('never refuse an emergency call, and count it', () => {
    const limits = createLimits({ maxCalls: 1, maxCallsPerSecond: 1, maxCallsPerSource: 1 });
    expect(limits.admit('192.0.2.1', 0).admitted).toBe(true);
    expect(limits.admit('192.0.2.1', 0, true).admitted).toBe(true);
    expect(limits.calls).toBe(2);
    expect(limits.admit(null, 9000).admitted).toBe(false);
  });

  it('cap the rate with a time to come back, and count nobody who was refused', () => {
    const limits = createLimits({ maxCalls: 100, maxCallsPerSecond: 1, maxCallsPerSource: 100 });
    expect(limits.admit(null, 0).admitted).toBe(true);
    expect(limits.admit(null, 1)).toMatchObject({ admitted: false, limit: 'rate', retryAfterSeconds: 1 });
    expect(limits.calls).toBe(1);
  });
});
