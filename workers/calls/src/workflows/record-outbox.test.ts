import type { CallRecord } from '@callwright/engine';
import { describe, expect, it } from 'vitest';
import { recordOutbox } from './record-outbox.ts';

const records = (...numbers: number[]): CallRecord[] =>
  numbers.map((n) => ({ n, at: n, stream: 'fact', type: 'log', body: {} }));
const numbers = (list: readonly CallRecord[]) => list.map((r) => r.n);

describe('record outbox', () => {
  it('gives each record to one rider', () => {
    const outbox = recordOutbox([]);
    outbox.add(records(1, 2));
    expect(numbers(outbox.load('op1'))).toEqual([1, 2]);
    expect(outbox.load('op2')).toEqual([]);
    expect([outbox.waiting, outbox.empty]).toEqual([false, false]);
    outbox.unload('op1', 2);
    outbox.unload('op2', 0);
    expect(outbox.empty).toBe(true);
  });

  it('keeps what a rider did not store, in order before what came later', () => {
    const outbox = recordOutbox([]);
    outbox.add(records(1, 2, 3));
    outbox.load('op1');
    outbox.add(records(4));
    outbox.unload('op1', 1);
    expect(numbers(outbox.load('op2'))).toEqual([2, 3, 4]);
  });

  it('does not take a later rider’s number for an earlier rider’s records', () => {
    const outbox = recordOutbox([]);
    outbox.add(records(1, 2));
    outbox.load('op1');
    outbox.add(records(3));
    outbox.load('op2');
    outbox.unload('op2', 3);
    outbox.unload('op1', 0);
    expect(numbers(outbox.load('store'))).toEqual([1, 2]);
  });

  it('takes back what its riders never confirmed', () => {
    const outbox = recordOutbox(records(1));
    outbox.add(records(2));
    outbox.load('op1');
    outbox.add(records(3));
    expect(numbers(outbox.all)).toEqual([1, 2, 3]);
    outbox.reclaim();
    expect(numbers(outbox.load('store'))).toEqual([1, 2, 3]);
    outbox.unload('op1', 0);
    outbox.unload('store', 3);
    expect(outbox.empty).toBe(true);
  });

  it('tells that the answer to a command from outside waits, until something carries it', () => {
    const outbox = recordOutbox(records(1));
    expect(outbox.answering).toBe(false);
    outbox.add([{ ...records(2)[0]!, type: 'control.done' }]);
    expect(outbox.answering).toBe(true);
    outbox.load('op1');
    expect(outbox.answering).toBe(false);
    outbox.unload('op1', 0);
    expect(outbox.answering).toBe(true);
  });

  it('loads in batches', () => {
    const outbox = recordOutbox([]);
    outbox.add(records(...[...Array(450).keys()].map((i) => i + 1)));
    expect([outbox.load('a').length, outbox.load('b').length, outbox.load('c').length]).toEqual([200, 200, 50]);
  });
});
