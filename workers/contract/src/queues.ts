/** Task queues and workflow ids: one place, so that every process agrees (design §4). */

/** Workflows of calls and pools. */
export const CALLS_QUEUE = 'calls';
/** Activities of io workers. */
export const IO_QUEUE = 'io';
/**
 * Queue of the io workers that serve the workflows of a calls queue: a suffix of the one is a suffix of the other, so that several
 * installations can share a namespace.
 */
export const ioQueueOf = (callsQueue: string): string => IO_QUEUE + callsQueue.slice(CALLS_QUEUE.length);
/** Activities of one media instance, `media.<name>.<epoch>`. */
export const mediaQueue = (instance: string): string => `media.${instance}`;

export const callWorkflowId = (companyId: string, callId: string): string => `call:${companyId}:${callId}`;
export const poolWorkflowId = (companyId: string): string => `pool:${companyId}`;
export const trialRequestWorkflowId = (companyId: string, id: string): string => `trial:${companyId}:${id}`;

/** Workflow type names as registered by `workers/calls`. */
export const CALL_WORKFLOW = 'callWorkflow';
export const POOL_WORKFLOW = 'poolWorkflow';
export const TRIAL_REQUEST_WORKFLOW = 'trialRequestWorkflow';

/**
 * What a workflow task that died with its worker costs, beside the second of the sticky queue: together they stay below the 4 s that a
 * caller may wait. A task takes 2–10 ms; one that is cut short by a stalled machine is done again, with more time after the third.
 */
export const WORKFLOW_TASK_TIMEOUT = '2s';

/** Start options every starter of a call uses (temporal.md §0). */
export const CALL_START_OPTIONS = {
  taskQueue: CALLS_QUEUE,
  workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
  workflowIdReusePolicy: 'REJECT_DUPLICATE',
} as const;

/** Search attributes set at start and once at the end. */
export const SEARCH_ATTRIBUTES = { companyId: 'CompanyId', callId: 'CallId', outcome: 'Outcome' } as const;
