/** Temporal as the runner of calls: started and signalled by a client, reaching operations through an activity worker. */
import {
  CALL_SIGNALS,
  CALL_START_OPTIONS,
  CALL_WORKFLOW,
  type CallInput,
  callWorkflowId,
  type InstanceLostSignal,
} from '@callwright/contract';
import { closureCache, type TemporalClient, type TemporalWorkerConnection } from '@callwright/contract/codec';
import { closureSource, type Store } from '@callwright/store';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { CallLogic } from './call-logic.ts';
import { TelephonyError } from './errors.ts';
import { runActivityWorker } from './instance/activity-worker.ts';
import type { SignalOutcome } from './legs/delivery.ts';

const SIGNAL_MS = 3000;
const START_MS = 10_000;

export interface TemporalLogicOptions {
  readonly store: Store;
  readonly temporal: TemporalClient;
  readonly temporalWorker: TemporalWorkerConnection;
  /** Queue of the calls workers, when it is not the usual one. */
  readonly callsQueue?: string;
}

export function createTemporalLogic({ store, temporal, temporalWorker, callsQueue }: TemporalLogicOptions): CallLogic {
  const closure = closureCache({ source: closureSource(store), size: 200, patienceMs: 2000 }).find;
  const { client } = temporal;
  const signal = async (companyId: string, callId: string, name: string, value: unknown): Promise<SignalOutcome> => {
    try {
      const handle = client.workflow.getHandle(callWorkflowId(companyId, callId));
      await client.withDeadline(Date.now() + SIGNAL_MS, () => handle.signal(name, value));
      return 'sent';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'no-call' : 'failed';
    }
  };
  return {
    serve: (options) => runActivityWorker({ ...options, temporal: temporalWorker }),
    legs: (companyId, callId, events) => signal(companyId, callId, CALL_SIGNALS.legs, events),
    instanceLost: (companyId, callId, instance) =>
      signal(companyId, callId, CALL_SIGNALS.instanceLost, { instance } satisfies InstanceLostSignal),
    message: (companyId, callId, message) => signal(companyId, callId, CALL_SIGNALS.message, message),
    start: async ({ companyId, start }) => {
      const found = await closure(companyId, start.revision);
      if (!found) throw new TelephonyError('TEL_INTERNAL', 'The revision is not in the store.');
      const input: CallInput = { start, closure: found };
      try {
        await client.withDeadline(Date.now() + START_MS, () =>
          client.workflow.start(CALL_WORKFLOW, {
            ...CALL_START_OPTIONS,
            ...(callsQueue ? { taskQueue: callsQueue } : {}),
            workflowId: callWorkflowId(companyId, start.callId),
            args: [input],
          }),
        );
      } catch (error) {
        // the row's other starter was quicker
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}
