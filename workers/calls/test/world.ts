/** Everything a runner test needs around the real Temporal server: connections, queues of its own, a fake io worker, call inputs. */
import { randomUUID } from 'node:crypto';
import {
  CALL_START_OPTIONS,
  type CallInput,
  callWorkflowId,
  type IoActivities,
  ioQueueOf,
  type StoreRecordsInput,
} from '@callwright/contract';
import { connectTemporal, connectTemporalWorker, type TemporalOptions } from '@callwright/contract/codec';
import type { CallStart, JsonValue } from '@callwright/engine';
import { keyringFromBytes } from '@callwright/store';
import { testTemporal } from '@callwright/test-support';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { ScriptStep } from './scripted-machine.ts';

/** What the fake io worker does; each may be replaced by a test. */
export interface FakeIo extends IoActivities {
  readonly stores: StoreRecordsInput[];
}

export function temporalOptions(): TemporalOptions {
  return { ...testTemporal(), cipher: keyringFromBytes(Buffer.alloc(32, 9)), closures: async () => null };
}

let quiet = false;
export function quieten(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
}

export async function openWorld(replaced: Partial<IoActivities> = {}) {
  quieten();
  const id = randomUUID().slice(0, 8);
  const taskQueue = `calls-${id}`;
  const options = temporalOptions();
  const client = await connectTemporal(options);
  const temporal = await connectTemporalWorker(options);
  const stores: StoreRecordsInput[] = [];
  const activities: IoActivities = {
    storeRecords: async (input) => {
      stores.push(input);
      return { storedRecord: input.records.at(-1)?.n ?? 0 };
    },
    request: async () => ({ status: 'http', httpStatus: 200, body: null, truncated: false }),
    lookup: async () => ({ status: 'not-found' }),
    lease: async () => ({ state: 'alive' }),
    callsAlive: async () => ({ ended: [] }),
    storePool: async () => {},
    storeAgents: async () => {},
    poolMessage: async () => {},
    ...replaced,
  };
  const io = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    dataConverter: temporal.dataConverter,
    taskQueue: ioQueueOf(taskQueue),
    activities: { ...activities },
    shutdownGraceTime: '200ms',
    shutdownForceTime: '500ms',
  });
  const running = io.run();
  return {
    id,
    taskQueue,
    client,
    temporal,
    stores,
    options,
    close: async () => {
      io.shutdown();
      await running;
      await temporal.connection.close();
      await client.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

/** Start event of an inbound call that runs a script. */
export function scriptedStart(
  instance: string,
  script: readonly ScriptStep[],
  companyId = 'acme',
): CallStart & { inbound: object } {
  const callId = randomUUID();
  const coordinates = { type: 'unknown', id: null, entityNumber: null, number: '100', name: '' };
  return {
    type: 'call.start',
    at: Date.now(),
    callId,
    number: 1,
    companyId,
    externalId: null,
    direction: 'inbound',
    locale: { language: 'en', timeZone: 'Europe/Rome', country: 'IT', currency: 'EUR' },
    seed: 1,
    revision: 'a'.repeat(64),
    variables: { script: script as unknown as JsonValue },
    called: { ...coordinates, number: '200' },
    inbound: { leg: `${callId}/leg/1`, instance, sipCallId: 'x', coordinates },
    originate: null,
  };
}

/** Starts a call as telephony does. */
export function startCall(world: World, start: CallStart, workflowType = 'callWorkflow') {
  return world.client.client.workflow.start<(input: CallInput) => Promise<unknown>>(workflowType, {
    ...CALL_START_OPTIONS,
    taskQueue: world.taskQueue,
    workflowId: callWorkflowId(start.companyId, start.callId),
    args: [{ start, closure: null }],
  });
}

/** Waits until `test` holds; fails after `ms`. */
export async function until(test: () => boolean, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!test()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resume) => setTimeout(resume, 5));
  }
}
