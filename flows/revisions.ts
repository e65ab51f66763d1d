/** The catalogue as it is published: each flow with everything it pins, sub-flows before the flows that name them. */
import { buildRevision, type FlowDocument, type FlowFile, type RevisionClosure } from '@callwright/engine';

/** A flow of the catalogue, ready to be published. */
export interface CatalogueRevision {
  readonly file: FlowFile;
  readonly closure: RevisionClosure;
}

/**
 * Pins the given flows against each other. None of them names audio of a company, so the result is the same everywhere. Throws when
 * flows name each other in a circle.
 */
export function pinTogether(documents: Readonly<Record<string, FlowDocument>>): CatalogueRevision[] {
  const pinned = new Map<string, RevisionClosure>();
  const open = new Set<string>();
  const pin = (name: string): RevisionClosure | null => {
    const known = pinned.get(name);
    const document = documents[name];
    if (known || !document) return known ?? null;
    if (open.has(name)) throw new Error(`flow ${name} is its own sub-flow`);
    open.add(name);
    const { closure } = buildRevision(document, { flow: pin, audio: () => null });
    open.delete(name);
    pinned.set(name, closure);
    return closure;
  };
  return Object.entries(documents).map(([name, document]) => ({ file: { document }, closure: pin(name)! }));
}
