import { beforeEach, describe, expect, it } from 'vitest';
import { Latch, RELATCH_AFTER_MS } from './latch.ts';

describe('symmetric RTP latch', () => {
  let latch: Latch;
  beforeEach(() => {
    latch = new Latch();
    latch.signal('10.0.0.1', 4000);
  });

  it('sends to the signalled address until somebody speaks, then to whoever spoke first', () => {
    expect([latch.address, latch.port]).toEqual(['10.0.0.1', 4000]);
    expect(latch.accept('192.0.2.7', 61000, 1, 0)).toBe(true);
    expect([latch.address, latch.port]).toEqual(['192.0.2.7', 61000]);
  });

  it('drops everybody else while the latched one speaks, even with its SSRC', () => {
    latch.accept('192.0.2.7', 61000, 1, 0);
    expect(latch.accept('203.0.113.9', 5000, 2, 10)).toBe(false);
    expect(latch.accept('203.0.113.9', 5000, 1, 20)).toBe(false);
    expect(latch.accept('192.0.2.7', 61001, 1, 30)).toBe(false);
    expect(latch.address).toBe('192.0.2.7');
  });

  it('follows the same SSRC to a new place after a silence, no other', () => {
    latch.accept('192.0.2.7', 61000, 1, 0);
    expect(latch.accept('203.0.113.9', 5000, 2, RELATCH_AFTER_MS)).toBe(false);
    expect(latch.accept('192.0.2.7', 61044, 1, RELATCH_AFTER_MS)).toBe(true);
    expect(latch.port).toBe(61044);
  });

  it('lets the signalled address take over from a stranger who came first', () => {
    latch.accept('203.0.113.9', 5000, 2, 0);
    expect(latch.accept('10.0.0.1', 4000, 1, 10)).toBe(true);
    expect(latch.accept('203.0.113.9', 5000, 2, 20)).toBe(false);
  });

  it('moves a bounded number of times per negotiation', () => {
    latch.accept('192.0.2.7', 1, 1, 0);
    let moves = 0;
    for (let i = 1; i < 50; i++) if (latch.accept('192.0.2.7', 1 + i, 1, i * RELATCH_AFTER_MS)) moves++;
    expect(moves).toBe(8);
    latch.signal('10.0.0.2', 4000);
    expect(latch.accept('198.51.100.1', 7, 9, 0)).toBe(true);
  });
});
