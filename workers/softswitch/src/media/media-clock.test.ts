import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaClock, PHASE_MS } from './media-clock.ts';

describe('media clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ticks once per 20 ms, the first time about one frame after joining', () => {
    const clock = new MediaClock(() => undefined);
    clock.start();
    vi.advanceTimersByTime(103);
    const ticks: number[] = [];
    const joined = clock.now();
    const leave = clock.join(() => ticks.push(clock.now() - joined));
    vi.advanceTimersByTime(200);
    expect(ticks[0]).toBeGreaterThanOrEqual(17);
    expect(ticks[0]).toBeLessThanOrEqual(24);
    expect(ticks.length).toBeGreaterThanOrEqual(9);
    for (let i = 1; i < ticks.length; i++) expect(Math.abs(ticks[i]! - ticks[i - 1]! - 20)).toBeLessThanOrEqual(1);
    leave();
    const before = ticks.length;
    vi.advanceTimersByTime(100);
    expect(ticks.length).toBe(before);
    clock.stop();
  });

  it('does not drift: a thousand frames take twenty seconds', () => {
    const clock = new MediaClock(() => undefined);
    clock.start();
    let count = 0;
    clock.join(() => count++);
    vi.advanceTimersByTime(20_000);
    expect(Math.abs(count - 1000)).toBeLessThanOrEqual(1);
    clock.stop();
  });

  it('joining in each phase, first tick within [17, 24] ms, never at once', () => {
    const clock = new MediaClock(() => undefined);
    clock.start();
    for (let offset = 0; offset < 40; offset++) {
      const joined = clock.now();
      let first = 0;
      const leave = clock.join(() => {
        first ||= clock.now() - joined;
      });
      vi.advanceTimersByTime(40);
      expect(first).toBeGreaterThanOrEqual(17);
      expect(first).toBeLessThanOrEqual(24);
      leave();
      vi.advanceTimersByTime(1);
    }
    clock.stop();
  });

  it('has no timer while nobody is joined, and keeps its schedule over the pause', () => {
    const clock = new MediaClock(() => undefined);
    clock.start();
    expect(vi.getTimerCount()).toBe(0);
    const first: number[] = [];
    const leave = clock.join((nowMs) => first.push(nowMs));
    vi.advanceTimersByTime(100);
    leave();
    vi.advanceTimersByTime(1003);
    expect(vi.getTimerCount()).toBe(0);
    const second: number[] = [];
    clock.join((nowMs) => second.push(nowMs));
    vi.advanceTimersByTime(100);
    expect(second.length).toBeGreaterThanOrEqual(4);
    expect(Math.abs((second[0]! - first[0]!) % PHASE_MS)).toBeLessThan(0.001);
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after a stall it catches up a bounded number of phases and is on schedule again', () => {
    let real = 0;
    const late: number[] = [];
    vi.spyOn(performance, 'now').mockImplementation(() => real);
    const clock = new MediaClock((ms) => late.push(ms));
    clock.start();
    let ticks = 0;
    clock.join(() => ticks++);
    real = 1000;
    vi.advanceTimersByTime(PHASE_MS);
    expect(ticks).toBeLessThanOrEqual(3);
    expect(Math.max(...late)).toBeLessThanOrEqual(60);
    clock.stop();
    vi.restoreAllMocks();
  });
});
