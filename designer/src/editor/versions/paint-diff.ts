/** What a comparison paints on the canvas: what the draft has more than the earlier version, and what it has otherwise. */
import type { FlowDiff } from '@callwright/engine';
import type { Paint } from '../editor-store.ts';
import { wireKey } from '../model/draft.ts';

export function paintDiff({ nodes, edges }: FlowDiff): Paint {
  return {
    nodes: Object.fromEntries([
      ...nodes.added.map(({ id }) => [id, 'added' as const]),
      ...nodes.changed.map(({ id }) => [id, 'changed' as const]),
    ]),
    edges: Object.fromEntries([
      ...edges.added.map((edge) => [wireKey(edge), 'added' as const]),
      ...edges.rewired.map((edge) => [wireKey(edge), 'changed' as const]),
    ]),
  };
}
