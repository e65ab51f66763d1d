/**
 * Facts as they arrive, for many listeners by one reader of the store. Every listener first catches up from its own place, then
 * takes the common stream; both run in the order of arrival, so that nothing is missed and nothing is told twice.
 */
import { type Arrival, type ArrivedRecord, arrivalNow, arrivedFacts, type Store } from '@callwright/store';

const POLL_MS = 100;
const BATCH = 500;
/** What comes while a listener catches up is remembered up to here; beyond, it is read again. */
const MAX_WAITING = 2000;

export interface LiveListener {
  readonly companyId: string;
  /** Begin after this place; null: with what comes from now on. */
  readonly after: Arrival | null;
  /** In the order of arrival. */
  readonly take: (record: ArrivedRecord) => void;
  /** Resolves when more can be taken: what happened long ago is read no faster than it is taken. */
  readonly drained: () => Promise<void>;
  readonly failed: (error: Error) => void;
}

export interface LiveFeed {
  /** Returns what ends the subscription. */
  subscribe(listener: LiveListener): () => void;
  close(): Promise<void>;
}

interface Subscription {
  readonly listener: LiveListener;
  last: Arrival;
  /** Null once it has caught up. */
  waiting: ArrivedRecord[] | null;
  /** More has come meanwhile than was remembered. */
  behind: boolean;
  ended: boolean;
}

export function isAfter(a: Arrival, b: Arrival): boolean {
  const [left, right] = [BigInt(a.tx), BigInt(b.tx)];
  return left > right || (left === right && a.seq > b.seq);
}

export function liveFeed(store: Store, onError: (error: Error) => void): LiveFeed {
  const subscriptions = new Set<Subscription>();
  let tip: Arrival | null = null;
  let running: Promise<void> | null = null;
  let closed = false;

  const give = (subscription: Subscription, record: ArrivedRecord): void => {
    if (subscription.ended || !isAfter(record, subscription.last)) return;
    subscription.last = record;
    subscription.listener.take(record);
  };

  const putOff = (subscription: Subscription, record: ArrivedRecord): void => {
    if (subscription.waiting!.length >= MAX_WAITING) {
      subscription.waiting = [];
      subscription.behind = true;
    }
    subscription.waiting!.push(record);
  };

  const spread = (records: readonly ArrivedRecord[]): void => {
    for (const record of records) {
      tip = { tx: record.tx, seq: record.seq };
      for (const subscription of subscriptions) {
        if (subscription.listener.companyId !== record.company_id) continue;
        if (subscription.waiting) putOff(subscription, record);
        else give(subscription, record);
      }
    }
  };

  const read = async (): Promise<void> => {
    while (!closed && subscriptions.size > 0) {
      let full = false;
      try {
        tip ??= await arrivalNow(store.db);
        const companies = [...new Set([...subscriptions].map((s) => s.listener.companyId))];
        const records = await arrivedFacts(store.db, companies, tip, BATCH);
        full = records.length === BATCH;
        spread(records);
      } catch (error) {
        onError(error as Error);
      }
      if (!full) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    // the next listener begins afresh
    tip = null;
    running = null;
  };

  const catchUp = async (subscription: Subscription): Promise<void> => {
    const { listener } = subscription;
    for (;;) {
      const records = await arrivedFacts(store.db, [listener.companyId], subscription.last, BATCH);
      for (const record of records) give(subscription, record);
      if (subscription.ended) break;
      if (records.length < BATCH && !subscription.behind) break;
      subscription.behind = false;
      await listener.drained();
    }
    const waiting = subscription.waiting ?? [];
    subscription.waiting = null;
    for (const record of waiting) give(subscription, record);
  };

  const begin = async (subscription: Subscription): Promise<void> => {
    const { listener } = subscription;
    subscription.last = listener.after ?? (await arrivalNow(store.db));
    if (subscription.ended) return;
    subscriptions.add(subscription);
    running ??= read();
    await catchUp(subscription);
  };

  return {
    subscribe: (listener) => {
      const subscription: Subscription = {
        listener,
        last: { tx: '0', seq: 0 },
        waiting: [],
        behind: false,
        ended: false,
      };
      begin(subscription).catch((error: Error) => {
        subscriptions.delete(subscription);
        if (!subscription.ended) listener.failed(error);
      });
      return () => {
        subscription.ended = true;
        subscriptions.delete(subscription);
      };
    },
    close: async () => {
      closed = true;
      subscriptions.clear();
      await running;
    },
  };
}
