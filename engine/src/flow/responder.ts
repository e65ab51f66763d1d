/** A flow read as a responder: a tree of nodes, each entered by a key. A flow that is no such tree is none. */
import { NODES } from '../../nodes/registry.gen.ts';
import type { ResponderStep } from '../define/define-node.ts';
import type { FlowDocument, FlowNode } from './document.ts';
import { migrateNode } from './migrate.ts';
import { firstNode, toldNumber } from './numbering.ts';

export interface ResponderNode extends ResponderStep {
  /** Number of the node; the root is 0. */
  readonly number: number;
  /** Null of the root. */
  readonly parent: number | null;
  /** The key that leads here from the parent; null of the root. */
  readonly key: string | null;
  readonly label: string;
}

/** The nodes of the tree, the root first, children behind their parent in the order of keys; null when the flow is no tree of them. */
export function responderTree(document: FlowDocument): readonly ResponderNode[] | null {
  const steps = new Map(document.nodes.map((node) => [node.id, stepOf(node)]));
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const root = rootOf(document, steps);
  if (root === null) return null;
  const told = toldNumber(document);
  const entered = new Map<string, string | null>([[root, null]]);
  const tree: ResponderNode[] = [];
  const visit = (id: string, key: string | null): boolean => {
    const [node, step] = [byId.get(id), steps.get(id)];
    if (!node || !step) return false;
    const parent = entered.get(id)!;
    tree.push({
      ...step,
      number: told(node.number),
      parent: parent === null ? null : told(byId.get(parent)!.number),
      key,
      label: node.label,
    });
    const place = (outcome: string) => step.keys.findIndex((one) => one.outcome === outcome);
    return document.edges
      .filter(({ from }) => from === id)
      .toSorted((a, b) => place(a.outcome) - place(b.outcome))
      .every(({ outcome, to }) => {
        if (step.backKey !== null && outcome === step.back) return to === parent;
        const leads = step.keys.find((one) => one.outcome === outcome);
        // two ways into a node, or an edge that no key leads along
        if (!leads || entered.has(to)) return false;
        entered.set(to, id);
        return visit(to, leads.key);
      });
  };
  return visit(root, null) && tree.length === steps.size - (root === document.entry ? 0 : 1) ? tree : null;
}

function stepOf(node: FlowNode): ResponderStep | null {
  const definition = NODES[node.kind];
  if (!definition?.responder) return null;
  const parsed = definition.config.safeParse(migrateNode(node, definition).config);
  return parsed.success ? definition.responder(parsed.data) : null;
}

/** Where the flow begins to do something. */
function rootOf(document: FlowDocument, steps: ReadonlyMap<string, ResponderStep | null>): string | null {
  const first = firstNode(document);
  return steps.get(first) ? first : null;
}
