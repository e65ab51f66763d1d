import { describe, expect, it } from 'vitest';
import { createOrder } from './order.ts';

const state = async (work: Promise<void>): Promise<string> =>
  Promise.race([work.then(() => 'through'), new Promise<string>((done) => setTimeout(done, 20, 'waits'))]);

describe('order of operations', () => {
  it('waits for what is not here yet, as far as asked', async () => {
    const order = createOrder(5000);
    const [entered, begun] = [order.behind(['a'], 'entered'), order.behind(['a'], 'begun')];
    expect(await state(entered)).toBe('waits');
    order.reached('a', 'entered');
    expect([await state(entered), await state(begun)]).toEqual(['through', 'waits']);
    order.reached('a', 'begun');
    expect(await state(begun)).toBe('through');
    expect(order.overtaken('a')).toBe(false);
  });

  it('does not wait for what was here before, nor for nothing', async () => {
    const order = createOrder(5000);
    order.reached('a', 'begun');
    expect(await state(order.behind(['a'], 'entered'))).toBe('through');
    expect(await state(order.behind([], 'begun'))).toBe('through');
  });

  it('goes on without what is lost, and says so to whoever brings it late', async () => {
    const order = createOrder(1);
    await order.behind(['a', 'b'], 'begun');
    expect([order.overtaken('a'), order.overtaken('c')]).toEqual([true, false]);
    order.forget('a');
    expect(order.overtaken('a')).toBe(false);
  });
});
