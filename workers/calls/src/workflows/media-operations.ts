/**
 * Media commands as activities on the queue of the leg's instance (design §4): start-to-close is the operation's maximum, schedule-
 * to-start 3 s, no heartbeat. A time-out is a suspicion: the lease is asked and the operation scheduled again under the same id.
 */
import {
  LEG_RESEND,
  type LegEnvelope,
  type LegResendOutput,
  type MediaActivities,
  type MediaOpOutput,
  mediaQueue,
} from '@callwright/contract';
import type { MediaCommand, MediaResult } from '@callwright/engine';
import { CancellationScope, proxyActivities, sleep } from '@temporalio/workflow';
import { meaningOf } from './activity-failure.ts';
import { type CallRun, deliver, instanceOf, openBefore, processedNumbers } from './call-run.ts';
import { isLost, loseInstance } from './instance-loss.ts';
import { operationTimeMs } from './operation-time.ts';

const SCHEDULE_TO_START = '3s';
const RETRY = { maximumAttempts: 3, initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '1s' } as const;
/** Rounds of transport errors, each of three attempts, before an operation is answered as failed. */
const TRANSPORT_ROUNDS = 5;
const TRANSPORT_PAUSE_MS = 500;
const GAP_MS = 1000;
const RESEND_MS = 5000;

/** Starts a media operation; its answer reaches the machine as a leg event, or as `op.result` when telephony knows no such leg. */
export function runMediaOperation(run: CallRun, command: MediaCommand): void {
  if (run.lost.has(command.instance)) {
    answer(run, command, { status: 'gone' });
    return;
  }
  // a leg taken from another call goes on after what its giver has processed
  if (command.kind === 'leg.take') {
    raise(run.processed, command.leg, command.lastNumber);
    knowLeg(run, command.leg, command.lastNumber);
  }
  run.open.set(command.op, command);
  void attempt(run, command);
}

async function attempt(run: CallRun, command: MediaCommand): Promise<void> {
  const { op, instance } = command;
  for (let rounds = 0; run.open.has(op); ) {
    try {
      const output = await schedule(run, command);
      run.outbox.unload(op, output.storedRecord);
      settle(run, command, output);
      return;
    } catch (error) {
      run.outbox.unload(op, 0);
      if (!run.open.has(op)) return;
      const failure = meaningOf(error);
      if (failure.meaning === 'transport') {
        rounds += 1;
        if (rounds >= TRANSPORT_ROUNDS) {
          return answer(run, command, {
            status: 'failed',
            code: failure.code,
            message: 'The media instance cannot act.',
          });
        }
        await sleep(TRANSPORT_PAUSE_MS);
      }
      if (failure.meaning === 'failed') {
        return answer(run, command, { status: 'failed', code: failure.code, message: failure.message });
      }
      if (await isLost(run, instance)) loseInstance(run, instance, Date.now());
    }
  }
}

function schedule(run: CallRun, command: MediaCommand): Promise<MediaOpOutput> {
  const activities = proxyActivities<MediaActivities>({
    taskQueue: mediaQueue(command.instance),
    startToCloseTimeout: operationTimeMs(command),
    scheduleToStartTimeout: SCHEDULE_TO_START,
    retry: RETRY,
  });
  const { language, timeZone, currency } = run.start.locale;
  return activities[command.kind]({
    companyId: run.start.companyId,
    callId: run.start.callId,
    command,
    after: openBefore(run, command),
    processed: processedNumbers(run),
    records: run.outbox.load(command.op),
    locale: { language, timeZone, currency },
  });
}

/** The activity came back: its envelope takes its place in the leg's order; repeats of a signalled result are dropped there. */
function settle(run: CallRun, command: MediaCommand, { envelope, result }: MediaOpOutput): void {
  if (!run.open.has(command.op)) return;
  run.open.delete(command.op);
  if (envelope) takeEnvelopes(run, [envelope]);
  else run.ready.push({ type: 'op.result', at: Date.now(), op: command.op, result });
}

function answer(run: CallRun, command: MediaCommand, result: MediaResult): void {
  run.open.delete(command.op);
  run.ready.push({ type: 'op.result', at: Date.now(), op: command.op, result });
}

function raise(numbers: Map<string, number>, leg: string, to: number): void {
  numbers.set(leg, Math.max(numbers.get(leg) ?? 0, to));
}

/** Takes what telephony says of legs, and sees to a gap that stands for 1 s. */
export function takeEnvelopes(run: CallRun, envelopes: readonly LegEnvelope[]): void {
  deliver(run, run.order.offer(envelopes));
  watchGaps(run);
}

/** Declares a leg of this call and what the machine has processed of it. */
export function knowLeg(run: CallRun, leg: string, processed: number): void {
  deliver(run, run.order.know(leg, processed));
  watchGaps(run);
}

function watchGaps(run: CallRun): void {
  for (const { leg, after } of run.order.gaps()) {
    if (run.gaps.has(leg)) continue;
    run.gaps.add(leg);
    // signals are handled outside of the run's own scope: a cancelled workflow still hangs its legs up, in order
    void CancellationScope.nonCancellable(() => closeGap(run, leg, after));
  }
}

/** A gap that stands for 1 s is asked for; what the instance no longer holds is skipped. */
async function closeGap(run: CallRun, leg: string, after: number): Promise<void> {
  const stands = (): boolean => run.order.gaps().some((gap) => gap.leg === leg && gap.after === after);
  await sleep(GAP_MS);
  while (stands()) {
    const answered = await resend(run, leg, after);
    if (answered === 'again') continue;
    if (answered) deliver(run, run.order.offer(answered.events));
    if (stands()) deliver(run, run.order.skip(leg));
  }
  run.gaps.delete(leg);
  watchGaps(run);
}

/** Everything telephony holds above `after`, null when nobody can tell any more, `again` after a mere time-out. */
async function resend(run: CallRun, leg: string, after: number): Promise<LegResendOutput | null | 'again'> {
  const instance = instanceOf(run, leg);
  if (!instance || run.lost.has(instance)) return null;
  const activities = proxyActivities<MediaActivities>({
    taskQueue: mediaQueue(instance),
    startToCloseTimeout: RESEND_MS,
    scheduleToStartTimeout: SCHEDULE_TO_START,
    retry: RETRY,
  });
  try {
    return await activities[LEG_RESEND]({ callId: run.start.callId, leg, after });
  } catch (error) {
    if (meaningOf(error).meaning === 'failed') return null;
    if (await isLost(run, instance)) loseInstance(run, instance, Date.now());
    return 'again';
  }
}
