/**
 * Revision closures by hash, per process: the codec takes them from here, and only the first use of a revision asks the store.
 */
import type { RevisionClosure } from '@callwright/engine';

/** Reads a published closure from the store, or null where the company has none of that hash. */
export type ClosureSource = (companyId: string, hash: string) => Promise<RevisionClosure | null>;

/** A revision that a payload names is not in the store: a broken installation, since a named revision is never deleted. */
export class UnknownRevisionError extends Error {
  readonly code = 'CON_UNKNOWN_REVISION';
  constructor() {
    super('A payload names a revision that the store does not hold.');
    this.name = 'UnknownRevisionError';
  }
}

export interface ClosureCache {
  /** The closure, or null where there is none. Rejects with the store's error when it cannot be asked. */
  find(companyId: string, hash: string): Promise<RevisionClosure | null>;
  /**
   * The closure; waits out a store that is away. Rejects with `CON_UNKNOWN_REVISION`, or with the store's error once `patienceMs`
   * has passed.
   */
  get(companyId: string, hash: string): Promise<RevisionClosure>;
}

export interface ClosureCacheOptions {
  readonly source: ClosureSource;
  /** Number of closures kept; the least recently used goes first. */
  readonly size: number;
  readonly patienceMs: number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export function closureCache({ source, size, patienceMs }: ClosureCacheOptions): ClosureCache {
  // the promise is cached, so that many calls of one new revision ask once
  const entries = new Map<string, Promise<RevisionClosure | null>>();

  const find = (companyId: string, hash: string): Promise<RevisionClosure | null> => {
    const key = `${companyId}/${hash}`;
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const asked = source(companyId, hash);
    entries.set(key, asked);
    if (entries.size > size) entries.delete(entries.keys().next().value as string);
    const forget = (): void => {
      if (entries.get(key) === asked) entries.delete(key);
    };
    // neither a failure nor an absence is a fact about the hash
    asked.then((closure) => (closure === null ? forget() : undefined), forget);
    return asked;
  };

  const get = async (companyId: string, hash: string): Promise<RevisionClosure> => {
    const until = Date.now() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const closure = await find(companyId, hash);
        if (closure) return closure;
        throw new UnknownRevisionError();
      } catch (error) {
        if (error instanceof UnknownRevisionError || Date.now() >= until) throw error;
      }
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  };

  return { find, get };
}
