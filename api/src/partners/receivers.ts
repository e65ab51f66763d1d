/**
 * What partners' receivers of ours were sent, for whoever looks on: kept in memory, by a key that only the module's token leads to. A
 * key that nobody looks at, or looked at lately, is not known.
 */
import { createHash } from 'node:crypto';

/** One request as it came. */
export interface ReceivedLine {
  /** Counts up in its key. */
  readonly n: number;
  /** ISO 8601. */
  readonly at: string;
  readonly receiver: string;
  /** Query string as on the wire. */
  readonly query: string;
}

const KEPT_LINES = 500;
const KEPT_CHARS = 256_000;
const LINE_CHARS = 8_000;
const MOST_KEYS = 100;
const MOST_WATCHERS = 10;
/** After the last one has left: a page that is loaded anew finds what came meanwhile. */
const FORGET_MS = 15 * 60_000;

interface Board {
  readonly lines: ReceivedLine[];
  readonly watchers: Set<(line: ReceivedLine) => void>;
  next: number;
  chars: number;
  leftAt: number;
}

/** Path part that stands for the module of this token. A replaced token has another. */
export const receiverKey = (token: string): string =>
  createHash('sha256').update(`receiver\0${token}`).digest('hex').slice(0, 40);

export class Receivers {
  readonly #boards = new Map<string, Board>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A place to look on from: what is kept, then what comes, until the answer is called. Null: too many look on. */
  watch(key: string): ((take: (line: ReceivedLine) => void) => () => void) | null {
    this.#forget();
    const board = this.#boards.get(key) ?? this.#open(key);
    if (!board || board.watchers.size >= MOST_WATCHERS) return null;
    return (take) => {
      for (const line of board.lines) take(line);
      board.watchers.add(take);
      return () => {
        board.watchers.delete(take);
        board.leftAt = this.#now();
      };
    };
  }

  /** False: the key is not known, nothing is kept. */
  receive(key: string, receiver: string, query: string): boolean {
    this.#forget();
    const board = this.#boards.get(key);
    if (!board) return false;
    const line = {
      n: board.next,
      at: new Date(this.#now()).toISOString(),
      receiver,
      query: query.slice(0, LINE_CHARS),
    };
    board.next += 1;
    board.chars += line.query.length;
    board.lines.push(line);
    while (board.lines.length > KEPT_LINES || board.chars > KEPT_CHARS)
      board.chars -= board.lines.shift()!.query.length;
    for (const take of board.watchers) take(line);
    return true;
  }

  #open(key: string): Board | null {
    if (this.#boards.size >= MOST_KEYS) {
      const [idle] = [...this.#boards]
        .filter(([, { watchers }]) => watchers.size === 0)
        .sort((a, b) => a[1].leftAt - b[1].leftAt);
      if (!idle) return null;
      this.#boards.delete(idle[0]);
    }
    const board: Board = { lines: [], watchers: new Set(), next: 1, chars: 0, leftAt: this.#now() };
    this.#boards.set(key, board);
    return board;
  }

  #forget(): void {
    const limit = this.#now() - FORGET_MS;
    for (const [key, { watchers, leftAt }] of this.#boards)
      if (watchers.size === 0 && leftAt < limit) this.#boards.delete(key);
  }
}
