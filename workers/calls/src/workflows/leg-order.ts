/**
 * Order of what telephony says of legs (design §4, order): numbers are gap-free per leg from 1; envelopes come at least once, in any
 * order, by signals and by operation results. Out come each number once, in order. Pure; time is the runner's.
 */
import type { LegEnvelope } from '@callwright/contract';

export interface LegOrder {
  /** Declares a leg of this call and the highest number already processed; returns what was held for it and is now in order. */
  know(leg: string, processed: number): LegEnvelope[];
  /** Takes envelopes; returns those that are now in order, oldest first. */
  offer(envelopes: readonly LegEnvelope[]): LegEnvelope[];
  /** Known legs that hold something behind a gap, with the last number before it. */
  gaps(): { leg: string; after: number }[];
  /** Gives up waiting for the missing numbers of a leg: returns all it holds, in order. */
  skip(leg: string): LegEnvelope[];
  /** `skip`, and whatever comes for the leg later is dropped. */
  close(leg: string): LegEnvelope[];
}

interface Line {
  /** Last number given out, null while the leg is unknown. */
  last: number | null;
  closed: boolean;
  readonly held: Map<number, LegEnvelope>;
}

/** Held envelopes per leg; telephony sends nothing like it, so more is a fault and the oldest gap is given up. */
const HELD_LIMIT = 1000;

export function legOrder(): LegOrder {
  const lines = new Map<string, Line>();
  const lineOf = (leg: string): Line => {
    let line = lines.get(leg);
    if (!line) {
      line = { last: null, closed: false, held: new Map() };
      lines.set(leg, line);
    }
    return line;
  };

  const skip = (leg: string): LegEnvelope[] => {
    const line = lineOf(leg);
    const all = [...line.held.values()].sort((a, b) => a.n - b.n);
    line.held.clear();
    const last = all.at(-1);
    if (last) line.last = Math.max(line.last ?? 0, last.n);
    return all;
  };

  return {
    know: (leg, processed) => {
      const line = lineOf(leg);
      if (line.last !== null && line.last >= processed) return [];
      line.last = processed;
      for (const n of line.held.keys()) if (n <= processed) line.held.delete(n);
      return inOrder(line);
    },
    offer: (envelopes) => {
      const ready: LegEnvelope[] = [];
      for (const envelope of envelopes) {
        const line = lineOf(envelope.leg);
        if (line.closed || envelope.n <= (line.last ?? 0) || line.held.has(envelope.n)) continue;
        line.held.set(envelope.n, envelope);
        ready.push(...(line.held.size > HELD_LIMIT ? skip(envelope.leg) : inOrder(line)));
      }
      return ready;
    },
    gaps: () =>
      [...lines]
        .filter(([, line]) => line.last !== null && !line.closed && line.held.size > 0)
        .map(([leg, line]) => ({ leg, after: line.last as number })),
    skip,
    close: (leg) => {
      const rest = skip(leg);
      lineOf(leg).closed = true;
      return rest;
    },
  };
}

function inOrder(line: Line): LegEnvelope[] {
  const ready: LegEnvelope[] = [];
  if (line.last === null) return ready;
  for (let next = line.held.get(line.last + 1); next; next = line.held.get(line.last + 1)) {
    line.held.delete(next.n);
    line.last = next.n;
    ready.push(next);
  }
  return ready;
}
