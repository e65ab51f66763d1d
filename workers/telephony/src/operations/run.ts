/**
 * Runs operations, each once: a retry of the same id re-attaches to the running or finished one (design §4). Results are numbered
 * envelopes of their leg; they are signalled too when nobody has acknowledged them within a second.
 */
import type { LegEnvelope, LegResendInput, LegResendOutput, MediaOpInput, MediaOpOutput } from '@callwright/contract';
import type { MediaCommand, MediaResult } from '@callwright/engine';
import { codeOf, TELEPHONY_ERRORS, type TelephonyErrorCode } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import { bridge, unbridge } from './bridge.ts';
import { collect } from './collect.ts';
import { conference } from './conference.ts';
import { GONE, type Handler, INTERRUPTED, type RunningOperation, type TelephonyContext } from './context.ts';
import { dial } from './dial.ts';
import { keys } from './keys.ts';
import { answer, hangup, refer, release, ring } from './leg-life.ts';
import { createOrder, type OperationOrder } from './order.ts';
import { speakOwn } from './pass-through.ts';
import { background, play, stop } from './play.ts';
import { record } from './record.ts';
import { supervise } from './supervise.ts';
import { take } from './take.ts';
import { tap } from './tap.ts';

export interface OperationRunner {
  run(input: MediaOpInput): Promise<MediaOpOutput>;
  resend(input: LegResendInput): LegResendOutput;
}

export interface RunnerOptions {
  /** Takes a place for a call that has no live leg here; false when the instance is full. */
  admit(callId: string): boolean;
  /** After this time an unacknowledged result is signalled. */
  readonly resultPatienceMs?: number;
}

const HANDLERS = {
  'leg.ring': ring,
  'leg.answer': answer,
  'leg.dial': dial,
  'leg.hangup': hangup,
  'leg.refer': refer,
  'leg.release': release,
  'media.play': play,
  'media.collect': collect,
  'media.record': record,
  'media.tap': tap,
  'media.background': background,
  'media.stop': stop,
  'media.bridge': bridge,
  'media.unbridge': unbridge,
  'media.keys': keys,
  'media.conference': conference,
  'media.supervise': supervise,
} as const satisfies { [K in Exclude<MediaCommand['kind'], 'leg.take'>]: Handler<K> };

/** Quick operations whose answer must not wait for the store: the next one is what the caller hears. */
const NOT_WAITING: ReadonlySet<MediaCommand['kind']> = new Set([
  'leg.ring',
  'leg.answer',
  'media.background',
  'media.stop',
  'leg.dial',
]);

/** They end whatever background sound there is; what plays or listens may leave it, or is followed by it. */
const TAKES_PLACE: ReadonlySet<MediaCommand['kind']> = new Set(['media.background', 'media.bridge']);

/** How long an operation waits for one that was ordered before it: far above what two take that left together. */
const ORDER_PATIENCE_MS = 1000;
const FINISHED_KEPT = 5000;
const RECORDS_MS = 1000;
/** How long a leg that was hung up before it was known is kept from being dialled: operations may overtake each other. */
const OVERTAKEN_MS = 60_000;

export function createRunner(context: TelephonyContext, options: RunnerOptions): OperationRunner {
  const operations = new Map<string, Promise<MediaOpOutput>>();
  const finished: string[] = [];
  const overtaken = new Set<string>();
  const order = createOrder(ORDER_PATIENCE_MS);

  const remember = (op: string, work: Promise<MediaOpOutput>): Promise<MediaOpOutput> => {
    operations.set(op, work);
    void work.finally(() => {
      order.reached(op, 'begun');
      finished.push(op);
      if (finished.length > FINISHED_KEPT) forget(finished.shift()!);
    });
    return work;
  };

  const forget = (op: string): void => {
    operations.delete(op);
    order.forget(op);
  };

  const perform = async (input: MediaOpInput): Promise<MediaOpOutput> => {
    acknowledge(context, input);
    const { command, after = [] } = input;
    // what is to be stopped need not be at work yet
    const progress = command.kind === 'media.stop' ? 'entered' : 'begun';
    const lost = await order.behind(after, progress, TAKES_PLACE.has(command.kind));
    if (lost.length > 0) context.log.warn({ leg: command.leg, op: command.op, lost }, 'did not wait any longer');
    order.reached(command.op, 'entered');
    const leg = command.kind === 'leg.dial' ? legToDial(context, input, overtaken, options) : findLeg(context, input);
    if (!leg) return unknownLeg(context, input, overtaken);
    context.metrics.running.inc();
    const records = recordsOf(context, input);
    const result =
      command.kind === 'leg.take'
        ? await runTake(context, leg, input)
        : await runHandler(context, leg, input, records, order);
    context.metrics.running.dec();
    context.metrics.operations.inc({ kind: command.kind, status: result.status });
    records.start();
    const storedRecord = await records.stored(!NOT_WAITING.has(command.kind));
    // a take that was not committed is no event of the leg: its numbers are the giver's
    if (command.kind === 'leg.take' && result.status !== 'done') return { envelope: null, result, storedRecord };
    const envelope = context.legs.number(leg, { type: 'result', op: command.op, result });
    if (command.kind === 'leg.release') context.legs.remove(leg);
    else signalLate(context, leg, envelope, options.resultPatienceMs ?? 1000);
    return { envelope, result, storedRecord };
  };

  return {
    run: (input) => operations.get(input.command.op) ?? remember(input.command.op, perform(input)),
    resend: ({ callId, leg: legId, after }) => {
      const leg = context.legs.get(legId);
      return leg && leg.callId === callId
        ? { known: true, events: leg.log.after(after) }
        : { known: false, events: [] };
    },
  };
}

function acknowledge(context: TelephonyContext, input: MediaOpInput): void {
  for (const [legId, number] of Object.entries(input.processed)) {
    const leg = context.legs.get(legId);
    if (leg?.callId === input.callId) leg.log.acknowledge(number);
  }
}

/** The leg, if it is the company's and the call's; a leg to be taken is still the giver's. */
function findLeg(context: TelephonyContext, { companyId, callId, command }: MediaOpInput): Leg | null {
  const leg = context.legs.get(command.leg);
  if (!leg || leg.companyId !== companyId) return null;
  if (command.kind === 'leg.take') return leg.callId === command.giver ? leg : null;
  return leg.callId === callId ? leg : null;
}

function legToDial(
  context: TelephonyContext,
  input: MediaOpInput,
  overtaken: Set<string>,
  options: RunnerOptions,
): Leg | null {
  const { companyId, callId, command } = input;
  if (overtaken.has(command.leg) || context.legs.get(command.leg)) return null;
  const live = context.legs.ofCall(callId).some((leg) => leg.state !== 'ended');
  const admitted = live || options.admit(callId);
  const leg = context.legs.add({ id: command.leg, callId, companyId, direction: 'outbound' });
  if (!admitted) context.legs.end(leg, { cause: 'congestion', sipStatus: 503, by: 'local' });
  return leg;
}

async function unknownLeg(
  context: TelephonyContext,
  input: MediaOpInput,
  overtaken: Set<string>,
): Promise<MediaOpOutput> {
  const { kind, leg } = input.command;
  if (kind === 'leg.hangup' || kind === 'leg.release') {
    overtaken.add(leg);
    setTimeout(() => overtaken.delete(leg), OVERTAKEN_MS).unref();
  }
  context.metrics.operations.inc({ kind, status: 'gone' });
  const records = recordsOf(context, input);
  records.start();
  return { envelope: null, result: GONE, storedRecord: await records.stored(true) };
}

async function runTake(context: TelephonyContext, leg: Leg, input: MediaOpInput): Promise<MediaResult> {
  if (input.command.kind !== 'leg.take') return GONE;
  try {
    await take(context, leg, input, input.command);
    return { status: 'done' };
  } catch (error) {
    return failure(context, leg, error);
  }
}

const RUNS_ON_ENDED_LEGS: ReadonlySet<MediaCommand['kind']> = new Set([
  'leg.hangup',
  'leg.release',
  'media.stop',
  'media.unbridge',
]);

/** The party hears or is heard by us, not by another one. */
const SOUNDS: ReadonlySet<MediaCommand['kind']> = new Set([
  'media.play',
  'media.collect',
  'media.record',
  'media.background',
  'media.conference',
]);

/** A conversation goes on below it. */
const isAbove = (command: MediaCommand): boolean => command.kind === 'media.play' && command.hearers !== undefined;

async function runHandler(
  context: TelephonyContext,
  leg: Leg,
  input: MediaOpInput,
  records: Records,
  order: OperationOrder,
): Promise<MediaResult> {
  const { command } = input;
  if (leg.state === 'ended' && !RUNS_ON_ENDED_LEGS.has(command.kind))
    return command.kind === 'leg.dial' ? { status: 'done' } : INTERRUPTED;
  const stopper = new AbortController();
  leg.running.set(command.op, stopper);
  const started = (): void => {
    records.start();
    order.reached(command.op, 'begun');
  };
  const overtaken = (): boolean => order.overtaken(command.op);
  const operation = { context, leg, input, command, signal: stopper.signal, started, overtaken };
  try {
    if (SOUNDS.has(command.kind) && !isAbove(command)) await speakOwn(leg);
    return await (
      HANDLERS[command.kind as keyof typeof HANDLERS] as unknown as (o: RunningOperation) => Promise<MediaResult>
    )(operation);
  } catch (error) {
    if (stopper.signal.aborted) return INTERRUPTED;
    return failure(context, leg, error);
  } finally {
    leg.running.delete(command.op);
  }
}

function failure(context: TelephonyContext, leg: Leg, error: unknown): MediaResult {
  const code = codeOf(error);
  const known = code !== undefined && code in TELEPHONY_ERRORS;
  if (!known) context.log.error({ leg: leg.id, err: error }, 'operation failed');
  const message = known && error instanceof Error ? error.message : TELEPHONY_ERRORS.TEL_INTERNAL.message;
  return {
    status: 'failed',
    code: known ? (code as TelephonyErrorCode) : 'TEL_INTERNAL',
    message: message.slice(0, 500),
  };
}

interface Records {
  /** Begins to store them, once; called when the media runs. */
  start(): void;
  /** The highest number stored so far, or when the writing is through. */
  stored(wait: boolean): Promise<number>;
}

function recordsOf(context: TelephonyContext, { companyId, callId, records }: MediaOpInput): Records {
  let writing: Promise<void> | null = null;
  let stored = 0;
  return {
    start: () => {
      if (writing || records.length === 0) return;
      writing = context.storeRecords(companyId, callId, records).then(
        (highest) => {
          stored = highest;
        },
        () => context.log.warn({ callId }, 'records were not stored'),
      );
    },
    stored: async (wait) => {
      if (wait && writing)
        await Promise.race([writing, new Promise((resume) => setTimeout(resume, RECORDS_MS).unref())]);
      return stored;
    },
  };
}

function signalLate(context: TelephonyContext, leg: Leg, envelope: LegEnvelope, patienceMs: number): void {
  const timer = setTimeout(() => {
    if (leg.log.acknowledged < envelope.n && context.legs.get(leg.id) === leg) {
      context.delivery.send(leg.companyId, leg.callId, envelope);
    }
  }, patienceMs);
  timer.unref();
}
