/** Undo and redo: a list of drafts. Typing in one field is one step. */
import type { Draft } from './draft.ts';

export interface History {
  readonly past: readonly Draft[];
  readonly draft: Draft;
  readonly future: readonly Draft[];
  /** Changes with this key that follow one another are one step; null = the next change is a step of its own. */
  readonly joinKey: string | null;
}

/** Steps kept; older ones are forgotten. */
const MOST_STEPS = 200;

export const startHistory = (draft: Draft): History => ({ past: [], draft, future: [], joinKey: null });

export function record(history: History, next: Draft, joinKey: string | null = null): History {
  if (next === history.draft) return history;
  const joins = joinKey !== null && joinKey === history.joinKey;
  const past = joins ? history.past : [...history.past, history.draft].slice(-MOST_STEPS);
  return { past, draft: next, future: [], joinKey };
}

export function undo({ past, draft, future }: History): History | null {
  const before = past.at(-1);
  return before ? { past: past.slice(0, -1), draft: before, future: [draft, ...future], joinKey: null } : null;
}

export function redo({ past, draft, future }: History): History | null {
  const next = future[0];
  return next ? { past: [...past, draft], draft: next, future: future.slice(1), joinKey: null } : null;
}
