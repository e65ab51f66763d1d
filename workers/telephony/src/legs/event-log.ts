/** What telephony has said of one leg: a gap-free numbered log, kept above the highest number the machine has processed (design §4). */
import type { LegEnvelope } from '@callwright/contract';
import type { LegEventBody } from '@callwright/engine';

export interface EventLog {
  /** Number of the last envelope, 0 before the first. */
  readonly last: number;
  readonly acknowledged: number;
  append(body: LegEventBody, at: number): LegEnvelope;
  /** Everything up to `upTo` is processed and may be forgotten; numbers never said are ignored. */
  acknowledge(upTo: number): void;
  /** Envelopes above `after` that are still held. */
  after(after: number): LegEnvelope[];
}

export function createEventLog(leg: string): EventLog {
  let last = 0;
  let acknowledged = 0;
  let held: LegEnvelope[] = [];
  return {
    get last() {
      return last;
    },
    get acknowledged() {
      return acknowledged;
    },
    append: (body, at) => {
      last += 1;
      const envelope: LegEnvelope = { leg, n: last, at, body };
      held.push(envelope);
      return envelope;
    },
    acknowledge: (upTo) => {
      if (upTo <= acknowledged || upTo > last) return;
      acknowledged = upTo;
      held = held.filter((envelope) => envelope.n > upTo);
    },
    after: (after) => held.filter((envelope) => envelope.n > after),
  };
}
