/** `trialRequestWorkflow`: one request of a flow that an author tries, sent once, by the io workers that send those of calls. */
import { type IoActivities, ioQueueOf, type TrialRequestInput } from '@callwright/contract';
import type { IoResult } from '@callwright/engine';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { meaningOf } from './activity-failure.ts';

const MARGIN_MS = 2000;
/** An io worker that is restarted is back in this time. */
const QUEUE_PATIENCE_MS = 5000;

export async function trialRequestWorkflow({ companyId, id, request }: TrialRequestInput): Promise<IoResult> {
  const { request: send } = proxyActivities<IoActivities>({
    taskQueue: ioQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: request.timeoutMs + MARGIN_MS,
    scheduleToCloseTimeout: request.timeoutMs + MARGIN_MS + QUEUE_PATIENCE_MS,
    // an author sees what one attempt brings
    retry: { maximumAttempts: 1 },
  });
  try {
    return await send({ companyId, callId: id, op: id, request: { ...request, retries: 0 } });
  } catch (error) {
    const failure = meaningOf(error);
    if (failure.meaning === 'suspicion') return { status: 'io-failed', code: 'timeout', message: 'No answer in time.' };
    return { status: 'io-failed', code: 'failed', message: failure.code };
  }
}
