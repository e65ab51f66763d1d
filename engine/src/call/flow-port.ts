/**
 * What the call machine needs of a flow machine: start it, answer its asks, change a node's configuration. `flowMachine` is the
 * real one (`flow/machine.ts`); tests may put a scripted one in its place.
 */
import type { Ask, Reply } from '../define/ask.ts';
import type { RevisionClosure } from '../flow/document.ts';
import {
  compileClosure,
  type FlowStart,
  type FlowState,
  type FlowStep,
  listensForContinue,
  overrideNode,
  skipNode,
  startFlow,
  stepFlow,
} from '../flow/machine.ts';
import type { Fact, JsonValue } from '../protocol/index.ts';

/** A step of a flow worth telling, in order; each becomes a fact. */
export type FlowTrace = Extract<Fact, { type: 'node.entered' | 'node.left' | 'input.collected' | 'log' }>;

export interface PortStep {
  readonly state: JsonValue;
  readonly asks: readonly Ask[];
  readonly trace: readonly FlowTrace[];
  /** `failed`: the flow could not go on, by a fault of author or us. */
  readonly status: 'active' | 'done' | 'failed';
}

export interface FlowPort {
  readonly start: (closure: RevisionClosure, start: FlowStart) => PortStep;
  readonly reply: (closure: RevisionClosure, state: JsonValue, reply: Reply, at: number) => PortStep;
  /** True when the running node waits for an outside command. */
  readonly listens: (closure: RevisionClosure, state: JsonValue) => boolean;
  /** Leave the running node by an outcome; `code` says why that was refused. */
  readonly skip: (
    closure: RevisionClosure,
    state: JsonValue,
    wish: { readonly node: string | null; readonly outcome: string | null },
    at: number,
  ) => { readonly ok: true; readonly step: PortStep } | { readonly ok: false; readonly code: string };
  /** `code` says why an override was refused. */
  readonly override: (
    closure: RevisionClosure,
    state: JsonValue,
    node: string,
    config: Readonly<Record<string, JsonValue>>,
  ) => { readonly ok: true; readonly state: JsonValue } | { readonly ok: false; readonly code: string };
}

const asState = (state: JsonValue): FlowState => state as unknown as FlowState;
const asJson = (state: FlowState): JsonValue => state as unknown as JsonValue;

function portStep(step: FlowStep): PortStep {
  return { state: asJson(step.state), asks: step.asks, trace: step.trace, status: step.state.status };
}

/** The real flow machine. */
export const flowMachine: FlowPort = {
  start: (closure, start) => portStep(startFlow(compileClosure(closure), start)),
  reply: (closure, state, reply, at) => portStep(stepFlow(compileClosure(closure), asState(state), reply, at)),
  listens: (closure, state) => listensForContinue(compileClosure(closure), asState(state)),
  skip: (closure, state, wish, at) => {
    const result = skipNode(compileClosure(closure), asState(state), wish, at);
    return result.ok ? { ok: true, step: portStep(result.step) } : result;
  },
  override: (closure, state, node, config) => {
    const result = overrideNode(compileClosure(closure), asState(state), node, config);
    return result.ok ? { ok: true, state: asJson(result.state) } : result;
  },
};
