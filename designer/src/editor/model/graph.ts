/** Ways through a drawn flow, for keys and search. */
import type { Draft, Point } from './draft.ts';

/** Nodes that lead to one of `ids`, or that they lead to, themselves included. */
export function reachable(draft: Draft, ids: readonly string[], direction: 'up' | 'down' | 'both'): string[] {
  const seen = new Set(ids);
  const forward = direction !== 'up';
  const back = direction !== 'down';
  for (const id of seen) {
    for (const edge of draft.document.edges) {
      if (forward && edge.from === id) seen.add(edge.to);
      if (back && edge.to === id) seen.add(edge.from);
    }
  }
  return [...seen];
}

export type Direction = 'left' | 'right' | 'up' | 'down';

const STEP: Readonly<Record<Direction, Point>> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
};

/** The nearest node in a direction, straight ahead counting more than aside; null when there is none. */
export function neighbour(draft: Draft, id: string, direction: Direction): string | null {
  const { positions } = draft.layout;
  const here = positions[id];
  if (!here) return null;
  const step = STEP[direction];
  let best: { id: string; cost: number } | null = null;
  for (const [other, place] of Object.entries(positions)) {
    const dx = place.x - here.x;
    const dy = place.y - here.y;
    const ahead = dx * step.x + dy * step.y;
    if (other === id || ahead <= 0) continue;
    const aside = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    const cost = ahead + 2 * aside;
    if (!best || cost < best.cost) best = { id: other, cost };
  }
  return best?.id ?? null;
}
