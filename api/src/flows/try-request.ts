/** A request of a flow, tried by its author: sent by the io workers, under the guard, sizes and times of those that calls send. */
import {
  CALLS_QUEUE,
  TRIAL_REQUEST_WORKFLOW,
  type TrialRequestInput,
  trialRequestWorkflowId,
} from '@callwright/contract';
import { type HttpRequest, IoResult } from '@callwright/engine';
import type { CompanyScope } from '@callwright/store';
import { ApiError } from '../problem.ts';
import type { TemporalGate } from '../temporal-gate.ts';

/** Beyond the request's own time: the way through two workers. */
const MARGIN_MS = 10_000;

export type TriedRequest = Extract<IoResult, { status: 'http' } | { status: 'io-failed' }> & {
  readonly durationMs: number;
};

/** `id` names the trial: asked again under it, the first answer is given. Throws `API_UNAVAILABLE` when no worker takes it. */
export async function tryRequest(
  temporal: TemporalGate,
  { companyId }: CompanyScope,
  id: string,
  request: HttpRequest,
): Promise<TriedRequest> {
  const client = temporal.client();
  const input: TrialRequestInput = { companyId, id, request };
  const patienceMs = request.timeoutMs + MARGIN_MS;
  const workflowId = trialRequestWorkflowId(companyId, id);
  const startedAt = Date.now();
  try {
    const answer = await client.withDeadline(Date.now() + patienceMs, async () => {
      await client.workflow
        .start(TRIAL_REQUEST_WORKFLOW, {
          taskQueue: CALLS_QUEUE,
          workflowId,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowExecutionTimeout: patienceMs,
          args: [input],
        })
        .catch((error: Error) => {
          if (error.name !== 'WorkflowExecutionAlreadyStartedError') throw error;
        });
      return client.workflow.getHandle(workflowId).result();
    });
    const result = IoResult.parse(answer);
    if (result.status !== 'http' && result.status !== 'io-failed') throw new ApiError('API_INTERNAL');
    return { ...result, durationMs: Date.now() - startedAt };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('API_UNAVAILABLE', { retryAfterSeconds: 2 }, { cause: error });
  }
}
