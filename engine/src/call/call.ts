/**
 * The call machine: one pure step per event (design §3). An event is handed to the part it concerns (`events.ts`); parts tell each
 * other by notes, routed until none is left (`notes.ts`); then what nothing holds any more is swept, and when nothing is left at
 * all the account is given (`ending.ts`).
 */
import type { EngineEvent, JsonValue } from '../protocol/index.ts';
import { settle, sweep } from './ending.ts';
import { takeEvent } from './events.ts';
import { type FlowPort, flowMachine } from './flow-port.ts';
import type { CallMachine } from './machine.ts';
import { route } from './notes.ts';
import { openCall } from './start.ts';
import type { CallEnvironment, CallState, StartCall, StepCall, StepResult } from './state.ts';
import { eventBody } from './trace.ts';
import { isAlive, record, type Work } from './work.ts';

/** The call machine over a flow machine. */
export function createCallMachine(port: FlowPort): { readonly startCall: StartCall; readonly stepCall: StepCall } {
  return {
    startCall: (event, environment) => finish(openCall(event, environment, port)),
    stepCall: (state, event, environment) => {
      if (state.status === 'ended') return { state, commands: [], records: [] };
      const work = resume(state, event, environment, port);
      record(work, 'event', event.type, eventBody(event));
      takeEvent(work, event);
      return finish(work);
    },
  };
}

/** Start and step a call with the real flow machine. */
export const { startCall, stepCall } = createCallMachine(flowMachine);

function resume(state: CallState, event: EngineEvent, environment: CallEnvironment, port: FlowPort): Work {
  const { callId, companyId, lastRecord } = state;
  const m = JSON.parse(JSON.stringify(state.machine)) as CallMachine;
  return { callId, companyId, at: event.at, environment, port, m, lastRecord, commands: [], records: [], notes: [] };
}

function finish(work: Work): StepResult {
  route(work);
  sweep(work);
  route(work);
  settle(work);
  const { m, callId, companyId, lastRecord, commands, records } = work;
  const legs: Record<string, CallState['legs'][string]> = {};
  for (const [id, leg] of Object.entries(m.legs)) {
    if (isAlive(leg)) legs[id] = { instance: leg.instance, processed: leg.processed, ended: false };
  }
  const status = m.life === 'ending' || m.life === 'ended' ? m.life : 'active';
  const machine = m as unknown as JsonValue;
  return { state: { callId, companyId, status, lastRecord, legs, machine }, commands, records };
}
