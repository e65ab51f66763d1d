/** From a draft to a revision: pin sub-flows and audio, name the result by its hash (design §3). */
import { NODES } from '../../nodes/registry.gen.ts';
import type { Reference } from '../define/fields.ts';
import { normalizeDocument, revisionHash } from './canonical.ts';
import type { FlowDocument, FlowNode, RevisionClosure } from './document.ts';

/** What a company has, as far as a flow may refer to it. `undefined` = cannot tell, and is not complained about. */
export interface FlowCatalogue {
  /** The published closure of a flow by its unique name, or null. */
  flow(name: string): RevisionClosure | null | undefined;
  /** Content hash of audio by its unique name, or null. */
  audio(name: string): string | null | undefined;
  /** Whether a directory entity (`ring-group`, `calendar` …) exists, by id or unique name. */
  entity?(type: string, idOrName: string): boolean | undefined;
}

/** A catalogue that knows nothing: for lint of a flow on its own. */
export const NO_CATALOGUE: FlowCatalogue = { flow: () => undefined, audio: () => undefined };

/** What a node refers to; empty when its kind is unknown or its settings are invalid. */
export function referencesOf(node: FlowNode): readonly Reference[] {
  const definition = NODES[node.kind];
  const parsed = definition?.config.safeParse(node.config);
  return parsed?.success ? (definition?.references?.(parsed.data) ?? []) : [];
}

/** Pin and name a document that lint has passed. What the catalogue does not have stays unpinned. */
export function buildRevision(
  draft: FlowDocument,
  catalogue: FlowCatalogue,
): { readonly hash: string; readonly closure: RevisionClosure } {
  const document = normalizeDocument(draft);
  const subflows: Record<string, string> = {};
  const audio: Record<string, string> = {};
  let documents: RevisionClosure['documents'] = {};
  for (const reference of document.nodes.flatMap(referencesOf)) {
    if (reference.to === 'flow') {
      const closure = catalogue.flow(reference.name);
      if (!closure) continue;
      subflows[reference.name] = closure.root;
      documents = { ...documents, ...closure.documents };
    } else if (reference.to === 'audio') {
      const hash = catalogue.audio(reference.name);
      if (hash) audio[reference.name] = hash;
    }
  }
  const pinned = { document, subflows, audio };
  const hash = revisionHash(pinned);
  return { hash, closure: { root: hash, documents: { ...documents, [hash]: pinned } } };
}

/**
 * Give nodes that an earlier revision had (same id) their old numbers, and new ones numbers never used before, so that numbers
 * stay stable across revisions. The entry keeps 0.
 */
export function keepNumbers(document: FlowDocument, earlier: readonly FlowDocument[]): FlowDocument {
  const known = new Map(earlier.flatMap((old) => old.nodes.map((node) => [node.id, node.number] as const)));
  let last = Math.max(0, ...known.values());
  const numberOf = (node: FlowNode): number => {
    if (node.id === document.entry) return 0;
    const old = known.get(node.id);
    if (old !== undefined && old !== 0) return old;
    last += 1;
    return last;
  };
  if (earlier.length === 0) return document;
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, number: numberOf(node) })) };
}
