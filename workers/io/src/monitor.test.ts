import { describe, expect, it } from 'vitest';
import { leaseWatch } from './monitor.ts';

const lease = (renewed: number, instance = 'a.1') => ({ instance, renewed: String(renewed) });

describe('lease watch', () => {
  it('gives up a lease that stood unrenewed for its whole time', () => {
    const watch = leaseWatch(10_000);
    for (let t = 0; t < 10_000; t += 1000) expect(watch.look(t, [lease(1)])).toEqual([]);
    expect(watch.look(10_000, [lease(1)])).toEqual(['a.1']);
  });

  it('starts again with each renewal', () => {
    const watch = leaseWatch(10_000);
    for (let t = 0; t < 60_000; t += 1000) expect(watch.look(t, [lease(Math.floor(t / 9000))])).toEqual([]);
  });

  it('does not count time in which it saw nothing', () => {
    const watch = leaseWatch(10_000);
    for (let t = 0; t < 9000; t += 1000) watch.look(t, [lease(1)]);
    watch.blind();
    for (let t = 40_000; t < 50_000; t += 1000) expect(watch.look(t, [lease(1)])).toEqual([]);
    expect(watch.look(50_000, [lease(1)])).toEqual(['a.1']);
  });

  it('does not count a gap between two looks: the store may have hung, and the renewals with it', () => {
    const watch = leaseWatch(10_000);
    for (let t = 0; t < 3000; t += 1000) watch.look(t, [lease(1)]);
    expect(watch.look(17_000, [lease(1)])).toEqual([]);
    for (let t = 18_000; t < 27_000; t += 1000) expect(watch.look(t, [lease(1)])).toEqual([]);
    expect(watch.look(27_000, [lease(1)])).toEqual(['a.1']);
  });

  it('watches each instance for itself and forgets those that are gone', () => {
    const watch = leaseWatch(3000);
    watch.look(0, [lease(1), lease(1, 'b.1')]);
    expect(watch.look(3000, [lease(1), lease(2, 'b.1')])).toEqual(['a.1']);
    watch.look(4000, [lease(2, 'b.1')]);
    expect(watch.look(5000, [lease(1), lease(2, 'b.1')])).toEqual([]);
  });
});
