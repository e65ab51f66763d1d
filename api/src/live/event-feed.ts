/** Everything a company's programs may be told, as it happens: facts of calls and events of the directory in one stream, in the form of webhooks. */
import {
  type Arrival,
  type ArrivedRecord,
  arrivalNow,
  directoryEvent,
  factEvent,
  lastDirectoryEvent,
  type OutboxEvent,
  type Store,
  trustedScope,
  wantsEvent,
} from '@callwright/store';
import type { DirectoryFeed } from './directory-feed.ts';
import type { LiveFeed } from './live-feed.ts';

/** A place in both orders; everything up to it has been told. As text `<tx>-<seq>-<n>`. */
export interface EventPlace {
  readonly fact: Arrival;
  readonly directory: number;
}

/** Text of a place, with (`<tx>-<seq>-<n>`) or without (`<tx>-<seq>`) the directory's part. */
const PLACE = /^([0-9]{1,19})-([0-9]{1,15})(?:-([0-9]{1,15}))?$/;

/** What to begin after; without the directory's part its events begin with what comes, but for `0-0`, the beginning of everything. */
export type GivenPlace = Pick<EventPlace, 'fact'> & { readonly directory: number | null };

/** Undefined: no place. */
export function placeOf(text: string): GivenPlace | undefined {
  const match = PLACE.exec(text);
  if (!match) return undefined;
  const fact = { tx: match[1]!, seq: Number(match[2]) };
  const beginning = fact.tx === '0' && fact.seq === 0;
  return { fact, directory: match[3] === undefined ? (beginning ? 0 : null) : Number(match[3]) };
}

export interface FedEvent extends OutboxEvent {
  /** Text of the place to go on from after this event. */
  readonly place: string;
  /** The record that it was made of; null for an event of the directory. */
  readonly record: ArrivedRecord | null;
}

export interface EventListener {
  readonly companyId: string;
  /** Begin after this place; null: with what comes from now on. */
  readonly after: GivenPlace | null;
  /** Facts of this call only, and nothing of the directory. */
  readonly call?: string | undefined;
  /** Names of events, or beginnings of names with `*` at the end; empty: all. */
  readonly types: readonly string[];
  /** From where it listens; comes first. */
  begun(place: string): void;
  take(event: FedEvent): void;
  /** Resolves when the listener can take more: what happened long ago is read no faster than it is taken. */
  drained(): Promise<void>;
  failed(error: Error): void;
}

export interface EventFeed {
  /** Returns what ends the subscription. */
  subscribe(listener: EventListener): () => void;
}

export function eventFeed(store: Store, live: LiveFeed, directory: DirectoryFeed): EventFeed {
  const begin = async ({ companyId, after }: EventListener): Promise<EventPlace> => ({
    fact: after?.fact ?? (await arrivalNow(store.db)),
    directory: after?.directory ?? (await lastDirectoryEvent(store.db, trustedScope(companyId))),
  });

  return {
    subscribe: (listener) => {
      const ends: (() => void)[] = [];
      let over = false;
      begin(listener).then(
        (place) => {
          if (!over) ends.push(...listen(live, directory, listener, place));
        },
        (error: Error) => over || listener.failed(error),
      );
      return () => {
        over = true;
        for (const end of ends) end();
      };
    },
  };
}

function listen(live: LiveFeed, directory: DirectoryFeed, listener: EventListener, from: EventPlace): (() => void)[] {
  const { companyId, call, types, failed } = listener;
  let { fact, directory: n } = from;
  const place = (): string => `${fact.tx}-${fact.seq}-${n}`;
  const give = (event: OutboxEvent, record: ArrivedRecord | null): void => {
    if (wantsEvent(types, event.type)) listener.take({ ...event, place: place(), record });
  };
  listener.begun(place());
  const facts = live.subscribe({
    companyId,
    after: fact,
    drained: listener.drained,
    failed,
    take: (record) => {
      fact = { tx: record.tx, seq: record.seq };
      if (call === undefined || record.call_id === call) give(factEvent(record), record);
    },
  });
  if (call !== undefined) return [facts];
  const others = directory.subscribe({
    companyId,
    after: n,
    failed,
    take: (event) => {
      n = Number(event.n);
      give(directoryEvent(companyId, event), null);
    },
  });
  return [facts, others];
}
