import type { LegEnvelope } from '@callwright/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legOrder } from './leg-order.ts';

const event = (n: number, leg = 'a'): LegEnvelope => ({ leg, n, at: n, body: { type: 'key', digit: String(n % 10) } });
const numbers = (envelopes: readonly LegEnvelope[]) => envelopes.map((e) => e.n);

describe('leg order', () => {
  it('gives every number once and in order, whatever the order and repetition of arrival', () => {
    const arrivals = fc.integer({ min: 1, max: 30 }).chain((n) =>
      fc.tuple(
        fc.shuffledSubarray(
          [...Array(n).keys()].map((i) => i + 1),
          { minLength: n, maxLength: n },
        ),
        fc.array(fc.integer({ min: 1, max: n }), { maxLength: 20 }),
      ),
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 5 }), ([shuffled, repeats], batch) => {
        const order = legOrder();
        order.know('a', 0);
        const out: number[] = [];
        const all = [...shuffled.flatMap((n, i) => (repeats[i] ? [n, repeats[i]] : [n])), ...repeats];
        for (let i = 0; i < all.length; i += batch) {
          out.push(...numbers(order.offer(all.slice(i, i + batch).map((n) => event(n)))));
        }
        expect(out).toEqual(shuffled.toSorted((a, b) => a - b));
        expect(order.gaps()).toEqual([]);
      }),
    );
  });

  it('tells its gaps, and gives what it holds when the gap is given up', () => {
    const order = legOrder();
    order.know('a', 0);
    expect(numbers(order.offer([event(1), event(4), event(3)]))).toEqual([1]);
    expect(order.gaps()).toEqual([{ leg: 'a', after: 1 }]);
    expect(numbers(order.skip('a'))).toEqual([3, 4]);
    expect(order.gaps()).toEqual([]);
    expect(numbers(order.offer([event(2), event(5)]))).toEqual([5]);
  });

  it('holds what comes for a leg that is not yet the call’s, then starts after what the giver processed', () => {
    const order = legOrder();
    expect(order.offer([event(7, 'moved'), event(5, 'moved'), event(6, 'moved')])).toEqual([]);
    expect(order.gaps()).toEqual([]);
    expect(numbers(order.know('moved', 5))).toEqual([6, 7]);
  });

  it('never goes back: a lower number known later changes nothing', () => {
    const order = legOrder();
    order.know('a', 0);
    order.offer([event(1), event(2)]);
    expect(order.know('a', 0)).toEqual([]);
    expect(order.offer([event(1), event(2)])).toEqual([]);
  });

  it('drops what comes for a closed leg', () => {
    const order = legOrder();
    order.know('a', 0);
    expect(numbers(order.offer([event(2)]))).toEqual([]);
    expect(numbers(order.close('a'))).toEqual([2]);
    expect(order.offer([event(1), event(3)])).toEqual([]);
    expect(order.gaps()).toEqual([]);
  });

  it('keeps legs apart', () => {
    const order = legOrder();
    order.know('a', 0);
    order.know('b', 0);
    expect(order.offer([event(2, 'a'), event(1, 'b')]).map((e) => e.leg)).toEqual(['b']);
  });

  it('does not hold without end', () => {
    const order = legOrder();
    order.know('a', 0);
    const out = order.offer([...Array(1001).keys()].map((i) => event(i + 2)));
    expect(out).toHaveLength(1001);
  });
});
