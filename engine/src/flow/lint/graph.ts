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
 * command breaks all its edges; a counter is a branch out of the circle on a variable that the circle itself counts.
 */
function circles(document: FlowDocument, graph: Graph, reached: ReadonlySet<string>): Diagnostic[] {
  const rests = new Set(graph.edges.filter((edge) => edge.by === 'outside').map((edge) => edge.from));
  const kept = graph.edges.filter(
    (edge) => reached.has(edge.from) && (edge.by === 'machine' || edge.by === 'counter') && !rests.has(edge.from),
  );
  const expressions = createExpressions(document.variables);
  return components([...reached], kept).flatMap((members) => {
    const inside = new Set(members);
    const circular = kept.some((edge) => inside.has(edge.from) && inside.has(edge.to));
    if (!circular || counts(graph, inside, expressions)) return [];
    const first = graph.nodes.get(members.find((id) => graph.nodes.get(id)?.definition?.rings) ?? members[0]!)!;
    const code = first.definition?.rings ? 'FLW_DIAL_LOOP' : 'FLW_LOOP';
    return [diagnose(code, ['nodes', first.index], { node: first.node.id, detail: members.join(', ') })];
  });
}

/** True when a branch leaves the circle on a variable that some node of the circle derives from itself. */
function counts(graph: Graph, inside: ReadonlySet<string>, expressions: Expressions): boolean {
  const counted = new Set<string>();
  const tested = new Set<string>();
  for (const id of inside) {
    const { definition, config } = graph.nodes.get(id)!;
    if (!definition || !config) continue;
    const references = definition.references?.(config) ?? [];
    const names = references.flatMap((reference) =>
      reference.to === 'expression' ? [...expressions.names(reference.source)] : [],
    );
    for (const reference of references) {
      if (reference.to === 'variable' && names.includes(reference.name)) counted.add(reference.name);
    }
    const leaves = graph.from(id).some((edge) => edge.by === 'counter' && !inside.has(edge.to));
    if (leaves) for (const name of names) tested.add(name);
  }
  return [...tested].some((name) => counted.has(name));
}
