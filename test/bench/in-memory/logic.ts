/**
 * The baseline of the latency bench: the same engine, flows, telephony and softswitch, but machines stepped in this process's memory
 * instead of a durable workflow. What it lacks is exactly what the product adds: nothing survives, nothing is stored.
 */
import type { CallInput, LegEnvelope, MediaActivities } from '@callwright/contract';
import {
  type CallState,
  type Command,
  type EngineEvent,
  type RevisionClosure,
  startCall,
  stepCall,
} from '@callwright/engine';
import type { CallLogic } from '@callwright/telephony';

interface Running {
  readonly input: CallInput & { readonly companyId: string };
  state: CallState;
  readonly timers: Map<string, NodeJS.Timeout>;
  /** Highest number stepped per leg; telephony's own order is taken as it comes. */
  readonly seen: Map<string, number>;
}

/** `closure` finds a company's published revision. */
export function createInMemoryLogic(
  closure: (companyId: string, hash: string) => Promise<RevisionClosure | null>,
): CallLogic {
  const calls = new Map<string, Running>();
  let activities: MediaActivities | undefined;

  const tell = (callId: string, event: EngineEvent): void => {
    const call = calls.get(callId);
    if (!call) return;
    const result = stepCall(call.state, event, { closures: { [call.input.start.revision]: call.input.closure! } });
    take(callId, call, result);
  };

  const take = (
    callId: string,
    call: Running,
    { state, commands }: { state: CallState; commands: readonly Command[] },
  ): void => {
    call.state = state;
    for (const command of commands) carryOut(callId, call, command);
    if (state.status !== 'ended') return;
    for (const timer of call.timers.values()) clearTimeout(timer);
    calls.delete(callId);
  };

  const envelope = (callId: string, { leg, n, at, body }: LegEnvelope): void => {
    const call = calls.get(callId);
    if (!call || n <= (call.seen.get(leg) ?? 0)) return;
    call.seen.set(leg, n);
    tell(callId, { type: 'leg', at, leg, n, body });
  };

  const carryOut = (callId: string, call: Running, command: Command): void => {
    switch (command.kind) {
      case 'timer.start': {
        const fire = () => tell(callId, { type: 'timer.fired', at: Date.now(), timer: command.timer });
        call.timers.set(command.timer, setTimeout(fire, command.delayMs));
        return;
      }
      case 'timer.cancel':
        clearTimeout(call.timers.get(command.timer));
        call.timers.delete(command.timer);
        return;
      case 'send':
      case 'io.lookup':
      case 'io.request':
        throw new Error(`the measured flow must not need ${command.kind}`);
      default: {
        const { companyId, start } = call.input;
        const processed = Object.fromEntries(call.seen);
        activities![command.kind]({ companyId, callId, command, processed, records: [], locale: start.locale }).then(
          (output) => {
            if (output.envelope) envelope(callId, output.envelope);
            else tell(callId, { type: 'op.result', at: Date.now(), op: command.op, result: output.result });
          },
          () => {},
        );
      }
    }
  };

  return {
    serve: async (options) => {
      activities = options.activities;
      return { stop: async () => {} };
    },
    start: async (given) => {
      const found = await closure(given.companyId, given.start.revision);
      if (!found) throw new Error('the revision is not in the store');
      const input = { ...given, closure: found };
      const started = startCall(input.start, { closures: { [input.start.revision]: input.closure! } });
      const call: Running = { input, state: started.state, timers: new Map(), seen: new Map() };
      calls.set(input.start.callId, call);
      take(input.start.callId, call, started);
    },
    legs: async (_companyId, callId, events) => {
      if (!calls.has(callId)) return 'no-call';
      for (const event of events) envelope(callId, event);
      return 'sent';
    },
    instanceLost: async () => 'sent',
    message: async () => 'sent',
  };
}
