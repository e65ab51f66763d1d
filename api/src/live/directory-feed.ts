/** Directory events as they arrive, for many listeners by one reader of the store; every listener has a place of its own. */
import {
  type DirectoryEvent,
  directoryEventsOf,
  lastDirectoryEvent,
  type Store,
  trustedScope,
} from '@callwright/store';

const POLL_MS = 200;
const BATCH = 500;

export interface DirectoryListener {
  readonly companyId: string;
  /** Number of the last event known; null: begin with what comes. */
  readonly after: number | null;
  take(event: DirectoryEvent): void;
  failed(error: Error): void;
}

export interface DirectoryFeed {
  /** Returns what ends the subscription. */
  subscribe(listener: DirectoryListener): () => void;
  close(): Promise<void>;
}

interface Place {
  readonly listener: DirectoryListener;
  last: number;
}

export function directoryFeed(store: Store, onError: (error: Error) => void): DirectoryFeed {
  const places = new Set<Place>();
  let running: Promise<void> | null = null;
  let closed = false;

  /** Reads for every company from where its slowest listener is; whoever is further skips what it knows. */
  const readOnce = async (): Promise<boolean> => {
    const slowest = new Map<string, number>();
    for (const { listener, last } of places) {
      slowest.set(listener.companyId, Math.min(slowest.get(listener.companyId) ?? last, last));
    }
    const wanted = [...slowest].map(([companyId, after]) => ({ companyId, after }));
    const events = await directoryEventsOf(store.db, wanted, BATCH);
    for (const { companyId, ...event } of events) {
      for (const place of places) {
        if (place.listener.companyId !== companyId || event.n <= place.last) continue;
        place.last = event.n;
        place.listener.take(event);
      }
    }
    return events.length === BATCH;
  };

  const read = async (): Promise<void> => {
    while (!closed && places.size > 0) {
      const more = await readOnce().catch((error: Error) => {
        onError(error);
        return false;
      });
      if (!more) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    running = null;
  };

  const begin = async (
    listener: DirectoryListener,
    ended: () => boolean,
    add: (place: Place) => void,
  ): Promise<void> => {
    const last = listener.after ?? (await lastDirectoryEvent(store.db, trustedScope(listener.companyId)));
    if (ended() || closed) return;
    add({ listener, last });
    running ??= read();
  };

  return {
    subscribe: (listener) => {
      let over = false;
      let mine: Place | null = null;
      begin(
        listener,
        () => over,
        (place) => {
          mine = place;
          places.add(place);
        },
      ).catch((error: Error) => {
        if (!over) listener.failed(error);
      });
      return () => {
        over = true;
        if (mine) places.delete(mine);
      };
    },
    close: async () => {
      closed = true;
      places.clear();
      await running;
    },
  };
}
