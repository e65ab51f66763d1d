/** Standing requests as rows, so that a pool that is ended from outside and started again still knows who waits. */
import type { PoolRequest, PoolRequestChange, PoolState } from './protocol.ts';

/**
 * What `pool.store` says of requests, empty when it can wait: a request that stands ungranted is written at once; that one was granted,
 * withdrawn or used up goes with the next change. Until then its row is out of date, which does no harm: what a rebuilt pool grants to
 * nobody comes back.
 */
export function requestChanges(state: PoolState, before: readonly PoolRequest[], otherChanges: boolean) {
  const known = new Map(before.map((one) => [one.request, JSON.stringify(one)]));
  const now = new Map(state.requests.map((one) => [one.request, one]));
  const unstored = new Set(state.unstored ?? []);
  for (const [name, request] of now) if (known.get(name) !== JSON.stringify(request)) unstored.add(name);
  for (const name of known.keys()) if (!now.has(name)) unstored.add(name);
  // who has left a queue is seen no more
  const left = before.some((one) => one.queue !== undefined && !now.has(one.request));
  const waits = left || [...unstored].some((name) => now.get(name)?.current === null);
  delete state.unstored;
  if (!otherChanges && !waits) {
    if (unstored.size > 0) state.unstored = [...unstored];
    return [];
  }
  return [...unstored].map((name): PoolRequestChange => ({ request: name, standing: now.get(name) ?? null }));
}
