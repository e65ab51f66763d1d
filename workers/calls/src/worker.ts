/** A worker for the workflows of calls and pools: one per core, any number per installation. */
import { CALLS_QUEUE } from '@callwright/contract';
import type { TemporalWorkerConnection } from '@callwright/contract/codec';
import { Worker } from '@temporalio/worker';

export interface CallsWorkerOptions {
  readonly temporal: TemporalWorkerConnection;
  /** Code of the workflow bundle (`callsBundle`). */
  readonly bundle: string;
  /** Runs kept in memory; a talking call costs about 0.3 MB (temporal.md §2.3). */
  readonly maxCachedWorkflows: number;
  /** `calls`, with a suffix where installations share a namespace. */
  readonly taskQueue?: string;
}

const POLLERS = 5;
/** Few: the thread works one after the other, and what a killed or just started worker holds waits for the task time-out. */
const WORKFLOW_TASKS = 8;

export function createCallsWorker(options: CallsWorkerOptions): Promise<Worker> {
  const { connection, namespace, dataConverter } = options.temporal;
  return Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue: options.taskQueue ?? CALLS_QUEUE,
    workflowBundle: { code: options.bundle },
    reuseV8Context: true,
    workflowThreadPoolSize: 1,
    // a worker that was killed is given up by its calls after this time; a task waits for a live one 50 ms at most (temporal.md §0)
    stickyQueueScheduleToStartTimeout: '700ms',
    maxCachedWorkflows: options.maxCachedWorkflows,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: POLLERS },
    shutdownGraceTime: '2s',
    shutdownForceTime: '4s',
  });
}
