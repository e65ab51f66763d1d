/** What telephony asks of Temporal as a client: start a call, signal it. */
import {
  CALL_SIGNALS,
  CALL_START_OPTIONS,
  CALL_WORKFLOW,
  type CallInput,
  callWorkflowId,
  type InstanceLostSignal,
  type LegEnvelope,
  type MessageSignal,
} from '@callwright/contract';
import type { TemporalClient } from '@callwright/contract/codec';
import type { RevisionClosure } from '@callwright/engine';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { TelephonyError } from './errors.ts';
import type { SignalOutcome } from './legs/delivery.ts';

export interface CallSignaller {
  legs(companyId: string, callId: string, events: readonly LegEnvelope[]): Promise<SignalOutcome>;
  instanceLost(companyId: string, callId: string, instance: string): Promise<SignalOutcome>;
  message(companyId: string, callId: string, message: MessageSignal): Promise<SignalOutcome>;
}

export interface CallStarter {
  /** Resolves when Temporal has the workflow, also when it had it before. */
  start(input: CallInput & { readonly companyId: string }): Promise<void>;
}

const SIGNAL_MS = 3000;
const START_MS = 10_000;

export interface TemporalLinkOptions {
  readonly temporal: TemporalClient;
  /** Published closure of a company by hash, or null. */
  closure(companyId: string, hash: string): Promise<RevisionClosure | null>;
  /** Queue of the calls workers, when it is not the usual one. */
  readonly taskQueue?: string;
}

export function createTemporalLink({ temporal, closure, taskQueue }: TemporalLinkOptions): CallSignaller & CallStarter {
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
            ...(taskQueue ? { taskQueue } : {}),
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
