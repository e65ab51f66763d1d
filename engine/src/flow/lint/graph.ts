/** The graph of a flow: what is reached, what never ends, what runs in a circle. */

import type { DecidedBy } from '../../define/define-node.ts';
import { createExpressions, type Expressions } from '../../define/expression.ts';
import type { FlowDocument } from '../document.ts';
import type { FlowCatalogue } from '../publish.ts';
import { listens } from '../returns.ts';
import { type Diagnostic, diagnose } from './codes.ts';
import { components } from './components.ts';
import type { LintNode } from './lint.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly outcome: string;
  readonly by: DecidedBy;
}

interface Graph {
  readonly nodes: ReadonlyMap<string, LintNode>;
  readonly edges: readonly Edge[];
  readonly from: (id: string) => readonly Edge[];
}

export function lintGraph(document: FlowDocument, nodes: readonly LintNode[], catalogue: FlowCatalogue): Diagnostic[] {
  const graph = buildGraph(document, nodes, catalogue);
  const reached = reachable(graph, [document.entry], 'forwards');
  const unreached = nodes.filter(({ node }) => !reached.has(node.id));
  return [
    ...unreached.map(({ node, index }) =>
      diagnose('FLW_UNREACHABLE', ['nodes', index], { node: node.id, fix: { action: 'remove-node', node: node.id } }),
    ),
    ...deadEnds(graph, reached),
    ...circles(document, graph, reached),
  ];
}

function buildGraph(document: FlowDocument, nodes: readonly LintNode[], catalogue: FlowCatalogue): Graph {
  const byId = new Map(nodes.map((entry) => [entry.node.id, entry]));
  const edges = document.edges.flatMap(({ from, to, outcome }): Edge[] => {
    const entry = byId.get(from);
    if (!entry || !byId.has(to)) return [];
    return [{ from, to, outcome, by: decidedBy(entry, outcome, catalogue) }];
  });
  const bySource = Map.groupBy(edges, (edge) => edge.from);
  return { nodes: byId, edges, from: (id) => bySource.get(id) ?? [] };
}

/** Who decides an outcome; a flow that is called decides like the best of its own nodes. */
function decidedBy(entry: LintNode, outcome: string, catalogue: FlowCatalogue): DecidedBy {
  const { definition, config } = entry;
  if (!definition || !config) return 'outside';
  for (const reference of definition.references?.(config) ?? []) {
    if (reference.to !== 'flow') continue;
    const closure = catalogue.flow(reference.name);
    if (closure === undefined) return 'caller';
    const called = closure?.documents[closure.root]?.document;
    if (called && listens(called)) return 'caller';
  }
  return definition.decidedBy?.(outcome, config) ?? 'machine';
}

function reachable(graph: Graph, start: readonly string[], way: 'forwards' | 'backwards'): Set<string> {
  const back = Map.groupBy(graph.edges, (edge) => edge.to);
  const seen = new Set(start.filter((id) => graph.nodes.has(id)));
  const queue = [...seen];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const next =
      way === 'forwards' ? graph.from(id).map((edge) => edge.to) : (back.get(id) ?? []).map((edge) => edge.from);
    for (const other of next) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return seen;
}

/** Nodes from which no end can be reached. Nodes that cannot be judged, or have an unwired outcome (told elsewhere), count as ends. */
function deadEnds(graph: Graph, reached: ReadonlySet<string>): Diagnostic[] {
  const ends = [...graph.nodes.values()].filter(({ node, definition, config, outcomes }) => {
    if (!definition || !config || !outcomes) return true;
    const wired = new Set(graph.from(node.id).map((edge) => edge.outcome));
    return definition.ends?.(config) || outcomes.some((outcome) => !wired.has(outcome));
  });
  const ending = reachable(
    graph,
    ends.map(({ node }) => node.id),
    'backwards',
  );
  return [...graph.nodes.values()]
    .filter(({ node }) => reached.has(node.id) && !ending.has(node.id))
    .map(({ node, index }) => diagnose('FLW_DEAD_END', ['nodes', index], { node: node.id }));
}

/**
 * Circles that nothing breaks. A caller's choice or an outside command breaks the edge it decides; a node that waits for an outside
 * command breaks all its edges; a counter breaks every circle that both counts and tests it (`isCounted`).
 */
function circles(document: FlowDocument, graph: Graph, reached: ReadonlySet<string>): Diagnostic[] {
  const rests = new Set(graph.edges.filter((edge) => edge.by === 'outside').map((edge) => edge.from));
  const kept = graph.edges.filter(
    (edge) => reached.has(edge.from) && (edge.by === 'machine' || edge.by === 'counter') && !rests.has(edge.from),
  );
  const expressions = createExpressions(document.variables);
  return components([...reached], kept).flatMap((members) => {
    if (!isCircular(members, kept) || isCounted(graph, members, kept, expressions)) return [];
    const first = graph.nodes.get(members.find((id) => graph.nodes.get(id)?.definition?.rings) ?? members[0]!)!;
    const code = first.definition?.rings ? 'FLW_DIAL_LOOP' : 'FLW_LOOP';
    return [diagnose(code, ['nodes', first.index], { node: first.node.id, detail: members.join(', ') })];
  });
}

function isCircular(ids: readonly string[], edges: readonly Edge[]): boolean {
  const inside = new Set(ids);
  const own = edges.filter((edge) => inside.has(edge.from) && inside.has(edge.to));
  return components(ids, own).some(
    (group) => group.length > 1 || own.some(({ from, to }) => from === group[0] && to === from),
  );
}

/**
 * True when one variable bounds every circle among these nodes: whatever sets it there derives it from itself, no circle goes without
 * setting it, and no circle goes without a branch that reads it and can leave. Which way it counts is not judged: the machine's own bound
 * ends a circle that counts away from its test.
 */
function isCounted(
  graph: Graph,
  members: readonly string[],
  edges: readonly Edge[],
  expressions: Expressions,
): boolean {
  const inside = new Set(members);
  const uses = members.map((id) => ({ id, ...usesOf(graph, id, inside, expressions) }));
  const candidates = new Set(uses.flatMap(({ counts }) => [...counts]));
  const without = (breaking: readonly string[]) => members.filter((id) => !breaking.includes(id));
  return [...candidates].some((name) => {
    if (uses.some(({ resets }) => resets.has(name))) return false;
    const counting = uses.filter(({ counts }) => counts.has(name)).map(({ id }) => id);
    const testing = uses.filter(({ tests }) => tests.has(name)).map(({ id }) => id);
    return !isCircular(without(counting), edges) && !isCircular(without(testing), edges);
  });
}

interface Uses {
  /** Variables derived from themselves. */
  readonly counts: ReadonlySet<string>;
  /** Variables set to anything else. */
  readonly resets: ReadonlySet<string>;
  /** Variables that a branch out of the circle reads. */
  readonly tests: ReadonlySet<string>;
}

function usesOf(graph: Graph, id: string, inside: ReadonlySet<string>, expressions: Expressions): Uses {
  const { definition, config } = graph.nodes.get(id)!;
  const references = definition && config ? (definition.references?.(config) ?? []) : [];
  const written = references.filter((reference) => reference.to === 'variable');
  const derived = (source: string | undefined, name: string) =>
    source !== undefined && expressions.names(source).has(name);
  const leaves = graph.from(id).some((edge) => edge.by === 'counter' && !inside.has(edge.to));
  const read = references.flatMap((reference) =>
    reference.to === 'expression' ? [...expressions.names(reference.source)] : [],
  );
  return {
    counts: new Set(written.filter(({ source, name }) => derived(source, name)).map(({ name }) => name)),
    resets: new Set(written.filter(({ source, name }) => !derived(source, name)).map(({ name }) => name)),
    tests: new Set(leaves ? read : []),
  };
}
