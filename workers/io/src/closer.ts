/**
 * The closer: a call whose workflow is gone (it was terminated, or Temporal lost it) is ended by its rows, and a leg that was moved
 * to a call in its last moment gets its place in that call's CDR (design §4, moving a leg).
 */
import { callWorkflowId } from '@callwright/contract';
import type { TemporalClient } from '@callwright/contract/codec';
import {
  addLateLegs,
  asTheOnly,
  closeAbandonedCall,
  type Keyring,
  type SilentCall,
  type Store,
  silentCalls,
} from '@callwright/store';
import { workflowProbe } from './workflow-probe.ts';

/** A call may be silent for a while by itself: its last facts are on their way, a request of its flow is running. */
const SILENT_MS = 10_000;
const BATCH = 100;

export interface CloserParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalClient;
}

export interface Closer {
  /** One round; rejects when the store or Temporal cannot be reached. */
  round(): Promise<void>;
}

export function callCloser({ store, keyring, temporal }: CloserParts): Closer {
  const isOver = workflowProbe(temporal);
  return {
    round: async () => {
      await asTheOnly(store.db, 'closer', async (tx) => {
        // asked before anything is written: a transaction that has written holds up live events everywhere
        const over: SilentCall[] = [];
        for (const call of await silentCalls(tx, SILENT_MS, BATCH))
          if (await isOver(callWorkflowId(call.companyId, call.id))) over.push(call);
        for (const call of over) await closeAbandonedCall(tx, keyring, call);
        await addLateLegs(tx, BATCH);
      });
    },
  };
}
