import type { EarlierOperation } from '@callwright/contract';
import { describe, expect, it } from 'vitest';
import { createOrder } from './order.ts';

const state = async (work: Promise<unknown>): Promise<string> =>
  Promise.race([work.then(() => 'through'), new Promise<string>((done) => setTimeout(done, 20, 'waits'))]);
const earlier = (op: string, kind: EarlierOperation['kind'] = 'media.bridge'): EarlierOperation[] => [{ op, kind }];

describe('order of operations', () => {
  it('waits for what is not here yet, as far as asked', async () => {
    const order = createOrder(5000);
    const [entered, begun] = [order.behind(earlier('a'), 'entered', true), order.behind(earlier('a'), 'begun', true)];
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
    expect(await state(order.behind(earlier('a'), 'entered', true))).toBe('through');
    expect(await state(order.behind([], 'begun', true))).toBe('through');
  });

  it('goes ahead of a background sound that has not begun, which is told so', async () => {
    const order = createOrder(5000);
    order.reached('b', 'entered');
    order.reached('c', 'begun');
    const sounds = ['a', 'b', 'c'].flatMap((op) => earlier(op, 'media.background'));
    expect(await state(order.behind(sounds, 'begun', true))).toBe('through');
    expect(['a', 'b', 'c'].map(order.overtaken)).toEqual([true, true, false]);
  });

  it('waits for a background sound whose place it does not take: keys are listened for while music plays', async () => {
    const order = createOrder(5000);
    const listening = order.behind(earlier('a', 'media.background'), 'begun', false);
    expect(await state(listening)).toBe('waits');
    order.reached('a', 'begun');
    expect(await listening).toEqual([]);
    expect(order.overtaken('a')).toBe(false);
  });

  it('goes on without what is lost; that is carried out all the same when it comes', async () => {
    const order = createOrder(1);
    const lost = [...earlier('a'), ...earlier('b', 'media.background')];
    expect(await order.behind(lost, 'begun', false)).toEqual(['a', 'b']);
    expect([order.overtaken('a'), order.overtaken('b')]).toEqual([false, false]);
  });

  it('forgets', async () => {
    const order = createOrder(5000);
    await order.behind(earlier('a', 'media.background'), 'begun', true);
    expect(order.overtaken('a')).toBe(true);
    order.forget('a');
    expect(order.overtaken('a')).toBe(false);
  });
});
