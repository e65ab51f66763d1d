/**
 * Compile a closure: one xstate machine per document, built once per content hash and shared by all calls (design §3).
 *
 * A node is a compound state, its stages are the children. Stages decide by writing `decision` into the context; every possible
 * decision is an eventless transition, so the machine's graph is the flow's graph.
 */
import { type AnyStateMachine, createMachine } from 'xstate';
import { NODES } from '../../nodes/registry.gen.ts';
import type { Behaviour } from '../define/behaviour.ts';
import type { NodeDefinition } from '../define/define-node.ts';
import { createExpressions, type Expressions } from '../define/expression.ts';
import { EngineError } from '../errors.ts';
import type { JsonValue } from '../protocol/index.ts';
import type { FlowDocument, FlowNode, RevisionClosure } from './document.ts';
import { DECISION_END, outcomeDecision, stageDecision, stageEntry, stageReply, stageSkip } from './frame.ts';
import { migrateNode } from './migrate.ts';
import { toldNumber } from './numbering.ts';

export interface CompiledNode {
  readonly id: string;
  readonly number: number;
  /** As responders tell it. */
  readonly told: number;
  readonly kind: string;
  readonly definition: NodeDefinition;
  readonly behaviour: Behaviour;
  readonly outcomes: readonly string[];
}

export interface CompiledDocument {
  readonly revision: string;
  readonly document: FlowDocument;
  readonly nodes: Readonly<Record<string, CompiledNode>>;
  /** Name → pinned revision. */
  readonly subflows: Readonly<Record<string, string>>;
  /** Audio name → content hash. */
  readonly audio: Readonly<Record<string, string>>;
  readonly expressions: Expressions;
  /** Names of variables that hold personal data. */
  readonly personal: ReadonlySet<string>;
  readonly machine: AnyStateMachine;
}

export interface CompiledFlow {
  readonly root: string;
  readonly documents: Readonly<Record<string, CompiledDocument>>;
}

/** Compiled documents kept per process; a document with its pins never changes under its hash, so sharing is safe under replay. */
const CACHE_SIZE = 200;
const cache = new Map<string, CompiledDocument>();

/**
 * Compile a revision with everything it pins. A pure function of its argument; throws a coded `EngineError` for a closure that
 * was never published (unknown kind, invalid config).
 */
export function compileClosure(closure: RevisionClosure): CompiledFlow {
  if (!closure.documents[closure.root]) throw new EngineError('FLW_UNKNOWN_REVISION', closure.root);
  const documents: Record<string, CompiledDocument> = {};
  for (const [hash, pinned] of Object.entries(closure.documents)) documents[hash] = cached(hash, pinned);
  return { root: closure.root, documents };
}

function cached(hash: string, pinned: RevisionClosure['documents'][string]): CompiledDocument {
  const held = cache.get(hash);
  if (held) {
    cache.delete(hash);
    cache.set(hash, held);
    return held;
  }
  const compiled = compileDocument(hash, pinned);
  cache.set(hash, compiled);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  return compiled;
}

/** Compile one document without the cache. */
export function compileDocument(revision: string, pinned: RevisionClosure['documents'][string]): CompiledDocument {
  const { document } = pinned;
  // no prototype: a name from outside may be `constructor`
  const nodes: Record<string, CompiledNode> = Object.create(null);
  const told = toldNumber(document);
  for (const node of document.nodes) nodes[node.id] = { ...compileNode(node), told: told(node.number) };
  if (!nodes[document.entry]) throw new EngineError('FLW_BAD_DOCUMENT', 'entry');
  const partial = {
    revision,
    document,
    nodes,
    subflows: pinned.subflows,
    audio: pinned.audio,
    expressions: createExpressions(document.variables),
    personal: new Set(document.variables.filter((variable) => variable.pii).map((variable) => variable.name)),
  };
  return { ...partial, machine: buildMachine(partial) };
}

function compileNode(node: FlowNode): Omit<CompiledNode, 'told'> {
  const definition = NODES[node.kind];
  if (!definition) throw new EngineError('FLW_UNKNOWN_KIND', `${node.id} (${node.kind})`);
  const config = parseConfig(definition, migrateNode(node, definition).config, node.id);
  return {
    id: node.id,
    number: node.number,
    kind: node.kind,
    definition,
    behaviour: definition.behaviour(config),
    outcomes: definition.outcomes(config),
  };
}

function parseConfig(definition: NodeDefinition, config: Readonly<Record<string, JsonValue>>, id: string) {
  const parsed = definition.config.safeParse(config);
  if (!parsed.success) throw new EngineError('FLW_BAD_CONFIG', id);
  return parsed.data;
}

type Parts = Omit<CompiledDocument, 'machine'>;

function buildMachine(parts: Parts): AnyStateMachine {
  const states: Record<string, object> = {
    $idle: { on: { start: { target: parts.document.entry } } },
    $done: { type: 'final' },
  };
  for (const node of Object.values(parts.nodes)) states[node.id] = nodeState(parts, node);
  return createMachine({ id: 'flow', initial: '$idle', context: {}, states } as Parameters<
    typeof createMachine
  >[0]) as AnyStateMachine;
}

function nodeState(parts: Parts, node: CompiledNode): object {
  const wires = new Map(
    parts.document.edges.filter((edge) => edge.from === node.id).map((edge) => [edge.outcome, edge.to]),
  );
  const leaving = node.outcomes.map((outcome) => {
    const to = wires.get(outcome);
    return exit(outcomeDecision(outcome), to !== undefined && parts.nodes[to] ? `#flow.${to}` : '#flow.$done');
  });
  leaving.push(exit(DECISION_END, '#flow.$done'));
  const names = Object.keys(node.behaviour.stages);
  const moving = names.map((name) => exit(stageDecision(name), `#flow.${node.id}.${name}`));
  const states = names.map((name) => [
    name,
    {
      entry: stageEntry(parts, node, name, wires),
      on: {
        reply: { actions: stageReply(parts, node, name, wires) },
        skip: { actions: stageSkip(node, wires) },
      },
      always: [...moving, ...leaving],
    },
  ]);
  return { initial: node.behaviour.initial, states: Object.fromEntries(states) };
}

function exit(decision: string, target: string): object {
  return {
    target,
    reenter: true,
    guard: ({ context }: { context: { decision: string | null } }) => context.decision === decision,
  };
}
