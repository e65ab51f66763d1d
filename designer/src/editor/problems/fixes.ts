/** What one click can do about a diagnostic. */
import type { Diagnostic, Fix } from '@callwright/engine';
import type { Draft } from '../model/draft.ts';
import { disconnect, removeNodes, setHead } from '../model/edit.ts';

/** Applies a fix; null when it needs a choice by the author (`wire`: where to). */
export function applyFix(draft: Draft, fix: Fix): Draft | null {
  switch (fix.action) {
    case 'wire':
      return null;
    case 'remove-edge':
      return disconnectOne(draft, fix);
    case 'remove-node':
      return removeNodes(draft, [fix.node]);
    case 'declare-variable':
      return setHead(draft, {
        variables: [...draft.document.variables, { name: fix.name, type: 'string', initial: '', pii: false }],
      });
  }
}

/** Of two edges of one outcome, which lint complains about, only the one meant goes. */
function disconnectOne(draft: Draft, { from, outcome, to }: Extract<Fix, { action: 'remove-edge' }>): Draft {
  const { edges } = draft.document;
  const twins = edges.filter((edge) => edge.from === from && edge.outcome === outcome);
  if (twins.length < 2) return disconnect(draft, [{ from, outcome }]);
  const last = edges.findLastIndex((edge) => edge.from === from && edge.outcome === outcome && edge.to === to);
  return { ...draft, document: { ...draft.document, edges: edges.filter((_, index) => index !== last) } };
}

/** The node a diagnostic is about, when it is about one. */
export function nodeOfDiagnostic(draft: Draft, { node, path }: Diagnostic): string | null {
  if (node !== undefined) return node;
  const [list, index] = path;
  if (list === 'nodes' && typeof index === 'number') return draft.document.nodes[index]?.id ?? null;
  if (list === 'edges' && typeof index === 'number') return draft.document.edges[index]?.from ?? null;
  return null;
}
