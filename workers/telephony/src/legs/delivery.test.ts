import type { LegEnvelope } from '@callwright/contract';
import { describe, expect, it } from 'vitest';
import { createDelivery, type SignalOutcome } from './delivery.ts';

const event = (n: number): LegEnvelope => ({ leg: 'c/leg/0', n, at: n, body: { type: 'held' } });
const quick = { firstPauseMs: 1, longestPauseMs: 2 };

function recorder(outcomes: SignalOutcome[] = []) {
  const batches: { callId: string; numbers: number[] }[] = [];
  const noCall: string[] = [];
  const delivery = createDelivery({
    ...quick,
    signal: async (_companyId, callId, events) => {
      batches.push({ callId, numbers: events.map((e) => e.n) });
      return outcomes.shift() ?? 'sent';
    },
    onNoCall: (callId) => noCall.push(callId),
  });
  return { batches, noCall, delivery };
}

describe('delivery of leg events', () => {
  it('sends what came meanwhile in one batch', async () => {
    const { batches, delivery } = recorder();
    for (const n of [1, 2, 3]) delivery.send('co', 'c', event(n));
    await delivery.settle(500);
    expect(batches.map((b) => b.numbers)).toEqual([[1], [2, 3]]);
  });

  it('tries again in order until it is taken', async () => {
    const { batches, delivery } = recorder(['failed', 'failed', 'sent']);
    delivery.send('co', 'c', event(1));
    delivery.send('co', 'c', event(2));
    await delivery.settle(500);
    expect(batches.map((b) => b.numbers)).toEqual([[1], [1, 2], [1, 2]]);
  });

  it('counts a signal that throws as failed', async () => {
    let calls = 0;
    const delivery = createDelivery({
      ...quick,
      signal: async () => {
        calls += 1;
        if (calls === 1) throw new Error('unavailable');
        return 'sent';
      },
      onNoCall: () => {},
    });
    delivery.send('co', 'c', event(1));
    await delivery.settle(500);
    expect(calls).toBe(2);
  });

  it('holds back until the workflow has started', async () => {
    const { batches, delivery } = recorder();
    delivery.hold('co', 'c');
    delivery.send('co', 'c', event(1));
    delivery.send('co', 'c', event(2));
    await new Promise((resume) => setTimeout(resume, 10));
    expect(batches).toEqual([]);
    delivery.open('c');
    await delivery.settle(500);
    expect(batches.map((b) => b.numbers)).toEqual([[1, 2]]);
  });

  it('says once that there is no such call, and forgets its events', async () => {
    const { batches, noCall, delivery } = recorder(['no-call']);
    delivery.send('co', 'c', event(1));
    delivery.send('co', 'other', event(1));
    await delivery.settle(500);
    expect(noCall).toEqual(['c']);
    expect(batches.map((b) => b.callId).sort()).toEqual(['c', 'other']);
  });

  it('keeps one slow call from holding back another', async () => {
    const seen: string[] = [];
    const delivery = createDelivery({
      ...quick,
      signal: async (_companyId, callId) => {
        if (callId === 'slow') return 'failed';
        seen.push(callId);
        return 'sent';
      },
      onNoCall: () => {},
    });
    delivery.send('co', 'slow', event(1));
    delivery.send('co', 'quick', event(1));
    await new Promise((resume) => setTimeout(resume, 20));
    expect(seen).toEqual(['quick']);
    delivery.close();
  });
});
