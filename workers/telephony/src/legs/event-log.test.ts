import { describe, expect, it } from 'vitest';
import { createEventLog } from './event-log.ts';

describe('event log of a leg', () => {
  it('numbers without gaps and keeps what is above the acknowledged number', () => {
    const log = createEventLog('c/leg/0');
    expect([
      log.append({ type: 'held' }, 5).n,
      log.append({ type: 'resumed' }, 6).n,
      log.append({ type: 'held' }, 7).n,
    ]).toEqual([1, 2, 3]);
    log.acknowledge(1);
    expect(log.after(0).map((e) => e.n)).toEqual([2, 3]);
    expect(log.after(2)).toEqual([{ leg: 'c/leg/0', n: 3, at: 7, body: { type: 'held' } }]);
    log.acknowledge(3);
    expect(log.after(0)).toEqual([]);
    expect(log.append({ type: 'resumed' }, 8).n).toBe(4);
  });

  it('ignores an acknowledgement that goes back or names what was never said', () => {
    const log = createEventLog('c/leg/0');
    log.append({ type: 'held' }, 1);
    log.append({ type: 'resumed' }, 2);
    log.acknowledge(2);
    log.acknowledge(1);
    expect(log.acknowledged).toBe(2);
    log.acknowledge(9);
    expect(log.acknowledged).toBe(2);
    expect(log.append({ type: 'held' }, 3).n).toBe(3);
    expect(log.after(0).map((e) => e.n)).toEqual([3]);
  });
});
