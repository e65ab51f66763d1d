/**
 * Records on their way to the store (design §3, facts): they ride in the next media operation; what no operation carries goes in one
 * io activity, never two at once. A record is done with when an operation or that activity confirmed it. Repeats are harmless: rows
 * are keyed (call, number).
 */
import type { CallRecord } from '@callwright/engine';

/** Most records one activity carries, so that its payload stays far below the limit of 2 MB. */
const BATCH = 200;

export interface RecordOutbox {
  add(records: readonly CallRecord[]): void;
  /** Records that nothing carries now; they are `rider`'s until it confirms or drops them. */
  load(rider: string): CallRecord[];
  /** The rider came back: everything it carried up to `storedRecord` is stored, the rest waits again. */
  unload(rider: string, storedRecord: number): void;
  /** Nothing waits and nothing is on its way. */
  readonly empty: boolean;
  /** Nobody carries anything any more: what was not confirmed waits again. */
  reclaim(): void;
  /** Something waits that nothing carries. */
  readonly waiting: boolean;
  /** The answer to a command from outside waits: whoever gave it looks for it now. */
  readonly answering: boolean;
  /** Everything not confirmed, in order. */
  readonly all: CallRecord[];
}

export function recordOutbox(unconfirmed: readonly CallRecord[]): RecordOutbox {
  let waiting: CallRecord[] = [...unconfirmed];
  const riding = new Map<string, CallRecord[]>();
  const all = (): CallRecord[] => [...[...riding.values()].flat(), ...waiting].sort((a, b) => a.n - b.n);
  return {
    reclaim: () => {
      waiting = all();
      riding.clear();
    },
    get all() {
      return all();
    },
    add: (records) => {
      waiting.push(...records);
    },
    load: (rider) => {
      const carried = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      riding.set(rider, [...(riding.get(rider) ?? []), ...carried]);
      return carried;
    },
    unload: (rider, storedRecord) => {
      const rest = (riding.get(rider) ?? []).filter((record) => record.n > storedRecord);
      riding.delete(rider);
      if (rest.length > 0) waiting = [...rest, ...waiting].sort((a, b) => a.n - b.n);
    },
    get empty() {
      return waiting.length === 0 && [...riding.values()].every((records) => records.length === 0);
    },
    get waiting() {
      return waiting.length > 0;
    },
    get answering() {
      return waiting.some(({ type }) => type === 'control.done');
    },
  };
}
