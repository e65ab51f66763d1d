/** Matching of standing requests with free users: older requests first, each by its own order and want. */
import { shuffle } from '../../chance.ts';
import type { PoolMessage } from '../../protocol/index.ts';
import type { PoolRequest, PoolState } from './protocol.ts';

/** What a match means for a call. */
export type Match =
  | { readonly match: 'grant'; readonly request: PoolRequest; readonly userId: string }
  | { readonly match: 'none'; readonly request: PoolRequest; readonly exhausted: boolean };

type Request = Extract<PoolMessage, { type: 'pool.request' }>;

/** The candidates in the order in which this request offers them. */
export function orderCandidates(state: PoolState, message: Request): string[] {
  const unique = [...new Set(message.candidates)];
  if (message.order === 'random') return shuffle(unique, message.seed);
  if (message.order === 'given' || message.rotation === null) return unique;
  const last = unique.indexOf(state.pointers[message.rotation] ?? '');
  return [...unique.slice(last + 1), ...unique.slice(0, last + 1)];
}

/** Free for this request: not occupied at all, or occupied once, talking, where call waiting is allowed. */
function isFree(state: PoolState, request: PoolRequest, userId: string): boolean {
  const occupations = state.users[userId] ?? [];
  if (occupations.length === 0) return true;
  const mayWait = request.allowBusy || request.waiting?.includes(userId) === true;
  return mayWait && occupations.length === 1 && occupations[0]?.state !== 'offered';
}

/** The request was made for a group that does not ring while its first member is occupied, and he is; judged before anybody rings. */
function isBarred(state: PoolState, request: PoolRequest): boolean {
  return !!request.unlessBusy && request.tried.length === 0 && (state.users[request.unlessBusy] ?? []).length > 0;
}

/** The next thing to tell a call, or null when all requests stand as they are. `grant` is noted by the caller before it asks again. */
export function nextMatch(state: PoolState, at: number): Match | null {
  for (const request of state.requests) {
    const match = matchOne(state, request);
    if (match && (match.match === 'grant' || !mayStand(state, request, at))) return match;
  }
  return null;
}

/** Nobody is free, but somebody may be in a moment, and the request has time. */
function mayStand(state: PoolState, request: PoolRequest, at: number): boolean {
  if ((request.noneAt ?? 0) <= at || request.tried.length > 0) return false;
  return request.candidates.some((userId) => state.users[userId] !== undefined);
}

/** When a request that still has time is to be judged; null when none does. */
export function nextNone(state: PoolState, at: number): number | null {
  const times = state.requests.flatMap(({ noneAt, toldNone }) => (noneAt && noneAt > at && !toldNone ? [noneAt] : []));
  return times.length === 0 ? null : Math.min(...times);
}

function matchOne(state: PoolState, request: PoolRequest): Match | null {
  if (request.queue) return null;
  if (request.want === 'one' && request.current !== null) return null;
  if (isBarred(state, request)) return request.toldNone ? null : { match: 'none', request, exhausted: true };
  const untried = request.candidates.filter((userId) => !request.tried.includes(userId));
  const userId = untried.find((candidate) => isFree(state, request, candidate));
  if (userId !== undefined) return { match: 'grant', request, userId };
  if (request.toldNone || (request.want === 'all' && request.tried.length > 0)) return null;
  return { match: 'none', request, exhausted: untried.length === 0 };
}
