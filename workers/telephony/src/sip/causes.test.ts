import { describe, expect, it } from 'vitest';
import { bestStatus, causeOfStatus, reasonHeader, statusOfCause } from './causes.ts';

describe('causes', () => {
  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'rejected'],
    [403, 'rejected'],
    [480, 'unavailable'],
    [404, 'unavailable'],
    [410, 'unavailable'],
    [302, 'unavailable'],
    [408, 'no-answer'],
    [503, 'congestion'],
    [488, 'incompatible'],
    [487, 'cancelled'],
    [500, 'failed'],
    [499, 'failed'],
  ])('%i is %s', (status, cause) => {
    expect(causeOfStatus(status)).toBe(cause);
  });

  it('refuses with a final status for every cause', () => {
    for (const cause of ['normal', 'busy', 'not-found', 'forbidden', 'media-lost', 'answered-elsewhere'] as const) {
      expect(statusOfCause(cause)).toBeGreaterThanOrEqual(400);
    }
  });

  it('merges forks as RFC 3261 §16.7 says', () => {
    expect(bestStatus([404, 486, 480])).toBe(486);
    expect(bestStatus([486, 603])).toBe(603);
    expect(bestStatus([503, 404])).toBe(404);
    expect(bestStatus([503, 302])).toBe(302);
    expect(bestStatus([501])).toBe(501);
    expect(bestStatus([])).toBe(480);
  });

  it('tells phones that a call was answered elsewhere', () => {
    expect(reasonHeader('answered-elsewhere')).toContain('cause=200');
    expect(reasonHeader('cancelled')).toBeUndefined();
  });
});
