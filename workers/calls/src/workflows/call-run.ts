/** The shared part of one run of `callWorkflow`: what its operations read and where they put what comes back. */
import type { EarlierOperation, LegEnvelope } from '@callwright/contract';
import type { CallStart, CallState, Cdr, EngineEvent, MediaCommand } from '@callwright/engine';
import type { LegLedger } from './leg-ledger.ts';
import type { LegOrder } from './leg-order.ts';
import type { RecordOutbox } from './record-outbox.ts';

export interface CallRun {
  readonly start: CallStart;
  /** Task queue of the io workers that belong to this calls queue. */
  readonly ioQueue: string;
  /** State after the last step; null before the first. */
  state: CallState | null;
  /** Events in the order in which the machine will be told. */
  readonly ready: EngineEvent[];
  readonly order: LegOrder;
  /** Highest number the machine has been told per leg. */
  readonly processed: Map<string, number>;
  readonly ledger: LegLedger;
  readonly outbox: RecordOutbox;
  /** What the call came to, once its end is told. */
  disposition: Cdr['disposition'] | null;
  /** Media instances known to be lost. */
  readonly lost: Set<string>;
  /** Media operations without an answer, by operation id. */
  readonly open: Map<string, MediaCommand>;
  /** Legs whose gap is being seen to. */
  readonly gaps: Set<string>;
}

/** Puts leg envelopes that are in order before the machine. */
export function deliver(run: CallRun, envelopes: readonly LegEnvelope[]): void {
  for (const { leg, n, at, body } of envelopes) {
    // an operation answered by a signal needs no activity result any more
    if (body.type === 'result') run.open.delete(body.op);
    run.ready.push({ type: 'leg', at, leg, n, body });
  }
}

/**
 * Numbers of the legs this call holds, as media operations carry them. The machine's own number counts: of a leg it has offered to
 * another call it is told more than it takes, and telephony must keep that for the receiver.
 */
export function processedNumbers(run: CallRun): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [leg, { processed }] of Object.entries(run.state?.legs ?? {})) {
    numbers[leg] = Math.min(run.processed.get(leg) ?? 0, processed);
  }
  return numbers;
}

/** They leave what a party hears as it is, so that it does not matter when they come. */
const WITHOUT_ORDER: ReadonlySet<MediaCommand['kind']> = new Set(['media.keys', 'media.tap']);

const hasOrder = (command: MediaCommand): boolean =>
  command.kind.startsWith('media.') &&
  !WITHOUT_ORDER.has(command.kind) &&
  !(command.kind === 'media.play' && command.hearers !== undefined);

/** What decides over the sound of the same legs, on the same instance, and is open when this one is ordered: each leg's latest. */
export function openBefore(run: CallRun, command: MediaCommand): readonly EarlierOperation[] {
  if (!hasOrder(command)) return [];
  const touched = legsOf(command);
  const latest = new Map<string, EarlierOperation>();
  for (const [op, other] of run.open) {
    if (op === command.op) break;
    if (other.instance !== command.instance || !hasOrder(other)) continue;
    // a background sound named here is one that this takes the place of
    if (other.kind === 'media.background' && (command.kind === 'media.unbridge' || command.kind === 'media.stop'))
      continue;
    for (const leg of legsOf(other)) if (touched.includes(leg)) latest.set(leg, { op, kind: other.kind });
  }
  return [...new Map([...latest.values()].map((one) => [one.op, one])).values()];
}

const legsOf = (command: MediaCommand): readonly string[] =>
  command.kind === 'media.bridge' || command.kind === 'media.unbridge' ? [command.leg, command.other] : [command.leg];

/** Instance a leg lives on, as far as this call knows. */
export function instanceOf(run: CallRun, leg: string): string | null {
  const inbound = run.start.inbound;
  return run.state?.legs[leg]?.instance ?? (inbound?.leg === leg ? inbound.instance : null);
}
