/**
 * What the runner itself has seen of each leg. The machine makes the CDR; this account serves only when the machine has failed and
 * a true one must be written all the same.
 */
import type { LegEnvelope } from '@callwright/contract';
import { type CallStart, type Cdr, type Command, failedCdr, type LegSummary } from '@callwright/engine';

export interface LegLedger {
  readonly legs: readonly LegSummary[];
  sent(command: Command, at: number): void;
  seen(envelope: LegEnvelope): void;
  lost(instance: string, at: number): void;
  /** CDR of a call whose machine failed at `at`. */
  cdr(start: CallStart, at: number): Cdr;
}

type Entry = { -readonly [K in keyof LegSummary]: LegSummary[K] };

export function legLedger(start: CallStart, resumed: readonly LegSummary[]): LegLedger {
  const legs = new Map<string, Entry>(resumed.map((leg) => [leg.leg, { ...leg }]));
  if (start.inbound && legs.size === 0) {
    const { leg, coordinates, sipCallId, instance } = start.inbound;
    legs.set(leg, { ...emptyLeg(leg, 1, start.at, instance), direction: 'inbound', coordinates, sipCallId });
  }
  return {
    get legs() {
      return [...legs.values()];
    },
    sent: (command, at) => {
      if (command.kind !== 'leg.dial') return;
      const entry = emptyLeg(command.leg, legs.size + 1, at, command.instance);
      legs.set(command.leg, { ...entry, coordinates: command.called });
    },
    seen: (envelope) => {
      const entry = legs.get(envelope.leg);
      if (entry) observe(entry, envelope);
    },
    lost: (instance, at) => {
      for (const entry of legs.values()) {
        if (entry.instance !== instance || entry.endedAt !== null) continue;
        Object.assign(entry, { endedAt: at, cause: 'media-lost', endedBy: 'network' });
      }
    },
    cdr: (call, at) => failedCdr(call, [...legs.values()], at),
  };
}

function emptyLeg(leg: string, party: number, at: number, instance: string): Entry {
  return {
    leg,
    party,
    direction: 'outbound',
    coordinates: { type: 'unknown', id: null, entityNumber: null, number: '', name: '' },
    startedAt: at,
    ringingAt: null,
    answeredAt: null,
    endedAt: null,
    cause: null,
    sipStatus: null,
    endedBy: null,
    codec: null,
    sipCallId: null,
    instance,
  };
}

function observe(entry: Entry, { at, body }: LegEnvelope): void {
  if (body.type === 'ringing') entry.ringingAt ??= at;
  if (body.type === 'answered') {
    entry.answeredAt ??= at;
    entry.codec = body.codec;
    entry.sipCallId = body.sipCallId;
  }
  if (body.type === 'hangup' && entry.endedAt === null) {
    Object.assign(entry, { endedAt: at, cause: body.cause, sipStatus: body.sipStatus, endedBy: body.by });
  }
}
