/**
 * Brings leg events to the calls that own the legs, as signals in batches, at least once; the runner orders them and drops repeats
 * (design §4). While Temporal is away everything waits and is tried again.
 */
import type { LegEnvelope } from '@callwright/contract';

/** `no-call`: no such workflow runs, and none will. */
export type SignalOutcome = 'sent' | 'no-call' | 'failed';

export interface DeliveryOptions {
  signal(companyId: string, callId: string, events: readonly LegEnvelope[]): Promise<SignalOutcome>;
  /** A call that has ended still owns live legs, or never came to be. */
  onNoCall(callId: string): void;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
}

export interface Delivery {
  send(companyId: string, callId: string, event: LegEnvelope): void;
  /** Nothing is sent to the call until `open`: its workflow is being started. */
  hold(companyId: string, callId: string): void;
  open(callId: string): void;
  /** Forgets what waits for the call. */
  drop(callId: string): void;
  /** Resolves when nothing waits, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<void>;
  close(): void;
}

const BATCH = 100;
const KEPT_PER_CALL = 2000;

interface CallQueue {
  readonly companyId: string;
  readonly callId: string;
  events: LegEnvelope[];
  held: boolean;
  busy: boolean;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { signal, onNoCall, firstPauseMs = 100, longestPauseMs = 1000 } = options;
  const queues = new Map<string, CallQueue>();
  let closed = false;

  const queueOf = (companyId: string, callId: string): CallQueue => {
    const known = queues.get(callId);
    if (known) return known;
    const queue: CallQueue = { companyId, callId, events: [], held: false, busy: false };
    queues.set(callId, queue);
    return queue;
  };

  const forget = (queue: CallQueue): void => {
    if (queues.get(queue.callId) === queue) queues.delete(queue.callId);
  };

  /** One batch; false when it must be tried again. */
  const sendBatch = async (queue: CallQueue): Promise<boolean> => {
    const batch = queue.events.slice(0, BATCH);
    const outcome = await signal(queue.companyId, queue.callId, batch).catch((): SignalOutcome => 'failed');
    if (outcome === 'failed') return false;
    queue.events = queue.events.slice(batch.length);
    if (outcome === 'no-call') {
      queue.events = [];
      onNoCall(queue.callId);
    }
    return true;
  };

  const run = async (queue: CallQueue): Promise<void> => {
    if (queue.busy || queue.held) return;
    queue.busy = true;
    let pauseMs = firstPauseMs;
    while (!closed && !queue.held && queue.events.length > 0 && queues.get(queue.callId) === queue) {
      if (await sendBatch(queue)) {
        pauseMs = firstPauseMs;
      } else {
        await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    queue.busy = false;
    if (queue.events.length === 0 && !queue.held) forget(queue);
  };

  return {
    send: (companyId, callId, event) => {
      const queue = queueOf(companyId, callId);
      // a call that no signal reaches for so long is asked for by `leg.resend` later
      if (queue.events.length < KEPT_PER_CALL) queue.events.push(event);
      void run(queue);
    },
    hold: (companyId, callId) => {
      queueOf(companyId, callId).held = true;
    },
    open: (callId) => {
      const queue = queues.get(callId);
      if (!queue) return;
      queue.held = false;
      void run(queue);
    },
    drop: (callId) => void queues.delete(callId),
    settle: async (timeoutMs) => {
      const until = Date.now() + timeoutMs;
      while ([...queues.values()].some((queue) => !queue.held) && Date.now() < until) await pause(20);
    },
    close: () => {
      closed = true;
      queues.clear();
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));
