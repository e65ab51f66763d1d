/** A worker for io activities; any number per installation. */
import { ioQueueOf } from '@callwright/contract';
import type { TemporalWorkerConnection } from '@callwright/contract/codec';
import { Worker } from '@temporalio/worker';
import { type IoParts, ioActivities } from './activities.ts';

const ACTIVITIES = 200;
const POLLERS = 10;

export function createIoWorker(temporal: TemporalWorkerConnection, parts: IoParts): Promise<Worker> {
  return Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    dataConverter: temporal.dataConverter,
    taskQueue: ioQueueOf(parts.callsQueue),
    activities: { ...ioActivities(parts) },
    maxConcurrentActivityTaskExecutions: ACTIVITIES,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: POLLERS },
    shutdownGraceTime: '2s',
    shutdownForceTime: '4s',
  });
}
