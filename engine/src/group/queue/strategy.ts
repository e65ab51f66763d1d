/** What queue strategies share: an agent as they see him, and the offer they decide. */
import type { QueueRules } from '../../protocol/index.ts';
import type { Tally } from './state.ts';

/** An agent who is free, logged in, not paused and fit for the caller. */
export interface Candidate {
  readonly userId: string;
  /** His place in the queue's list. */
  readonly listed: number;
  readonly loggedInAt: number;
  readonly rank: number;
  readonly weight: number;
  /** How far his skills go beyond what the caller needs. */
  readonly fitness: number;
  /** His place among the caller's preferred agents; null = not one of them. */
  readonly preferred: number | null;
  readonly idleSince: number;
  readonly lastStartAt: number | null;
  readonly lastEndAt: number | null;
  readonly total: Tally;
  readonly inQueue: Tally;
}

/** A caller to be served. */
export interface Offer {
  readonly at: number;
  readonly rules: QueueRules;
  /** Who was offered to this caller, oldest first. */
  readonly offered: readonly string[];
  /** How many ring for this caller now. */
  readonly ringing: number;
  /** Progressive: when the last one began to ring. */
  readonly steppedAt: number | null;
  /** Where the agent stands whom the queue offered last. */
  readonly pointer: { readonly listed: number; readonly loggedInAt: number } | null;
  readonly seed: number;
}

export interface QueueStrategy {
  /** Several ring for one caller at once. */
  readonly together: boolean;
  /** Whom to ring now, of candidates in the order of the list; none = nobody for now. */
  choose(candidates: readonly Candidate[], offer: Offer): readonly Candidate[];
}

type Key = (candidate: Candidate) => number;

/** One at a time: lowest first by these keys, then as listed. */
export function oneBy(...keys: readonly Key[]): QueueStrategy {
  const compare = (a: Candidate, b: Candidate): number => {
    for (const key of keys) if (key(a) !== key(b)) return key(a) - key(b);
    return a.listed - b.listed;
  };
  return { together: false, choose: (candidates) => [...candidates].sort(compare).slice(0, 1) };
}

/** The first candidate listed after this place, else the first of all. */
export function after(candidates: readonly Candidate[], listed: number): readonly Candidate[] {
  const next = candidates.find((candidate) => candidate.listed > listed);
  return next ? [next] : candidates.slice(0, 1);
}

/** Never before any time: agents without a call yet come first. */
export const longAgo = (at: number | null): number => at ?? Number.NEGATIVE_INFINITY;
