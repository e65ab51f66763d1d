/** What a refusal of the publish gate paints: every arrow that no test takes, with the reason. */
import type { Diagnostic, Words } from '@callwright/engine';
import type { Paint } from '../editor-store.ts';
import { wireKey } from '../model/draft.ts';

export function paintGate(diagnostics: readonly Diagnostic[], words: (text: Words) => string): Paint {
  const edges: Record<string, 'missing'> = {};
  const why: Record<string, string> = {};
  for (const { node, outcome, message } of diagnostics) {
    if (node === undefined || outcome === undefined) continue;
    const key = wireKey({ from: node, outcome });
    edges[key] = 'missing';
    why[key] = words(message);
  }
  return { nodes: {}, edges, why };
}
