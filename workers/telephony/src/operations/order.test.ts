import type { EarlierOperation } from '@callwright/contract';
import { describe, expect, it } from 'vitest';
import { createOrder } from './order.ts';

const state = async (work: Promise<unknown>): Promise<string> =>
  Promise.race([work.then(() => 'through'), new Promise<string>((done) => setTimeout(done, 20, 'waits'))]);
const earlier = (op: string, kind: EarlierOperation['kind'] = 'media.bridge'): EarlierOperation[] => [{ op, kind }];

describe('order of operations', () => {
  it('waits for what is not here yet, as far as asked', async () => {
    const order = createOrder(5000);
    const [entered, begun] = [order.behind(earlier('a'), 'entered'), order.behind(earlier('a'), 'begun')];
    expect(await state(entered)).toBe('waits');
    order.reached('a', 'entered');
    expect([await state(entered), await state(begun)]).toEqual(['through', 'waits']);
    order.reached('a', 'begun');
    expect(await begun).toEqual([]);
    expect(order.overtaken('a')).toBe(false);
  });

  it('does not wait for what was here before, nor for nothing', async () => {
    const order = createOrder(5000);
    order.reached('a', 'begun');
    expect(await state(order.behind(earlier('a'), 'entered'))).toBe('through');
    expect(await state(order.behind([], 'begun'))).toBe('through');
  });

  it('goes ahead of a background sound that has not begun, which is told so', async () => {
    const order = createOrder(5000);
    order.reached('b', 'entered');
    order.reached('c', 'begun');
    const sounds = ['a', 'b', 'c'].flatMap((op) => earlier(op, 'media.background'));
    expect(await state(order.behind(sounds, 'begun'))).toBe('through');
    expect(['a', 'b', 'c'].map(order.overtaken)).toEqual([true, true, false]);
  });

  it('goes on without what is lost, and says so to whoever brings it late', async () => {
    const order = createOrder(1);
    expect(await order.behind([...earlier('a'), ...earlier('b')], 'begun')).toEqual(['a', 'b']);
    expect([order.overtaken('a'), order.overtaken('c')]).toEqual([true, false]);
    order.forget('a');
    expect(order.overtaken('a')).toBe(false);
  });
});
