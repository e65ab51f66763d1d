/**
 * The runner of a call (design §3, §4): one workflow per call that tells the call machine what happened and does what it asks. It
 * knows nothing of SIP, HTTP or node kinds. The machine is handed in, so that tests run scripted ones.
 */
import {
  CALL_SIGNALS,
  CALL_STATE_QUERY,
  type CallInput,
  type CallOutcome,
  type CallResume,
  type CallStateAnswer,
  type ControlSignal,
  type InstanceLostSignal,
  ioQueueOf,
  type LegEnvelope,
  type MessageSignal,
} from '@callwright/contract';
import type {
  Command,
  EngineEvent,
  IoResult,
  Message,
  RevisionClosure,
  StartCall,
  StepCall,
  StepResult,
} from '@callwright/engine';
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CallRun } from './call-run.ts';
import { callTimers } from './call-timers.ts';
import { RUNNER_ERRORS } from './errors.ts';
import { endFailedCall } from './failed-call.ts';
import { loseInstance } from './instance-loss.ts';
import { recordStore, runIoOperation } from './io-operations.ts';
import { legLedger } from './leg-ledger.ts';
import { legOrder } from './leg-order.ts';
import { knowLeg, runMediaOperation, takeEnvelopes } from './media-operations.ts';
import { sendMessage } from './messages-out.ts';
import { orderedSignals } from './ordered-signals.ts';
import { dispositionIn, tellOutcome } from './outcome.ts';
import { recordOutbox } from './record-outbox.ts';
import { sharedClosure } from './shared-closures.ts';

export interface CallMachine {
  readonly start: StartCall;
  readonly step: StepCall;
}

export interface CallRunnerOptions {
  readonly machine: CallMachine;
  /** Continue as new at this length of the history; absent: when Temporal suggests it. */
  readonly continueAfterEvents?: number;
}

const legsSignal = defineSignal<[readonly LegEnvelope[]]>(CALL_SIGNALS.legs);
const instanceLostSignal = defineSignal<[InstanceLostSignal]>(CALL_SIGNALS.instanceLost);
const messageSignal = defineSignal<[MessageSignal]>(CALL_SIGNALS.message);
const controlSignal = defineSignal<[ControlSignal]>(CALL_SIGNALS.control);
const stateQuery = defineQuery<CallStateAnswer | null>(CALL_STATE_QUERY);

/** Makes `callWorkflow` around a machine. */
export function callRunner(options: CallRunnerOptions): (input: CallInput) => Promise<CallOutcome> {
  return async function callWorkflow(input) {
    const call = openCall(options.machine, input);
    hangUpWhenCancelled(call.run);
    return CancellationScope.nonCancellable(() => drive(call, options));
  };
}

async function drive(call: OpenCall, options: CallRunnerOptions): Promise<CallOutcome> {
  try {
    call.begin();
    for (;;) {
      call.advance();
      if (call.finished()) {
        tellOutcome(call.run.disposition);
        return { callId: call.run.start.callId, lastRecord: call.run.state?.lastRecord ?? 0 };
      }
      if (call.quiet() && longEnough(options))
        await continueAsNew<(input: CallInput) => Promise<CallOutcome>>(call.successor());
      await condition(() => call.run.ready.length > 0 || call.mayStore() || call.finished());
    }
  } catch (error) {
    if (!(error instanceof MachineFailure)) throw error;
    call.timers.cancelAll();
    await endFailedCall(call.run, call.store);
    tellOutcome('failed');
    throw ApplicationFailure.nonRetryable(RUNNER_ERRORS.RUN_MACHINE_FAILED.message, 'RUN_MACHINE_FAILED');
  }
}

/** A cancelled workflow must not strand its legs: the machine is told to hang up, and the run ends as every other. */
function hangUpWhenCancelled(run: CallRun): void {
  void CancellationScope.current().cancelRequested.catch(() => {
    const by = { type: 'platform', id: 'cancelled' };
    run.ready.push({
      type: 'control',
      at: Date.now(),
      id: `${run.start.callId}/cancelled`,
      by,
      action: { kind: 'hangup', leg: null },
    });
  });
}

type OpenCall = ReturnType<typeof openCall>;

/** Thrown by the machine, or by nothing else: told apart from the runner's own control flow. */
class MachineFailure extends Error {}

function longEnough({ continueAfterEvents }: CallRunnerOptions): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAfterEvents === undefined ? continueAsNewSuggested : historyLength >= continueAfterEvents;
}

function openCall(machine: CallMachine, input: CallInput) {
  const run = openRun(input);
  const closures = new Map<string, RevisionClosure>();
  for (const closure of [input.closure, ...Object.values(input.resume?.closures ?? {})]) {
    if (closure) closures.set(closure.root, sharedClosure(closure));
  }
  const controls = new Set(input.resume?.controls ?? []);
  const timers = callTimers((timer) => run.ready.push({ type: 'timer.fired', at: Date.now(), timer }));
  const messages = orderedSignals();
  const store = recordStore(run);
  let ioOpen = 0;
  let lookups = 0;
  listen(run, controls, timers);

  /** A look-up that led to a flow brings its closure: into the environment, out of the event. */
  const land = (result: IoResult): IoResult => {
    ioOpen -= 1;
    if (result.status !== 'destination' || !result.closure) return result;
    const closure = result.closure as unknown as RevisionClosure;
    closures.set(closure.root, sharedClosure(closure));
    return { ...result, closure: null };
  };

  const execute = (command: Command): void => {
    run.ledger.sent(command, Date.now());
    switch (command.kind) {
      case 'timer.start':
        // from now, not from the event's time: after an outage a delay still gives its party the whole time
        timers.start(command.timer, Date.now() + command.delayMs);
        break;
      case 'timer.cancel':
        timers.cancel(command.timer);
        break;
      case 'send':
        sendMessage(run, messages, command);
        break;
      case 'io.request':
        ioOpen += 1;
        runIoOperation(run, command, land);
        break;
      case 'io.lookup':
        ioOpen += 1;
        lookups += 1;
        runIoOperation(run, command, (result) => {
          lookups -= 1;
          return land(result);
        });
        break;
      default:
        runMediaOperation(run, command);
    }
  };

  const take = (result: StepResult): void => {
    run.state = result.state;
    run.outbox.add(result.records);
    run.disposition ??= dispositionIn(result.records);
    for (const [leg, { processed }] of Object.entries(result.state.legs)) {
      knowLeg(run, leg, processed);
    }
    for (const command of result.commands) guarded(() => execute(command));
  };

  const ended = (): boolean => run.state?.status === 'ended';

  /** The machine has ended and listens no more, the run still drains: who asks for a leg gets an answer all the same. */
  const refuseLate = (message: Message): void => {
    if (message.type !== 'leg.ask' && message.type !== 'leg.bring') return;
    const { callId } = input.start;
    const refusal = {
      type: 'leg.refuse',
      id: `${message.id}/ended`,
      from: callId,
      ask: message.id,
      reason: 'ending',
    } as const;
    sendMessage(run, messages, { kind: 'send', to: { type: 'call', callId: message.from }, message: refusal });
  };

  const tell = (event: EngineEvent): void => {
    if (event.type === 'leg') {
      run.processed.set(event.leg, event.n);
      run.ledger.seen(event);
    }
    if (ended() && event.type === 'message') {
      refuseLate(event.message);
      return;
    }
    const environment = { closures: Object.fromEntries(closures) };
    take(
      guarded(() =>
        run.state ? machine.step(run.state, event, environment) : machine.start(input.start, environment),
      ),
    );
  };

  const idle = (): boolean => run.ready.length === 0 && messages.open === 0 && !store.busy;
  const mayStore = (): boolean => {
    if (store.busy || run.ready.length > 0) return false;
    if (ended()) return run.open.size === 0 && messages.open === 0 && !store.closed;
    if (!run.outbox.waiting || messages.open > 0) return false;
    // a running operation may take minutes; what a look-up or a gap still brings mostly leads to a media operation that carries them
    return run.outbox.answering || (run.open.size === 0 && lookups === 0 && run.order.gaps().length === 0);
  };

  return {
    run,
    timers,
    store,
    mayStore,
    begin: (): void => {
      if (!input.resume) {
        tell(input.start);
        return;
      }
      for (const { timer, dueAt } of input.resume.timers) timers.start(timer, dueAt);
      for (const command of input.resume.open) runMediaOperation(run, command);
    },
    /** Tells the machine everything that is ready, then sees to its records. */
    advance: (): void => {
      for (let event = run.ready.shift(); event; event = run.ready.shift()) tell(event);
      if (mayStore()) store.start(ended());
    },
    finished: (): boolean => ended() && idle() && run.open.size === 0 && store.closed,
    /** Nothing would be lost by continuing as new: open media operations re-attach, timers are data. */
    quiet: (): boolean => !ended() && idle() && ioOpen === 0 && run.order.gaps().length === 0,
    successor: (): CallInput => ({
      start: input.start,
      closure: input.closure,
      resume: resumeOf(run, timers, closures, controls, input),
    }),
  };
}

function guarded<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    // the message may quote what a caller typed: only its kind is logged
    log.error('call machine failed', { error: error instanceof Error ? error.name : typeof error });
    throw new MachineFailure();
  }
}

function openRun({ start, resume }: CallInput): CallRun {
  const order = legOrder();
  if (start.inbound) order.know(start.inbound.leg, 0);
  for (const [leg, n] of Object.entries(resume?.processed ?? {})) order.know(leg, n);
  return {
    start,
    ioQueue: ioQueueOf(workflowInfo().taskQueue),
    state: resume?.state ?? null,
    ready: [],
    order,
    processed: new Map(Object.entries(resume?.processed ?? {})),
    ledger: legLedger(start, resume?.legs ?? []),
    outbox: recordOutbox(resume?.records ?? []),
    disposition: null,
    lost: new Set(resume?.lost ?? []),
    open: new Map(),
    gaps: new Set(),
  };
}

function listen(run: CallRun, controls: Set<string>, timers: ReturnType<typeof callTimers>): void {
  setHandler(legsSignal, (envelopes) => takeEnvelopes(run, envelopes));
  setHandler(instanceLostSignal, ({ instance }) => loseInstance(run, instance, Date.now()));
  setHandler(messageSignal, (message) => {
    run.ready.push({ type: 'message', at: Date.now(), message });
  });
  setHandler(controlSignal, ({ id, by, action }) => {
    if (controls.has(id)) return;
    controls.add(id);
    run.ready.push({ type: 'control', at: Date.now(), id, by, action });
  });
  setHandler(stateQuery, () => (run.state ? { state: run.state, timers: timers.open } : null));
}

function resumeOf(
  run: CallRun,
  timers: ReturnType<typeof callTimers>,
  closures: ReadonlyMap<string, RevisionClosure>,
  controls: ReadonlySet<string>,
  input: CallInput,
): CallResume {
  const found = [...closures].filter(([hash]) => hash !== input.closure?.root);
  return {
    state: run.state!,
    timers: timers.open,
    closures: Object.fromEntries(found),
    open: [...run.open.values()],
    processed: Object.fromEntries(run.processed),
    lost: [...run.lost],
    controls: [...controls],
    records: run.outbox.all,
    legs: run.ledger.legs,
  };
}
