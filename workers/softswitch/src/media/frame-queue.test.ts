import { describe, expect, it } from 'vitest';
import { FrameQueue } from './frame-queue.ts';

const frame = (value: number): Int16Array => new Int16Array(160).fill(value);

describe('frame queue', () => {
  it('keeps two frames back, then gives them in order', () => {
    const queue = new FrameQueue();
    queue.push(frame(1), 160);
    expect(queue.next()).toBe(false);
    queue.push(frame(2), 160);
    expect(queue.next()).toBe(true);
    expect(queue.frame[0]).toBe(1);
    expect(queue.next()).toBe(true);
    expect(queue.frame[159]).toBe(2);
    expect(queue.next()).toBe(false);
    expect(queue.filled).toBe(false);
  });

  it('drops the oldest when a sender runs ahead, so delay stays bounded', () => {
    const queue = new FrameQueue();
    for (let i = 0; i < 50; i++) queue.push(frame(i), 160);
    queue.next();
    expect(queue.frame[0]).toBeGreaterThanOrEqual(43);
  });

  it('takes packets of other lengths', () => {
    const queue = new FrameQueue();
    for (let i = 0; i < 4; i++) queue.push(new Int16Array(80).fill(i), 80);
    expect(queue.next()).toBe(true);
    expect([queue.frame[0], queue.frame[80]]).toEqual([0, 1]);
  });
});
