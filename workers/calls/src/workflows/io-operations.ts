/** io commands as activities on the io queue, and the store of records that no media operation carries. */
import type { IoActivities } from '@callwright/contract';
import type { HttpRequest, IoCommand, IoResult } from '@callwright/engine';
import { type ActivityOptions, proxyActivities, sleep } from '@temporalio/workflow';
import { meaningOf } from './activity-failure.ts';
import type { CallRun } from './call-run.ts';

/** A worker that died with a look-up is noticed after this time. Shorter, and a crowded machine would only add to its work. */
const LOOKUP_MS = 2000;
/** A look-up waits out a store that restarts; then the flow is told. */
const LOOKUP_PATIENCE_MS = 30_000;
const REQUEST_MARGIN_MS = 2000;
/** A worker that dies with a request is noticed after this time; most requests are answered before their first heartbeat. */
const REQUEST_HEARTBEAT_MS = 2000;
/** Attempts of a safe request beyond the author's, against workers that die. */
const SPARE_ATTEMPTS = 3;
const QUEUE_PATIENCE_MS = 30_000;

/** Whether a request may be sent again without asking the author. */
export const isSafe = (request: HttpRequest): boolean => request.method === 'GET' || request.retryUnsafe;

/** Attempts of a request; the activity itself keeps to the author's retries, the spare ones stand for dead workers. */
export const attemptsOf = (request: HttpRequest): number =>
  isSafe(request) ? request.retries + 1 + SPARE_ATTEMPTS : 1;

/** Starts an io operation; its answer reaches the machine as `op.result`. A flow's closure joins `closures` on the way. */
export function runIoOperation(run: CallRun, command: IoCommand, landed: (result: IoResult) => IoResult): void {
  void perform(run, command).then((result) => {
    run.ready.push({ type: 'op.result', at: Date.now(), op: command.op, result: landed(result) });
  });
}

async function perform(run: CallRun, command: IoCommand): Promise<IoResult> {
  const { companyId, callId } = run.start;
  const activities = proxyActivities<IoActivities>({ taskQueue: run.ioQueue, ...optionsOf(command) });
  try {
    if (command.kind === 'io.request') {
      return await activities.request({ companyId, callId, op: command.op, request: command.request });
    }
    return await activities.lookup({ companyId, callId, lookup: command.lookup });
  } catch (error) {
    const failure = meaningOf(error);
    const code = failure.meaning === 'suspicion' ? 'timeout' : 'failed';
    return {
      status: 'io-failed',
      code,
      message: failure.meaning === 'suspicion' ? 'No answer in time.' : failure.code,
    };
  }
}

function optionsOf(command: IoCommand): ActivityOptions {
  if (command.kind === 'io.lookup') {
    return {
      startToCloseTimeout: LOOKUP_MS,
      scheduleToCloseTimeout: LOOKUP_PATIENCE_MS,
      retry: { initialInterval: '100ms', maximumInterval: '1s' },
    };
  }
  const attempts = attemptsOf(command.request);
  const attemptMs = command.request.timeoutMs + REQUEST_MARGIN_MS;
  return {
    startToCloseTimeout: attemptMs,
    scheduleToCloseTimeout: attempts * attemptMs + QUEUE_PATIENCE_MS,
    // one that may not be repeated gains nothing from an early verdict
    ...(isSafe(command.request) ? { heartbeatTimeout: REQUEST_HEARTBEAT_MS } : {}),
    retry: { maximumAttempts: attempts, initialInterval: '200ms', maximumInterval: '2s' },
  };
}

const STORE_RIDER = 'store';
const REFUSED_PAUSE_MS = 10_000;

/** Writes waiting records by one io activity at a time, tried until it succeeds. */
export function recordStore(run: CallRun) {
  const { storeRecords } = proxyActivities<IoActivities>({
    taskQueue: run.ioQueue,
    startToCloseTimeout: '3s',
    retry: { initialInterval: '100ms', maximumInterval: '2s' },
  });
  let storing = false;
  let closed = false;
  const write = async (final: boolean): Promise<void> => {
    if (final) run.outbox.reclaim();
    const records = run.outbox.load(STORE_RIDER);
    // the call's row is closed with its last batch only
    const last = final && !run.outbox.waiting;
    const { companyId, callId } = run.start;
    try {
      await storeRecords({ companyId, callId, records, final: last });
      run.outbox.unload(STORE_RIDER, records.at(-1)?.n ?? 0);
      closed = last;
    } catch {
      // refused for good, hence a fault of ours: the records are kept, a repaired worker will take them
      run.outbox.unload(STORE_RIDER, 0);
      await sleep(REFUSED_PAUSE_MS);
    }
    storing = false;
  };
  return {
    get busy() {
      return storing;
    },
    /** Everything is stored and the call's row is closed. */
    get closed() {
      return closed && !run.outbox.waiting;
    },
    start: (final: boolean): void => {
      storing = true;
      void write(final);
    },
  };
}
export type RecordStore = ReturnType<typeof recordStore>;
