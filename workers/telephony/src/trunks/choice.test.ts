import type { TelephonyTrunk, TrunkState } from '@callwright/store';
import { describe, expect, it } from 'vitest';
import { exhausted, failsOver, orderTrunks } from './choice.ts';

const trunk = (id: string, state: TrunkState = 'registered') => ({ id, state }) as TelephonyTrunk;

describe('the order of trunks', () => {
  it('is the call’s own, each once, without those that are not there', () => {
    const found = [trunk('c'), trunk('a')];
    expect(orderTrunks(['a', 'b', 'c', 'a'], found).map(({ id }) => id)).toEqual(['a', 'c']);
  });
  it('puts those out of order last, but keeps them', () => {
    const found = [trunk('a', 'refused'), trunk('b', 'unreachable'), trunk('c', 'unknown'), trunk('d', 'reachable')];
    expect(orderTrunks(['a', 'b', 'c', 'd'], found).map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b']);
  });
});

describe('going on', () => {
  it('is for faults of the trunk', () => {
    for (const status of [302, 401, 403, 407, 408, 429, 488, 500, 503, 504, 580, 606])
      expect(failsOver(status), `${status}`).toBe(true);
  });
  it('is not for what the called party or the number is to blame for', () => {
    for (const status of [404, 410, 480, 484, 486, 487, 600, 603, 604, 607])
      expect(failsOver(status), `${status}`).toBe(false);
  });
  it('ends with congestion, or with media when that was the last fault', () => {
    expect([exhausted([]), exhausted([488, 500]), exhausted([408]), exhausted([503, 488])]).toEqual([
      503, 503, 503, 488,
    ]);
  });
});
