/**
 * The starter (design §4, who starts a call): rows come first, so whoever dies between row and act loses nothing. Calls still
 * waiting are started under the same id, commands not delivered are sent again, pools are kept running.
 */
import {
  CALL_SIGNALS,
  CALL_START_OPTIONS,
  CALL_WORKFLOW,
  type CallInput,
  type ControlSignal,
  callWorkflowId,
  POOL_WORKFLOW,
} from '@callwright/contract';
import type { TemporalClient } from '@callwright/contract/codec';
import {
  agentCommandSent,
  allCompanyIds,
  asTheOnly,
  callRefused,
  callStarted,
  closureSource,
  controlSent,
  type Keyring,
  type PoolCommand,
  type Store,
  trustedScope,
  type WaitingCall,
  type WaitingControl,
  waitingAgentCommands,
  waitingCalls,
  waitingControls,
} from '@callwright/store';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import { poolStart, tellPool } from './activities.ts';

/** What the api or telephony did not start within this time is started here. */
const WAITING_MS = 2000;
/** Telephony refuses an inbound call after 2 s by itself; a row this old was left by its death. */
const INBOUND_MS = 10_000;
const BATCH = 100;
const RPC_MS = 5000;

export interface StarterParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalClient;
  readonly callsQueue: string;
}

export interface Starter {
  /** One round; rejects when the store or Temporal cannot be reached. */
  round(): Promise<void>;
  /** Starts the pool of every company that has none. */
  pools(): Promise<void>;
}

export function callStarter(parts: StarterParts): Starter {
  const { store, keyring, temporal } = parts;
  return {
    round: async () => {
      await asTheOnly(store.db, 'starter', async (tx) => {
        await each(await waitingCalls(tx, keyring, WAITING_MS, INBOUND_MS, BATCH), (call) => startWaiting(parts, call));
        await each(await waitingControls(tx, WAITING_MS, BATCH), (control) => sendWaiting(parts, control));
        await tellWaiting(parts, await waitingAgentCommands(tx, WAITING_MS, BATCH));
      });
    },
    pools: async () => {
      for (const companyId of await allCompanyIds(store.db)) {
        const start = await poolStart(parts, companyId);
        await ignoring(WorkflowExecutionAlreadyStartedError, () =>
          temporal.client.workflow.start(POOL_WORKFLOW, start),
        );
      }
    },
  };
}

/** All of them, whatever becomes of one; then the first failure. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(act));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

async function startWaiting({ store, temporal, callsQueue }: StarterParts, call: WaitingCall): Promise<void> {
  const closure = await closureSource(store)(call.companyId, call.start.revision);
  // its revision is gone, or nobody calls for this company any more: no call can be made of this row
  if (!closure || call.suspended) return void (await callRefused(store.db, call.companyId, call.id));
  const input: CallInput = { start: call.start, closure };
  await ignoring(WorkflowExecutionAlreadyStartedError, () =>
    temporal.client.withDeadline(Date.now() + RPC_MS, () =>
      temporal.client.workflow.start(CALL_WORKFLOW, {
        ...CALL_START_OPTIONS,
        taskQueue: callsQueue,
        workflowId: callWorkflowId(call.companyId, call.id),
        args: [input],
      }),
    ),
  );
  await callStarted(store.db, call.companyId, call.id);
}

async function sendWaiting({ store, temporal }: StarterParts, control: WaitingControl): Promise<void> {
  const { id, by, action, companyId, callId } = control;
  const signal: ControlSignal = { id, by, action };
  const handle = temporal.client.workflow.getHandle(callWorkflowId(companyId, callId));
  // a call that has ended takes no command any more
  await ignoring(WorkflowNotFoundError, () =>
    temporal.client.withDeadline(Date.now() + RPC_MS, () => handle.signal(CALL_SIGNALS.control, signal)),
  );
  await controlSent(store.db, trustedScope(companyId), id);
}

/** In the order in which agents acted. */
async function tellWaiting(parts: StarterParts, commands: readonly PoolCommand[]): Promise<void> {
  for (const { id, companyId, message } of commands) {
    await tellPool(parts, companyId, message);
    await agentCommandSent(parts.store.db, trustedScope(companyId), id);
  }
}

async function ignoring(kind: new (...args: never[]) => Error, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}
