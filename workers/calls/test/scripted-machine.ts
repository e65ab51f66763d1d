/**
 * A call machine driven by a script in the call's variables, for tests of the runner: each step is done when its answer has come.
 * Plain and small on purpose; the real machine lives in the engine.
 */
import type { CallState, Command, EngineEvent, JsonValue, StartCall, StepCall, StepResult } from '@callwright/engine';

/** One step of a script. */
export type ScriptStep =
  | { do: 'answer' | 'bridge' }
  | { do: 'play' | 'collect'; ms?: number }
  | { do: 'timer'; ms: number }
  | { do: 'lookup' }
  | { do: 'request'; url: string }
  | { do: 'ask-leg'; callId: string }
  | { do: 'pool' }
  /** Waits for the caller's key events. */
  | { do: 'keys'; count: number }
  /** Waits for control `continue`. */
  | { do: 'wait' }
  | { do: 'fail' }
  | { do: 'hangup' };

interface Memory {
  script: ScriptStep[];
  at: number;
  counter: number;
  /** Operation, timer or ask the machine waits for. */
  waits: string;
  keys: string;
  left: number;
  leg: string;
  instance: string;
  log: string[];
}

const memoryOf = (state: CallState): Memory => structuredCloneJson(state.machine) as unknown as Memory;
const structuredCloneJson = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

export const start: StartCall = (event) => {
  const { leg, instance } = event.inbound!;
  const script = (event.variables.script ?? []) as unknown as ScriptStep[];
  const memory: Memory = { script, at: -1, counter: 0, waits: '', keys: '', left: 0, leg, instance, log: [] };
  const state: CallState = {
    callId: event.callId,
    companyId: event.companyId,
    status: 'active',
    lastRecord: 0,
    legs: { [leg]: { instance, processed: 0, ended: false } },
    machine: null,
  };
  return advance(state, memory, event);
};

export const step: StepCall = (state, event) => {
  const memory = memoryOf(state);
  if (state.status === 'ended') return result(state, memory, [], event);
  let next = state;
  if (event.type === 'leg') {
    next = { ...state, legs: { ...state.legs, [event.leg]: { ...state.legs[event.leg]!, processed: event.n } } };
    memory.log.push(`${event.n}:${describe(event)}`);
    if (event.body.type === 'hangup') return release(next, memory, event);
    if (event.body.type === 'key' && memory.waits === 'keys') {
      memory.keys += event.body.digit;
      memory.left -= 1;
      if (memory.left === 0) return advance(next, memory, event);
    }
    if (event.body.type === 'result' && event.body.op === memory.waits) return answered(next, memory, event);
    return result(next, memory, [], event);
  }
  memory.log.push(describe(event));
  if (event.type === 'instance.lost') return { ...result({ ...state, status: 'ended' }, memory, [], event) };
  if (event.type === 'op.result' && event.op === memory.waits) {
    return event.op.endsWith('release')
      ? result({ ...state, status: 'ended' }, memory, [], event)
      : advance(next, memory, event);
  }
  if (event.type === 'timer.fired' && event.timer === memory.waits) return advance(next, memory, event);
  if (event.type === 'message' && memory.waits === 'message') return advance(next, memory, event);
  if (event.type === 'control') {
    if (event.action.kind === 'continue' && memory.waits === 'control') return advance(next, memory, event);
    if (event.action.kind === 'hangup') return hangup(next, memory, event);
  }
  return result(next, memory, [], event);
};

function answered(state: CallState, memory: Memory, event: EngineEvent): StepResult {
  if (memory.waits.endsWith('release')) return result({ ...state, status: 'ended' }, memory, [], event);
  return advance(state, memory, event);
}

function describe(event: EngineEvent): string {
  if (event.type === 'leg') return event.body.type === 'key' ? `key ${event.body.digit}` : event.body.type;
  if (event.type === 'op.result') return `op.result ${event.result.status}`;
  if (event.type === 'message') return `message ${event.message.type}`;
  return event.type;
}

function advance(state: CallState, memory: Memory, event: EngineEvent): StepResult {
  memory.at += 1;
  const todo = memory.script[memory.at] ?? { do: 'hangup' };
  if (todo.do === 'hangup') return hangup(state, memory, event);
  if (todo.do === 'fail') throw new Error('scripted failure');
  if (todo.do === 'keys') memory.left = todo.count;
  const { waits, commands } = commandsOf(todo, state, memory, event.at);
  memory.waits = waits;
  return result(state, memory, commands, event);
}

function hangup(state: CallState, memory: Memory, event: EngineEvent): StepResult {
  const op = nextOp(state, memory);
  memory.waits = 'hangup';
  return result(
    state,
    memory,
    [{ kind: 'leg.hangup', op, leg: memory.leg, instance: memory.instance, cause: 'normal' }],
    event,
  );
}

function release(state: CallState, memory: Memory, event: EngineEvent): StepResult {
  const op = `${nextOp(state, memory)}/release`;
  memory.waits = op;
  const upTo = state.legs[memory.leg]!.processed;
  return result(state, memory, [{ kind: 'leg.release', op, leg: memory.leg, instance: memory.instance, upTo }], event);
}

function nextOp(state: CallState, memory: Memory): string {
  memory.counter += 1;
  return `${state.callId}/script/${memory.counter}`;
}

function commandsOf(
  todo: ScriptStep,
  state: CallState,
  memory: Memory,
  at: number,
): { waits: string; commands: Command[] } {
  const op = nextOp(state, memory);
  const on = { op, leg: memory.leg, instance: memory.instance };
  const prompts = [
    {
      items: [
        { type: 'tone' as const, frequenciesHz: [440], onMs: 'ms' in todo ? (todo.ms ?? 20) : 20, offMs: 0, repeat: 1 },
      ],
      bargeIn: true,
    },
  ];
  switch (todo.do) {
    case 'answer':
      return { waits: op, commands: [{ kind: 'leg.answer', ...on }] };
    case 'play':
      return { waits: op, commands: [{ kind: 'media.play', ...on, prompts, clearDigits: false }] };
    case 'collect':
      return {
        waits: op,
        commands: [
          {
            kind: 'media.collect',
            ...on,
            prompts,
            modes: ['keys'],
            minDigits: 1,
            maxDigits: 1,
            terminators: '',
            firstDigitTimeoutMs: 5000,
            interDigitTimeoutMs: 1000,
            totalTimeoutMs: 0,
            tries: 1,
            noInputPrompts: [],
            noMatchPrompts: [],
            clearDigits: false,
          },
        ],
      };
    case 'bridge':
      return { waits: op, commands: [{ kind: 'media.bridge', ...on, other: `${memory.leg}/other` }] };
    case 'timer':
      return { waits: op, commands: [{ kind: 'timer.start', timer: op, delayMs: todo.ms, dueAt: at + todo.ms }] };
    case 'lookup':
      return { waits: op, commands: [{ kind: 'io.lookup', op, lookup: { what: 'user', id: 'alice' } }] };
    case 'request': {
      const request = {
        method: 'GET' as const,
        url: todo.url,
        headers: {},
        body: null,
        timeoutMs: 1000,
        retries: 0,
        retryUnsafe: false,
      };
      return { waits: op, commands: [{ kind: 'io.request', op, request }] };
    }
    case 'ask-leg': {
      const message = { type: 'leg.ask' as const, id: op, from: state.callId, leg: null };
      return { waits: 'message', commands: [{ kind: 'send', to: { type: 'call', callId: todo.callId }, message }] };
    }
    case 'pool': {
      const message = { type: 'pool.withdraw' as const, id: op, callId: state.callId, request: op };
      return { waits: 'message', commands: [{ kind: 'send', to: { type: 'pool' }, message }] };
    }
    case 'keys':
      return { waits: 'keys', commands: [] };
    default:
      return { waits: 'control', commands: [] };
  }
}

function result(state: CallState, memory: Memory, commands: Command[], event: EngineEvent): StepResult {
  const n = state.lastRecord + 1;
  const body = { type: event.type, log: memory.log.at(-1) ?? '' };
  return {
    state: { ...state, lastRecord: n, machine: structuredCloneJson(memory as unknown as JsonValue) },
    commands,
    records: [{ n, at: event.at, stream: 'event', type: event.type, body }],
  };
}
