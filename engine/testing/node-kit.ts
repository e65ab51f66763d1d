/**
 * The contract every node kind keeps (style §4a), checked on its example and variants by driving the production machine through
 * every answer. A node's test calls `nodeViolations` and adds a few named scenarios of its own.
 */
import * as z from 'zod';
import { NODES } from '../nodes/registry.gen.ts';
import { Ask, type Reply } from '../src/define/ask.ts';
import type { NodeDefinition } from '../src/define/define-node.ts';
import { canonicalJson } from '../src/flow/canonical.ts';
import { type CompiledFlow, compileDocument } from '../src/flow/compile.ts';
import type { FlowDocument, FlowNode, RevisionClosure } from '../src/flow/document.ts';
import { type FlowState, type FlowStep, listensForContinue, startFlow, stepFlow } from '../src/flow/machine.ts';
import { Fact, type JsonValue } from '../src/protocol/index.ts';
import { DEFAULT_START, openAfter } from './explore.ts';
import { repliesTo } from './replies.ts';

/** Name of the node in the one-node flow that the kit runs. */
export const KIT_NODE = 'under-test';
const SEEDS = 64;
const DAY_MS = 86_400_000;

/** A flow of one node: its outcomes are unwired, so leaving by one ends the flow with that outcome. */
export function oneNodeFlow(kind: string, config: Readonly<Record<string, JsonValue>>): FlowDocument {
  const version = NODES[kind]?.version ?? 1;
  return {
    format: 1,
    name: 'kit',
    title: '',
    language: 'en',
    entry: KIT_NODE,
    variables: [
      { name: 'entry', type: 'string', initial: '', pii: false },
      { name: 'count', type: 'number', initial: 0, pii: false },
      { name: 'secret', type: 'string', initial: '4711', pii: true },
    ],
    nodes: [{ id: KIT_NODE, number: 0, kind, version, label: '', config: { ...config } }],
    edges: [],
  };
}

/** Everything a definition does against the contract; empty when it keeps it. */
export function nodeViolations(definition: NodeDefinition): string[] {
  const configs = [definition.example, ...(definition.variants ?? [])] as Record<string, JsonValue>[];
  return [
    ...schemaViolations(definition),
    ...configs.flatMap((config, index) =>
      configViolations(definition, config).map((text) => `config ${index}: ${text}`),
    ),
    ...migrationViolations(definition),
    ...outcomeViolations(definition, configs),
  ];
}

function schemaViolations(definition: NodeDefinition): string[] {
  const found: string[] = [];
  try {
    // `throw` is the default for what JSON cannot carry: dates, transforms
    const schema = z.toJSONSchema(definition.config, { io: 'input' }) as {
      properties?: Record<string, { title?: string; titleFr?: string }>;
    };
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!property.title || !property.titleFr) found.push(`field ${name} has no title in every language`);
    }
  } catch {
    found.push('the config cannot be told as JSON Schema');
  }
  for (const words of [definition.title, definition.description]) {
    if (words.en === '' || words.fr === '') found.push('title or description is missing in a language');
  }
  return found;
}

function configViolations(definition: NodeDefinition, config: Readonly<Record<string, JsonValue>>): string[] {
  const parsed = definition.config.safeParse(config);
  if (!parsed.success)
    return [`does not parse: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`];
  const once = canonicalJson(JSON.parse(JSON.stringify(parsed.data)));
  const twice = canonicalJson(JSON.parse(JSON.stringify(definition.config.parse(JSON.parse(once)))));
  const found = once === twice ? [] : ['parsing is not a fixed point'];
  const outcomes = definition.outcomes(parsed.data);
  if (new Set(outcomes).size < outcomes.length) found.push('outcomes repeat');
  if (outcomes.length === 0 && !definition.ends?.(parsed.data)) found.push('has no outcome and is no end');
  for (const problem of definition.check?.(parsed.data) ?? []) found.push(`breaks its own rule ${problem.code}`);
  return found;
}

function migrationViolations(definition: NodeDefinition): string[] {
  const steps = definition.migrations.map((migration) => migration.to);
  const expected = Array.from({ length: definition.version - 1 }, (_, index) => index + 2);
  return JSON.stringify(steps) === JSON.stringify(expected)
    ? []
    : [`migrations go ${steps.join(', ')}; version is ${definition.version}`];
}

/** Run every config through every answer: outcomes all reached, nothing left open, no state without a way on, same events same results. */
function outcomeViolations(definition: NodeDefinition, configs: readonly Record<string, JsonValue>[]): string[] {
  return configs.flatMap((config, index) => {
    const parsed = definition.config.safeParse(config);
    if (!parsed.success) return [];
    const reached = new Set<string>();
    const found = new Set<string>();
    for (const closure of kitClosures(definition, config)) {
      for (const start of kitStarts(definition, parsed.data)) walk(closure, start, reached, found);
    }
    const outcomes = definition.outcomes(parsed.data);
    for (const outcome of outcomes) if (!reached.has(outcome)) found.add(`the outcome ${outcome} is never reached`);
    for (const outcome of reached) {
      if (!outcomes.includes(outcome) && !definition.ends?.(parsed.data))
        found.add(`leaves by ${outcome}, which is no outcome`);
    }
    return [...found].map((text) => `config ${index}: ${text}`);
  });
}

type Start = Parameters<typeof startFlow>[1];

/** Calls that differ in what the node may read: seeds, instants, variables, numbers. */
function kitStarts(definition: NodeDefinition, config: Readonly<Record<string, unknown>>): Start[] {
  const base = { ...DEFAULT_START, variables: { entry: '1234', count: 5 } };
  const probe = definition.probe?.(config, base.at, base.locale.timeZone) ?? {};
  const instants = [base.at, base.at + DAY_MS / 2, ...(probe.instants ?? [])];
  return [
    ...instants.map((at) => ({ ...base, at })),
    { ...base, variables: {} },
    { ...base, caller: { ...base.caller, number: '+39021234' }, variables: {} },
    ...(probe.chance ? Array.from({ length: SEEDS }, (_, seed) => ({ ...base, seed })) : []),
  ];
}

/** The one-node flow with what it pins: a called flow is put in once per outcome it may end by. */
function kitClosures(definition: NodeDefinition, config: Readonly<Record<string, JsonValue>>): CompiledFlow[] {
  const document = oneNodeFlow(definition.kind, config);
  const parsed = definition.config.parse(config);
  const flows = (definition.references?.(parsed) ?? []).filter((reference) => reference.to === 'flow');
  const called = flows.flatMap((flow) => flow.outcomes.map((outcome) => ({ flow, outcome })));
  if (called.length === 0) return [compilePair(document, {}, null)];
  return called.map(({ flow, outcome }) =>
    compilePair(document, { [flow.name]: 'called' }, returning(outcome, flow.variables)),
  );
}

function compilePair(
  document: FlowDocument,
  subflows: Record<string, string>,
  called: FlowDocument | null,
): CompiledFlow {
  const pins = { audio: {}, subflows: {} };
  return {
    root: 'kit',
    documents: {
      kit: compileDocument('kit', { ...pins, document, subflows }),
      ...(called ? { called: compileDocument('called', { ...pins, document: called }) } : {}),
    },
  };
}

/** A flow that ends at once by an outcome. */
function returning(outcome: string, variables: readonly string[]): FlowDocument {
  const kind = Object.values(NODES).find((definition) => definition.returns)!.kind;
  const node: FlowNode = { ...oneNodeFlow(kind, { outcome }).nodes[0]! };
  return {
    ...oneNodeFlow(kind, { outcome }),
    nodes: [node],
    variables: [...new Set(variables)].map((name) => ({ name, type: 'string', initial: '', pii: false })),
  };
}

function walk(compiled: CompiledFlow, start: Start, reached: Set<string>, found: Set<string>): void {
  const visited = new Set<string>();
  const visit = (step: FlowStep, again: FlowStep, pending: readonly Ask[], depth: number): void => {
    if (JSON.stringify(step) !== JSON.stringify(again))
      found.add('the same events give other results after a JSON round trip');
    for (const ask of step.asks)
      if (!Ask.safeParse(ask).success) found.add(`asks ${ask.ask} in a form the protocol does not know`);
    for (const item of step.trace)
      if (!Fact.safeParse(item).success) found.add(`tells ${item.type} in a form the protocol does not know`);
    if (step.state.status === 'failed') found.add(`fails with ${step.state.outcome}`);
    if (step.state.status !== 'active') {
      reached.add(step.state.outcome ?? '');
      const left = pending.filter((ask) => ask.ask !== 'background' && ask.ask !== 'answer');
      if (left.length > 0) found.add(`leaves ${left.map((ask) => ask.ask).join(', ')} open`);
      return;
    }
    const replies = answers(compiled, step.state, pending);
    if (replies.length === 0) found.add('waits for nothing that can come');
    if (depth >= 6 || visited.has(standing(step.state))) return;
    visited.add(standing(step.state));
    for (const reply of replies) {
      const at = step.state.shared.at + 1000;
      const next = stepFlow(compiled, step.state, reply, at);
      const copy = stepFlow(
        compiled,
        JSON.parse(JSON.stringify(step.state)) as FlowState,
        JSON.parse(JSON.stringify(reply)) as Reply,
        at,
      );
      visit(next, copy, openAfter(pending, next, reply), depth + 1);
    }
  };
  const first = startFlow(compiled, start);
  visit(first, startFlow(compiled, start), openAfter([], first, null), 0);
}

/** Where the node stands, without what only counts up: what follows is the same. */
function standing({ shared, frames }: FlowState): string {
  const { at: _at, counter: _counter, hops: _hops, ...rest } = shared;
  const { open, ...context } = frames.at(-1)!.context;
  return JSON.stringify([rest, context, Object.values(open), frames.length]);
}

function answers(compiled: CompiledFlow, state: FlowState, pending: readonly Ask[]): Reply[] {
  const { definition } = compiled.documents.kit!.nodes[KIT_NODE]!;
  const config = compiled.documents.kit!.document.nodes[0]!.config;
  const { at, locale } = state.shared;
  const own = definition.probe?.(definition.config.parse(config) as never, at, locale.timeZone).entries ?? [];
  const candidates = { entries: ['1234', ...own.slice(0, 1)], bodies: [{ name: 'Ada' }] };
  const replies = pending.flatMap((ask) => repliesTo(ask, at, candidates));
  return listensForContinue(compiled, state) ? [...replies, { reply: 'continue', id: 'told' }] : replies;
}

/** Run a one-node flow to its first rest: for scenarios in a node's own test. */
export function startNode(
  kind: string,
  config: Readonly<Record<string, JsonValue>>,
  start: Partial<Start> = {},
): NodeRun {
  const closure: RevisionClosure = {
    root: 'kit',
    documents: { kit: { document: oneNodeFlow(kind, config), subflows: {}, audio: {} } },
  };
  const compiled: CompiledFlow = { root: 'kit', documents: { kit: compileDocument('kit', closure.documents.kit!) } };
  return nodeRun(compiled, startFlow(compiled, { ...DEFAULT_START, ...start }));
}

/** A node in the middle of its work. */
export interface NodeRun extends FlowStep {
  /** The only ask of the step, without its id. */
  readonly asked: { readonly ask: string; readonly [key: string]: unknown };
  readonly outcome: string | null;
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** Answer the open ask. */
  answer(reply: WithoutId<Reply>): NodeRun;
}
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

function nodeRun(compiled: CompiledFlow, step: FlowStep): NodeRun {
  const { id: _id, ...asked } = step.asks[0] ?? { ask: 'nothing', id: '' };
  const frame = step.state.frames.at(-1);
  const open = Object.keys(frame?.context.open ?? {});
  return {
    ...step,
    asked,
    outcome: step.state.outcome,
    variables: frame?.context.variables ?? {},
    answer: (reply) => {
      const id = open.at(-1) ?? 'none';
      return nodeRun(compiled, stepFlow(compiled, step.state, { ...reply, id } as Reply, step.state.shared.at + 1000));
    },
  };
}
