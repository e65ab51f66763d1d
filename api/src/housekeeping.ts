/** Rows that have served, or are older than their owner keeps them. Any api process may do it, all may at once. */
import {
  applyRetention,
  purgeDraftCalls,
  purgeGuard,
  purgeIdempotencyKeys,
  purgeSessions,
  type Store,
} from '@callwright/store';

const EVERY_MS = 60 * 60_000;

/** Tidies now and every hour; returns what stops it. */
export function keepHouse(store: Store, onError: (error: Error) => void): () => void {
  const tidy = async (): Promise<void> => {
    await purgeIdempotencyKeys(store.db);
    await purgeSessions(store.db);
    await purgeGuard(store.db);
    await purgeDraftCalls(store.db);
    await applyRetention(store.db);
  };
  const run = (): void => void tidy().catch(onError);
  run();
  const timer = setInterval(run, EVERY_MS);
  return () => clearInterval(timer);
}
