/**
 * One copy of each revision per worker thread: this module is preloaded, so calls share it, and with it the engine and the machines
 * it has compiled (temporal.md §2.3). Safe because a closure is a pure function of its hash.
 */
import type { RevisionClosure } from '@callwright/engine';

const SIZE = 200;
const shared = new Map<string, RevisionClosure>();

/** The first copy seen of this closure, so that the caller's own can be let go. */
export function sharedClosure(closure: RevisionClosure): RevisionClosure {
  const known = shared.get(closure.root);
  if (known) {
    shared.delete(closure.root);
    shared.set(closure.root, known);
    return known;
  }
  shared.set(closure.root, closure);
  if (shared.size > SIZE) shared.delete(shared.keys().next().value as string);
  return closure;
}
