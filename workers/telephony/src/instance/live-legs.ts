/** The legs of an instance with their ways out: to their calls, to their rows, to the places they hold. */
import { endLegs, type Store } from '@callwright/store';
import type { Logger } from 'pino';
import type { CallSignaller } from '../call-logic.ts';
import { createDelivery, type Delivery, type SignalOutcome } from '../legs/delivery.ts';
import { createLegTable, type LegTable } from '../legs/leg-table.ts';
import type { Metrics } from '../metrics.ts';

export interface LegParts {
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly link: CallSignaller;
  freePlace(callId: string): void;
}

export function createLegs({ store, log, metrics, link, freePlace }: LegParts): { legs: LegTable; delivery: Delivery } {
  const delivery = createDelivery({
    signal: async (companyId, callId, events) => {
      const outcome = await link.legs(companyId, callId, events);
      metrics.signals.inc({ outcome });
      return outcome;
    },
    onNoCall: (callId) => {
      for (const leg of legs.ofCall(callId)) {
        // nobody is left to take its events: its far end must not stay on the line
        if (leg.state === 'ended') legs.remove(leg);
        else legs.end(leg, { cause: 'failed', sipStatus: null, by: 'local' });
      }
    },
  });
  const legs = createLegTable({
    deliver: (leg, event) => delivery.send(leg.companyId, leg.callId, event),
    storeEnd: (leg, end) => void eventually(() => endLegs(store.db, leg.companyId, [leg.id], end.cause)),
    onCallQuiet: freePlace,
    log,
    now: Date.now,
  });
  return { legs, delivery };
}

/** Places of admitted calls, by call; a call that is quiet gives its place back. */
export interface Places {
  hold(callId: string, release: () => void): void;
  free(callId: string): void;
}

export function createPlaces(): Places {
  const places = new Map<string, () => void>();
  const free = (callId: string): void => {
    places.get(callId)?.();
    places.delete(callId);
  };
  return {
    hold: (callId, release) => {
      free(callId);
      places.set(callId, release);
    },
    free,
  };
}

export async function tellMoved(
  link: CallSignaller,
  companyId: string,
  callId: string,
  moved: { readonly id: string; readonly leg: string; readonly to: string },
): Promise<SignalOutcome> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const outcome = await link.message(companyId, callId, { type: 'leg.moved', ...moved });
    if (outcome !== 'failed') return outcome;
    await new Promise((resume) => setTimeout(resume, 1000).unref());
  }
  return 'failed';
}

/** Tries a write again while the store is away, for a minute. */
async function eventually(write: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    try {
      await write();
      return;
    } catch {
      await new Promise((resume) => setTimeout(resume, 1000).unref());
    }
  }
}
