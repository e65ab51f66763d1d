/**
 * A media instance without SIP or media: keeps the contract of `workers/contract/src/media.ts` (numbered legs, idempotent operations,
 * resend) and lets a test press keys, hang up, lose or repeat what it says.
 */
import {
  CALL_SIGNALS,
  callWorkflowId,
  LEG_RESEND,
  type LegEnvelope,
  type LegResendInput,
  type MediaOpInput,
  type MediaOpOutput,
  mediaQueue,
} from '@callwright/contract';
import type { TemporalClient, TemporalWorkerConnection } from '@callwright/contract/codec';
import { type LegEventBody, MediaCommand, type MediaResult } from '@callwright/engine';
import { Worker } from '@temporalio/worker';

export interface FakeMediaOptions {
  readonly temporal: TemporalWorkerConnection;
  readonly client: TemporalClient;
  readonly instance: string;
  /** Records get stored as telephony would; returns the last number stored. */
  readonly store?: (input: MediaOpInput) => Promise<number>;
  /** An outbound leg was dialled: what becomes of it is the test's to say. */
  readonly dialled?: (leg: string) => void;
}

interface FakeLeg {
  companyId: string;
  callId: string;
  n: number;
  readonly log: LegEnvelope[];
  /** Told when the next collect begins. */
  listener: ((at: number) => void) | null;
  waiting: { op: string; listens: boolean; end: (result: MediaResult) => void } | null;
  over: boolean;
}

/** How an event of a leg is told. */
export type Telling = 'signal' | 'keep';

export interface StartedOperation {
  readonly at: number;
  readonly input: MediaOpInput;
  /** True when the operation was known already: a retry that re-attached. */
  readonly again: boolean;
}

export async function fakeMedia(options: FakeMediaOptions) {
  const legs = new Map<string, FakeLeg>();
  const operations = new Map<string, Promise<MediaOpOutput>>();
  const started: StartedOperation[] = [];
  const resends: LegResendInput[] = [];

  const number = (leg: string, body: LegEventBody): LegEnvelope => {
    const line = legs.get(leg)!;
    line.n += 1;
    const envelope = { leg, n: line.n, at: Date.now(), body };
    line.log.push(envelope);
    return envelope;
  };

  const signal = async (leg: string, envelopes: readonly LegEnvelope[]): Promise<void> => {
    const { companyId, callId } = legs.get(leg)!;
    await options.client.client.workflow
      .getHandle(callWorkflowId(companyId, callId))
      .signal(CALL_SIGNALS.legs, envelopes);
  };

  const open = (companyId: string, callId: string, leg: string): void => {
    if (!legs.has(leg)) legs.set(leg, { companyId, callId, n: 0, log: [], listener: null, waiting: null, over: false });
  };

  const perform = async (input: MediaOpInput): Promise<MediaOpOutput> => {
    const { command } = input;
    if (command.kind === 'leg.dial') {
      open(input.companyId, input.callId, command.leg);
      setTimeout(() => options.dialled?.(command.leg), 20);
    }
    const leg = legs.get(command.leg);
    const storedRecord = options.store ? await options.store(input) : (input.records.at(-1)?.n ?? 0);
    if (!leg) return { envelope: null, result: { status: 'gone' }, storedRecord };
    const result = await outcome(command, leg);
    const envelope = number(command.leg, { type: 'result', op: command.op, result });
    return { envelope, result, storedRecord };
  };

  const outcome = async (command: MediaCommand, leg: FakeLeg): Promise<MediaResult> => {
    if (command.kind === 'leg.hangup' && !leg.over) setTimeout(() => void say(command.leg, hangupBody('local')), 5);
    if (leg.over && command.kind.startsWith('media.')) return { status: 'interrupted' };
    if (command.kind === 'media.collect') {
      leg.listener?.(performance.now());
      leg.listener = null;
      return new Promise((end) => {
        leg.waiting = { op: command.op, listens: true, end: ending(leg, end) };
      });
    }
    if (command.kind === 'media.play') {
      const item = command.prompts[0]?.items[0];
      const ms = item?.type === 'tone' ? item.onMs : 20;
      return new Promise((end) => {
        const over = ending(leg, end);
        leg.waiting = { op: command.op, listens: false, end: over };
        setTimeout(() => over({ status: 'done' }), ms);
      });
    }
    return { status: 'done' };
  };

  const operate = (input: MediaOpInput): Promise<MediaOpOutput> => {
    const known = operations.get(input.command.op);
    started.push({ at: Date.now(), input, again: known !== undefined });
    const operation = known ?? perform(input);
    operations.set(input.command.op, operation);
    return operation;
  };

  const say = async (leg: string, body: LegEventBody, telling: Telling = 'signal'): Promise<LegEnvelope> => {
    const envelope = number(leg, body);
    const line = legs.get(leg)!;
    if (body.type === 'hangup') {
      line.over = true;
      line.waiting?.end({ status: 'interrupted' });
    }
    if (telling === 'signal') await signal(leg, [envelope]);
    return envelope;
  };

  const activities: Record<string, (input: never) => Promise<unknown>> = {
    [LEG_RESEND]: async (input: LegResendInput) => {
      resends.push(input);
      const line = legs.get(input.leg);
      return { known: line !== undefined, events: (line?.log ?? []).filter((e) => e.n > input.after) };
    },
  };
  for (const { shape } of MediaCommand.options) activities[shape.kind.value] = operate;

  const worker = await Worker.create({
    connection: options.temporal.connection,
    namespace: options.temporal.namespace,
    dataConverter: options.temporal.dataConverter,
    taskQueue: mediaQueue(options.instance),
    activities,
    maxConcurrentActivityTaskExecutions: 500,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 10 },
    shutdownGraceTime: '200ms',
    shutdownForceTime: '500ms',
  });
  const running = worker.run();

  return {
    instance: options.instance,
    started,
    resends,
    open,
    say,
    signal,
    press: (leg: string, digit: string): void => {
      const collected: MediaResult = {
        status: 'collected',
        mode: 'keys',
        value: digit,
        confidence: 1,
        ended: 'max',
        tries: 1,
      };
      legs.get(leg)!.waiting!.end(collected);
    },
    /** Something runs on the leg. */
    waits: (leg: string): boolean => legs.get(leg)?.waiting != null,
    /** A collect runs on the leg. */
    listens: (leg: string): boolean => legs.get(leg)?.waiting?.listens === true,
    /** When the next collect on the leg begins, by `performance.now()`. */
    nextListen: (leg: string): Promise<number> =>
      new Promise((begun) => {
        legs.get(leg)!.listener = begun;
      }),
    log: (leg: string): readonly LegEnvelope[] => legs.get(leg)!.log,
    stop: async (): Promise<void> => {
      for (const leg of legs.values()) leg.waiting?.end({ status: 'interrupted' });
      worker.shutdown();
      await running;
    },
  };
}
export type FakeMedia = Awaited<ReturnType<typeof fakeMedia>>;

/** Ends what a leg waits for, once. */
function ending(leg: FakeLeg, end: (result: MediaResult) => void): (result: MediaResult) => void {
  return (result) => {
    leg.waiting = null;
    end(result);
  };
}

export const hangupBody = (by: 'remote' | 'local'): LegEventBody => ({
  type: 'hangup',
  cause: 'normal',
  sipStatus: null,
  by,
});
