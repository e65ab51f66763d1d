/**
 * The monitor of media instances (design §4). A lease that went unrenewed for 10 s, in which this process itself reached the store
 * and Temporal, is marked lost by a conditional update; then the calls that held legs there are told. Runs in every io worker:
 * each counts for itself, the update and the signals act once.
 */
import { CALL_SIGNALS, callWorkflowId } from '@callwright/contract';
import type { TemporalClient } from '@callwright/contract/codec';
import {
  type AffectedCall,
  asTheOnly,
  callsOfLostInstances,
  endLostLegs,
  type Lease,
  leases,
  loseInstance,
  type Store,
} from '@callwright/store';
import { WorkflowNotFoundError } from '@temporalio/common';

/** How long a lease must go unrenewed before its instance is lost. */
export const LEASE_MS = 10_000;
/** A successor ends the legs of its predecessor itself, by SIP; the rows of what nobody ended are closed after this time. */
const ABANDONED_MS = 60_000;
/** Between two looks further apart than this the process saw nothing: it stood still, or the store answered late. */
const LOOKS_APART_MS = 3000;
const BATCH = 500;

/** Counts, per lease, the time it stood unrenewed while this process saw everything. Pure but for its memory. */
export function leaseWatch(leaseMs: number) {
  const seen = new Map<string, { renewed: string; staleMs: number }>();
  let last: number | null = null;
  return {
    /** The process did not see everything: what it counted is worth nothing. */
    blind: (): void => {
      last = null;
      seen.clear();
    },
    /** Takes what was read at `now`; returns the instances whose lease has run out. */
    look: (now: number, current: readonly Lease[]): string[] => {
      const apart = last === null ? 0 : now - last;
      // a store that hangs answers everybody at once: the renewals that hung with us must be seen first
      if (apart > LOOKS_APART_MS) seen.clear();
      const passed = apart > LOOKS_APART_MS ? 0 : apart;
      last = now;
      const names = new Set(current.map((lease) => lease.instance));
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
      return current.flatMap(({ instance, renewed }) => {
        const before = seen.get(instance);
        const staleMs = before?.renewed === renewed ? before.staleMs + passed : 0;
        seen.set(instance, { renewed, staleMs });
        return staleMs >= leaseMs ? [instance] : [];
      });
    },
  };
}

export interface MonitorParts {
  readonly store: Store;
  readonly temporal: TemporalClient;
  readonly leaseMs?: number;
  readonly now?: () => number;
}

export interface Monitor {
  /** One round; rejects when the store or Temporal cannot be reached. */
  round(): Promise<void>;
}

export function instanceMonitor({
  store,
  temporal,
  leaseMs = LEASE_MS,
  now = () => performance.now(),
}: MonitorParts): Monitor {
  const watch = leaseWatch(leaseMs);
  /** Calls told of a loss, so that each process tells each call once. */
  const told = new Set<string>();

  const tell = async (call: AffectedCall): Promise<void> => {
    const name = `${call.callId}/${call.instance}`;
    if (!told.has(name)) {
      await signalLoss(temporal, call);
      if (told.size > 10_000) told.clear();
      told.add(name);
    }
    if (call.lostMs >= ABANDONED_MS) await endLostLegs(store.db, call);
  };

  return {
    round: async () => {
      try {
        const current = await leases(store.db);
        await temporal.client.withDeadline(Date.now() + 2000, () =>
          temporal.client.workflowService.describeNamespace({ namespace: temporal.namespace }),
        );
        for (const instance of watch.look(now(), current)) await loseInstance(store.db, instance, 'lease ran out');
      } catch (error) {
        watch.blind();
        throw error;
      }
      await asTheOnly(store.db, 'monitor', async (tx) => {
        const results = await Promise.allSettled((await callsOfLostInstances(tx, BATCH)).map(tell));
        const failure = results.find((result) => result.status === 'rejected');
        if (failure) throw failure.reason;
      });
    },
  };
}

async function signalLoss(temporal: TemporalClient, { companyId, callId, instance }: AffectedCall): Promise<void> {
  const handle = temporal.client.workflow.getHandle(callWorkflowId(companyId, callId));
  try {
    await temporal.client.withDeadline(Date.now() + 5000, () => handle.signal(CALL_SIGNALS.instanceLost, { instance }));
  } catch (error) {
    // a call that has ended needs no telling
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
