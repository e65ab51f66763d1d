/**
 * One running flow: its state, and the xstate actions that stages are made of. A stage entry sends asks and may decide; a reply may
 * decide. A decision is written into the context; the machine's eventless transitions follow it (see `compile.ts`).
 */
import { enqueueActions, transition } from 'xstate';
import type { Ask, AskKind } from '../define/ask.ts';
import type { FlowAsk, Next, NodeAsk, NodeReply, Stage } from '../define/behaviour.ts';
import type { FlowFault } from '../errors.ts';
import type { Fact } from '../protocol/fact.ts';
import type { Coordinates, JsonValue, Locale } from '../protocol/index.ts';
import type { CompiledDocument, CompiledNode } from './compile.ts';
import { configured } from './overrides.ts';
import { createScope, type ScopeNotes } from './scope.ts';
import { assign, initialVariables } from './variables.ts';

/** What all flows of a call share. */
export interface Shared {
  readonly path: string;
  /** Time of the event being processed, epoch ms. */
  readonly at: number;
  /** Asks made. */
  readonly counter: number;
  /** Nodes entered since the last reply. */
  readonly hops: number;
  /** State of the generator (`chance.ts`). */
  readonly chance: number;
  readonly locale: Locale;
  readonly caller: Coordinates;
  readonly called: Coordinates;
  readonly overrides: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
}

export interface FrameContext {
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly node: string;
  readonly stage: string;
  readonly memory: JsonValue;
  readonly decision: string | null;
  /** Asks without reply: id → what was asked. */
  readonly open: Readonly<Record<string, AskKind | 'flow'>>;
}

/** Durable state of one running flow. */
export interface Frame {
  readonly revision: string;
  /** Put before node ids in the trace; empty for the root. */
  readonly prefix: string;
  readonly root: boolean;
  readonly value: JsonValue;
  readonly status: 'active' | 'done';
  readonly context: FrameContext;
}

/** Facts a flow tells; the call machine numbers them. */
export type TraceItem = Extract<Fact, { type: 'node.entered' | 'node.left' | 'input.collected' | 'log' }>;

export type FrameEffect =
  | { readonly type: 'ask'; readonly ask: Ask | (FlowAsk & { readonly id: string }) }
  | { readonly type: 'trace'; readonly item: TraceItem }
  | { readonly type: 'end'; readonly scope: 'flow' | 'all'; readonly outcome: string }
  | { readonly type: 'fault'; readonly code: FlowFault; readonly node: string };

export interface FrameStep {
  readonly frame: Frame;
  readonly shared: Shared;
  readonly effects: readonly FrameEffect[];
}

/** Context as the machine has it during a step. */
interface LiveContext extends FrameContext {
  readonly shared: Shared;
  readonly prefix: string;
  readonly root: boolean;
}

/** More nodes than this without a reply is a circle that waits for nothing. */
const MAX_HOPS = 200;
const NEVER_ANSWERED: ReadonlySet<string> = new Set(['hangup', 'log']);
/** Asks that are done as soon as they are made; leaving a node does not withdraw them. */
const MOMENTARY: ReadonlySet<string> = new Set(['background', 'answer', 'flow']);

export const DECISION_END = 'end';
export const stageDecision = (stage: string): string => `stage:${stage}`;
export const outcomeDecision = (outcome: string): string => `outcome:${outcome}`;

/** Start a flow. Names in `given` that the document does not declare are ignored. */
export function enterFrame(
  document: CompiledDocument,
  place: { readonly revision: string; readonly prefix: string; readonly root: boolean },
  given: Readonly<Record<string, JsonValue>>,
  shared: Shared,
): FrameStep {
  const variables = initialVariables(document.document.variables, given);
  const context: FrameContext = { variables, node: '', stage: '', memory: null, decision: null, open: {} };
  return advance(document, { ...place, value: '$idle', status: 'active', context }, shared, { type: 'start' });
}

/** Give a reply to the flow's node. */
export function replyToFrame(document: CompiledDocument, frame: Frame, reply: NodeReply, shared: Shared): FrameStep {
  return advance(document, frame, shared, { type: 'reply', reply });
}

/** Leave the flow's node by an outcome, whatever it waits for. */
export function skipInFrame(document: CompiledDocument, frame: Frame, outcome: string, shared: Shared): FrameStep {
  return advance(document, frame, shared, { type: 'skip', outcome });
}

interface FrameEvent {
  readonly type: string;
  readonly reply?: NodeReply;
  readonly outcome?: string;
}

function advance(document: CompiledDocument, frame: Frame, shared: Shared, event: FrameEvent): FrameStep {
  const { machine } = document;
  const live: LiveContext = { ...frame.context, shared, prefix: frame.prefix, root: frame.root };
  const restored = machine.resolveState({ value: frame.value as string, context: live, status: 'active' });
  const [snapshot, actions] = transition(machine, restored, event);
  const { shared: after, prefix: _prefix, root: _root, ...context } = snapshot.context as LiveContext;
  const status = snapshot.status === 'done' ? 'done' : 'active';
  return {
    frame: { ...frame, value: snapshot.value as JsonValue, status, context },
    shared: after,
    effects: actions.flatMap((action: { type: string; params?: unknown }) =>
      action.type === 'effect' ? [action.params as FrameEffect] : [],
    ),
  };
}

/** What a stage changes: built up, then handed to xstate as one assignment and a list of effects. */
interface Draft {
  context: LiveContext;
  readonly effects: FrameEffect[];
}

type Wires = ReadonlyMap<string, string>;
type Parts = Omit<CompiledDocument, 'machine'>;

/** Entry action of a stage. */
export function stageEntry(parts: Parts, node: CompiledNode, stage: string, wires: Wires) {
  return drafted((draft) => {
    const arriving =
      draft.context.node !== node.id || draft.context.decision?.startsWith('outcome:') || draft.context.stage === '';
    if (arriving && !arrive(draft, node)) return;
    draft.context = { ...draft.context, stage, decision: null };
    const behaviour = stageOf(node, stage, draft.context);
    const asks = inScope(parts, node, draft, (scope) => behaviour.asks?.(scope) ?? []);
    for (const ask of asks) send(draft, ask);
    if (behaviour.enter) settle(parts, node, draft, inScope(parts, node, draft, behaviour.enter), wires);
  });
}

/** Action of a reply to a stage. */
export function stageReply(parts: Parts, node: CompiledNode, stage: string, wires: Wires) {
  return drafted((draft, event) => {
    const reply = event.reply!;
    // a command from outside answers no ask, whatever id it carries
    const { [reply.reply === 'continue' ? '' : reply.id]: _answered, ...open } = draft.context.open;
    draft.context = { ...draft.context, open };
    const decide = stageOf(node, stage, draft.context).on?.[reply.reply] as
      | ((reply: NodeReply, scope: ReturnType<typeof createScope>) => Next)
      | undefined;
    if (decide)
      settle(
        parts,
        node,
        draft,
        inScope(parts, node, draft, (scope) => decide(reply, scope)),
        wires,
      );
  });
}

/** Action of a command to leave the node. */
export function stageSkip(node: CompiledNode, wires: Wires) {
  return drafted((draft, { outcome = '' }) => {
    leave(draft, draft.context.prefix + node.id, outcome, 'skipped from outside', wires);
  });
}

function drafted(work: (draft: Draft, event: FrameEvent) => void) {
  return enqueueActions(({ context, event, enqueue }) => {
    const draft: Draft = { context: context as LiveContext, effects: [] };
    work(draft, event as FrameEvent);
    enqueue.assign(draft.context);
    for (const effect of draft.effects) enqueue({ type: 'effect', params: effect } as never);
  });
}

function stageOf(node: CompiledNode, stage: string, context: LiveContext): Stage {
  return configured(node, context.prefix + node.id, context.shared.overrides).stages[stage]!;
}

/** Enter a node; false when the flow runs in a circle. */
function arrive(draft: Draft, node: CompiledNode): boolean {
  const { context } = draft;
  const hops = context.shared.hops + 1;
  draft.context = { ...context, node: node.id, memory: null, shared: { ...context.shared, hops } };
  if (hops > MAX_HOPS) {
    draft.context = { ...draft.context, decision: DECISION_END };
    draft.effects.push({ type: 'fault', code: 'FLW_ENDLESS', node: context.prefix + node.id });
    return false;
  }
  trace(draft, { type: 'node.entered', node: context.prefix + node.id, nodeNumber: node.number, kind: node.kind });
  return true;
}

/** Call a function of the node with a scope, and keep what the scope noted. */
function inScope<T>(
  parts: Parts,
  node: CompiledNode,
  draft: Draft,
  call: (scope: ReturnType<typeof createScope>) => T,
): T {
  const notes: ScopeNotes = { chance: draft.context.shared.chance, warnings: [] };
  const { variables, memory, shared, prefix } = draft.context;
  const result = call(createScope({ parts, node, variables, memory, shared, notes }));
  draft.context = { ...draft.context, shared: { ...shared, chance: notes.chance } };
  for (const text of notes.warnings) trace(draft, { type: 'log', node: prefix + node.id, level: 'warn', text });
  return result;
}

function send(draft: Draft, ask: NodeAsk): void {
  const { shared, open } = draft.context;
  const id = `${shared.path}/${shared.counter + 1}`;
  draft.context = {
    ...draft.context,
    shared: { ...shared, counter: shared.counter + 1 },
    open: NEVER_ANSWERED.has(ask.ask) ? open : { ...open, [id]: ask.ask },
  };
  draft.effects.push({ type: 'ask', ask: { ...ask, id } as Ask | (FlowAsk & { id: string }) });
}

/** Apply what a node decided. */
function settle(parts: Parts, node: CompiledNode, draft: Draft, next: Next, wires: Wires): void {
  const place = draft.context.prefix + node.id;
  if (next.set) setVariables(parts, draft, next.set, place);
  if (next.memory !== undefined) draft.context = { ...draft.context, memory: next.memory };
  if (next.override) {
    const overrides = { ...draft.context.shared.overrides, [place]: next.override };
    draft.context = { ...draft.context, shared: { ...draft.context.shared, overrides } };
  }
  if (next.language) {
    const locale = { ...draft.context.shared.locale, language: next.language };
    draft.context = { ...draft.context, shared: { ...draft.context.shared, locale } };
  }
  if (next.input) trace(draft, { type: 'input.collected', node: place, ...next.input });
  if (next.log) trace(draft, { type: 'log', node: place, level: next.log.level, text: next.log.text.slice(0, 1000) });
  if (next.stage !== undefined) decide(draft, stageDecision(next.stage));
  else if (next.outcome !== undefined) leave(draft, place, next.outcome, next.reason, wires);
  else if (next.end) end(draft, place, next.end, next.reason);
}

function setVariables(parts: Parts, draft: Draft, set: Readonly<Record<string, JsonValue>>, place: string): void {
  const { variables, refused } = assign(parts.document.variables, draft.context.variables, set);
  draft.context = { ...draft.context, variables };
  for (const name of refused) {
    trace(draft, {
      type: 'log',
      node: place,
      level: 'warn',
      text: `The value does not fit the variable ${name}; it keeps its old one`,
    });
  }
}

/** Write the decision and withdraw what is still open. */
function decide(draft: Draft, decision: string): void {
  const left = Object.entries(draft.context.open).filter(([, ask]) => !MOMENTARY.has(ask));
  draft.context = { ...draft.context, decision, open: {} };
  for (const [target] of left) {
    const { shared } = draft.context;
    draft.context = { ...draft.context, shared: { ...shared, counter: shared.counter + 1 } };
    draft.effects.push({ type: 'ask', ask: { ask: 'cancel', id: `${shared.path}/${shared.counter + 1}`, target } });
  }
}

function leave(draft: Draft, place: string, outcome: string, reason: string | undefined, wires: Wires): void {
  decide(draft, outcomeDecision(outcome));
  trace(draft, { type: 'node.left', node: place, outcome, reason: (reason ?? '').slice(0, 500) });
  if (!wires.has(outcome)) draft.effects.push({ type: 'end', scope: 'flow', outcome });
}

function end(
  draft: Draft,
  place: string,
  how: { scope: 'flow' | 'all'; outcome: string },
  reason: string | undefined,
): void {
  decide(draft, DECISION_END);
  trace(draft, { type: 'node.left', node: place, outcome: how.outcome, reason: (reason ?? '').slice(0, 500) });
  draft.effects.push({ type: 'end', ...how });
}

function trace(draft: Draft, item: TraceItem): void {
  draft.effects.push({ type: 'trace', item });
}
