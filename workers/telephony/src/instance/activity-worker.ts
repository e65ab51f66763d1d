/** The Temporal worker of one media instance, on its own queue. */
import { mediaQueue } from '@callwright/contract';
import type { TemporalWorkerConnection } from '@callwright/contract/codec';
import { Worker } from '@temporalio/worker';
import type { ServeOptions, Serving } from '../call-logic.ts';

export interface ActivityWorkerOptions extends ServeOptions {
  readonly temporal: TemporalWorkerConnection;
}

const POLLERS = 10;
const PAUSE_MS = 500;

/** Runs until stopped; a worker that fails is made anew, since legs live longer than one. */
export async function runActivityWorker(options: ActivityWorkerOptions): Promise<Serving> {
  let stopping = false;
  let worker = await createWorker(options);
  const running = (async () => {
    for (;;) {
      await worker.run().catch((error: unknown) => options.log.error({ err: error }, 'activity worker failed'));
      if (stopping) return;
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
      const next = await createWorker(options).catch(() => null);
      if (next) worker = next;
      if (stopping && next) {
        // made while the stop came in: never run
        return;
      }
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.race([running, new Promise((resume) => setTimeout(resume, 4000).unref())]);
    },
  };
}

function createWorker({ temporal, instance, activities, maxCalls }: ActivityWorkerOptions): Promise<Worker> {
  const { connection, namespace, dataConverter } = temporal;
  return Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue: mediaQueue(instance),
    activities,
    // one slot is held per call in an interaction (temporal.md §4.2)
    maxConcurrentActivityTaskExecutions: Math.ceil(maxCalls * 1.5) + 50,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: POLLERS },
    shutdownGraceTime: '1s',
    shutdownForceTime: '3s',
  });
}
