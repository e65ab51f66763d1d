/** How a flow can end for the flow that called it. */
import { NODES } from '../../nodes/registry.gen.ts';
import type { FlowDocument } from './document.ts';

/** Outcomes by which a document may end: what its nodes return, and optional outcomes left unwired. */
export function returnsOf(document: FlowDocument): ReadonlySet<string> {
  const wired = new Set(document.edges.map((edge) => `${edge.from}\n${edge.outcome}`));
  const found = new Set<string>();
  for (const node of document.nodes) {
    const definition = NODES[node.kind];
    const parsed = definition?.config.safeParse(node.config);
    if (!definition || !parsed?.success) continue;
    const returned = definition.returns?.(parsed.data) ?? null;
    if (returned !== null) found.add(returned);
    for (const outcome of definition.optional?.(parsed.data) ?? []) {
      if (!wired.has(`${node.id}\n${outcome}`)) found.add(outcome);
    }
  }
  return found;
}

/** True when a caller is asked, or somebody outside may act, somewhere in the flow: then calling it again is no empty circle. */
export function listens(document: FlowDocument): boolean {
  return document.nodes.some((node) => {
    const definition = NODES[node.kind];
    const parsed = definition?.config.safeParse(node.config);
    if (!definition || !parsed?.success) return false;
    return definition.outcomes(parsed.data).some((outcome) => {
      const by = definition.decidedBy?.(outcome, parsed.data) ?? 'machine';
      return by === 'caller' || by === 'outside';
    });
  });
}
