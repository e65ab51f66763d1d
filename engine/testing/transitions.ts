/** The transitions of a flow with its sub-flows: every node reached from the entry, by every outcome it has. */
import type { CompiledDocument, CompiledFlow } from '../src/flow/compile.ts';
import { referencesOf } from '../src/flow/publish.ts';

export interface FlowTransition {
  /** As in the trace: `node`, or `calling-node/node` in a sub-flow. */
  readonly node: string;
  readonly outcome: string;
}

export function transitionKey(transition: { readonly node: string; readonly outcome: string }): string {
  return `${transition.node}\n${transition.outcome}`;
}

export function closureEdges(compiled: CompiledFlow): FlowTransition[] {
  return documentEdges(compiled, compiled.documents[compiled.root]!, '', []);
}

function documentEdges(
  compiled: CompiledFlow,
  document: CompiledDocument,
  prefix: string,
  above: readonly string[],
): FlowTransition[] {
  const reached = reachedNodes(document);
  return document.document.nodes.flatMap((node) => {
    if (!reached.has(node.id)) return [];
    const own = document.nodes[node.id]!.outcomes.map((outcome) => ({ node: prefix + node.id, outcome }));
    const called = referencesOf(node).flatMap((reference) => {
      const hash = reference.to === 'flow' ? document.subflows[reference.name] : undefined;
      const inner = hash === undefined || above.includes(hash) ? undefined : compiled.documents[hash];
      return inner ? documentEdges(compiled, inner, `${prefix}${node.id}/`, [...above, inner.revision]) : [];
    });
    return [...own, ...called];
  });
}

function reachedNodes(document: CompiledDocument): Set<string> {
  const { entry, edges } = document.document;
  const seen = new Set([entry]);
  for (const id of seen) for (const edge of edges) if (edge.from === id && document.nodes[edge.to]) seen.add(edge.to);
  return seen;
}
