/**
 * The flow machine's face: start, step, override. Pure; its state is plain JSON (design §3, style D3–D5).
 *
 * A flow machine asks for things (`define/ask.ts`) and takes one reply per ask; what it tells besides are facts, ready to be
 * numbered. Sub-flows run as a stack inside it: one xstate machine per document of the closure, one frame per running flow.
 */
import type { Ask, Reply } from '../define/ask.ts';
import type { NodeReply } from '../define/behaviour.ts';
import { ENGINE_ERRORS, type FlowFault } from '../errors.ts';
import type { Coordinates, JsonValue, Locale } from '../protocol/index.ts';
import { type CompiledFlow, type CompiledNode, compileClosure } from './compile.ts';
import {
  enterFrame,
  type Frame,
  type FrameStep,
  replyToFrame,
  type Shared,
  skipInFrame,
  type TraceItem,
} from './frame.ts';
import { configured } from './overrides.ts';

export { type CompiledFlow, compileClosure, type TraceItem };

/** What a flow is started with. */
export interface FlowStart {
  /** Machine path that ask ids begin with, e.g. `flow/1`. */
  readonly path: string;
  /** Epoch ms. */
  readonly at: number;
  /** Values of variables from outside; names the flow does not declare are ignored. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly seed: number;
  readonly locale: Locale;
  readonly caller: Coordinates;
  readonly called: Coordinates;
  /** Place of a node (its id, behind those of the sub-flow nodes it is in) → config that replaces the published one in this call. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
}

/** Durable state of a flow: plain JSON. */
export interface FlowState {
  /** `failed`: the flow could not go on (a fault of author or us, logged in the trace); the call must be ended. */
  readonly status: 'active' | 'done' | 'failed';
  /** Named outcome once done; the fault's code when failed. */
  readonly outcome: string | null;
  readonly shared: Shared;
  /** The running flow is the last one. */
  readonly frames: readonly Frame[];
}

export interface FlowStep {
  readonly state: FlowState;
  /** In order. Open asks of a node that was left are withdrawn by `cancel`. */
  readonly asks: readonly Ask[];
  readonly trace: readonly TraceItem[];
}

/** Deepest stack of sub-flows; deeper is a fault (recursion is a lint error already). */
const MAX_DEPTH = 8;

/** Start the flow of a closure's root. */
export function startFlow(compiled: CompiledFlow, start: FlowStart): FlowStep {
  const shared: Shared = {
    path: start.path,
    at: start.at,
    counter: 0,
    hops: 0,
    chance: start.seed >>> 0,
    locale: start.locale,
    caller: start.caller,
    called: start.called,
    overrides: start.overrides,
  };
  const run: Run = { compiled, asks: [], trace: [], state: { status: 'active', outcome: null, shared, frames: [] } };
  push(run, compiled.root, start.variables, '');
  return { state: run.state, asks: run.asks, trace: run.trace };
}

/** Take one reply. A reply to nothing that is open changes nothing. `at` = time of the event that brought it, epoch ms. */
export function stepFlow(compiled: CompiledFlow, state: FlowState, reply: Reply, at: number): FlowStep {
  if (state.status !== 'active') return { state, asks: [], trace: [] };
  if (!isExpected(compiled, state, reply)) return { state, asks: [], trace: [] };
  const run: Run = { compiled, asks: [], trace: [], state: { ...state, shared: { ...state.shared, at, hops: 0 } } };
  deliver(run, reply);
  return { state: run.state, asks: run.asks, trace: run.trace };
}

/** Which reply answers an ask. */
const ANSWERED_BY: Readonly<Record<string, Reply['reply']>> = {
  play: 'media',
  collect: 'media',
  record: 'media',
  background: 'ok',
  answer: 'ok',
  connect: 'connect',
  'ring-group': 'connect',
  transfer: 'connect',
  'pick-up': 'connect',
  supervise: 'connect',
  park: 'connect',
  queue: 'queue',
  callback: 'connect',
  conference: 'connect',
  timer: 'timer',
  request: 'io',
  lookup: 'io',
};

function isExpected(compiled: CompiledFlow, state: FlowState, reply: Reply): boolean {
  if (reply.reply === 'continue') return listensForContinue(compiled, state);
  const { open } = state.frames.at(-1)!.context;
  return Object.hasOwn(open, reply.id) && ANSWERED_BY[open[reply.id]!] === reply.reply;
}

/** True when the running node waits for an outside command (`continue`). */
export function listensForContinue(compiled: CompiledFlow, state: FlowState): boolean {
  const frame = state.status === 'active' ? state.frames.at(-1) : undefined;
  if (!frame) return false;
  const node = compiled.documents[frame.revision]!.nodes[frame.context.node]!;
  const { stages } = configured(node, frame.prefix + node.id, state.shared.overrides);
  return stages[frame.context.stage]?.on?.continue !== undefined;
}

/** The node the flow stands at, as in the trace: `node`, or `node/inner` inside a sub-flow. Null when it is done. */
export function currentNode(state: FlowState): string | null {
  const frame = state.status === 'active' ? state.frames.at(-1) : undefined;
  return frame ? frame.prefix + frame.context.node : null;
}

/** Outcomes by which the running node can be left, its first one first; empty when nothing runs. */
export function outcomesHere(compiled: CompiledFlow, state: FlowState): readonly string[] {
  const frame = state.status === 'active' ? state.frames.at(-1) : undefined;
  return frame ? compiled.documents[frame.revision]!.nodes[frame.context.node]!.outcomes : [];
}

/** Why a node was not skipped: the call is elsewhere by now, or the node has no such outcome. */
export type SkipRefusal = 'moved-on' | 'unknown-outcome';

/** Leave the running node by one of its outcomes (null = the first), whatever it waits for; `node`, when given, must be that node. */
export function skipNode(
  compiled: CompiledFlow,
  state: FlowState,
  wish: { readonly node: string | null; readonly outcome: string | null },
  at: number,
): { readonly ok: true; readonly step: FlowStep } | { readonly ok: false; readonly code: SkipRefusal } {
  const here = currentNode(state);
  if (here === null || (wish.node !== null && wish.node !== here)) return { ok: false, code: 'moved-on' };
  const outcomes = outcomesHere(compiled, state);
  const outcome = wish.outcome ?? outcomes[0];
  if (outcome === undefined || !outcomes.includes(outcome)) return { ok: false, code: 'unknown-outcome' };
  const run: Run = { compiled, asks: [], trace: [], state: { ...state, shared: { ...state.shared, at, hops: 0 } } };
  const frame = run.state.frames.at(-1)!;
  const document = compiled.documents[frame.revision]!;
  take(run, run.state.frames.slice(0, -1), skipInFrame(document, frame, outcome, run.state.shared));
  return { ok: true, step: { state: run.state, asks: run.asks, trace: run.trace } };
}

/** Why an override was refused. */
export type OverrideRefusal = 'unknown-node' | 'bad-config' | 'outcomes-differ';

/**
 * Replace a node's config in this call, from its next visit on. Refused when the config is not valid for the kind, or would change
 * the node's outcomes (its edges are published).
 */
export function overrideNode(
  compiled: CompiledFlow,
  state: FlowState,
  node: string,
  config: Readonly<Record<string, JsonValue>>,
): { readonly ok: true; readonly state: FlowState } | { readonly ok: false; readonly code: OverrideRefusal } {
  const known: CompiledNode | undefined = compiled.documents[compiled.root]!.nodes[node];
  if (!known) return { ok: false, code: 'unknown-node' };
  const parsed = known.definition.config.safeParse(config);
  if (!parsed.success) return { ok: false, code: 'bad-config' };
  const outcomes = known.definition.outcomes(parsed.data);
  if (outcomes.length !== known.outcomes.length || outcomes.some((outcome) => !known.outcomes.includes(outcome))) {
    return { ok: false, code: 'outcomes-differ' };
  }
  const overrides = { ...state.shared.overrides, [node]: config };
  return { ok: true, state: { ...state, shared: { ...state.shared, overrides } } };
}

/** One step in progress; lives within a single call of `startFlow` or `stepFlow`. */
interface Run {
  readonly compiled: CompiledFlow;
  readonly asks: Ask[];
  readonly trace: TraceItem[];
  state: FlowState;
}

/** Start a flow on top of the stack. */
function push(run: Run, revision: string, variables: Readonly<Record<string, JsonValue>>, prefix: string): void {
  const document = run.compiled.documents[revision];
  if (!document || run.state.frames.length >= MAX_DEPTH) {
    fail(run, document ? 'FLW_TOO_DEEP' : 'FLW_UNKNOWN_FLOW', prefix);
    return;
  }
  const root = run.state.frames.length === 0;
  take(run, run.state.frames, enterFrame(document, { revision, prefix, root }, variables, run.state.shared));
}

/** Give a reply to the running flow. */
function deliver(run: Run, reply: NodeReply): void {
  const frame = run.state.frames.at(-1)!;
  const document = run.compiled.documents[frame.revision]!;
  take(run, run.state.frames.slice(0, -1), replyToFrame(document, frame, reply, run.state.shared));
}

function take(run: Run, below: readonly Frame[], step: FrameStep): void {
  run.state = { ...run.state, shared: step.shared, frames: [...below, step.frame] };
  for (const effect of step.effects) {
    // a called flow may have ended everything meanwhile
    if (run.state.status !== 'active') return;
    if (effect.type === 'trace') run.trace.push(effect.item);
    else if (effect.type === 'fault') fail(run, effect.code, effect.node);
    else if (effect.type === 'end') end(run, effect.scope, effect.outcome);
    else if (effect.ask.ask === 'flow') enterSubFlow(run, effect.ask);
    else run.asks.push(effect.ask);
  }
}

function enterSubFlow(
  run: Run,
  ask: { readonly flow: string; readonly variables: Readonly<Record<string, JsonValue>> },
): void {
  const frame = run.state.frames.at(-1)!;
  const revision = run.compiled.documents[frame.revision]!.subflows[ask.flow];
  const prefix = `${frame.prefix}${frame.context.node}/`;
  if (revision === undefined) fail(run, 'FLW_UNKNOWN_FLOW', prefix);
  else push(run, revision, ask.variables, prefix);
}

/** The running flow has ended: all is done, or the flow below goes on. */
function end(run: Run, scope: 'flow' | 'all', outcome: string): void {
  const ended = run.state.frames.at(-1)!;
  const frames = run.state.frames.slice(0, -1);
  const caller = frames.at(-1);
  if (scope === 'all' || !caller) {
    run.state = { ...run.state, status: 'done', outcome, frames: [] };
    return;
  }
  run.state = { ...run.state, frames };
  const id = Object.keys(caller.context.open).find((key) => caller.context.open[key] === 'flow')!;
  deliver(run, { reply: 'flow', id, outcome, variables: ended.context.variables });
}

function fail(run: Run, code: FlowFault, node: string): void {
  run.trace.push({ type: 'log', node, level: 'error', text: ENGINE_ERRORS[code].message });
  run.state = { ...run.state, status: 'failed', outcome: code, frames: [] };
}
