/** Automatic layout by dagre: from left to right, in the order of the outcomes. */
import dagre from '@dagrejs/dagre';
import { CARD_WIDTH, cardHeight, type Draft, outcomesOf, type Point, snap } from './draft.ts';
import { moveNodes } from './edit.ts';

/** Places for some nodes, or all; those of a part keep the part's upper left corner. */
export function tidyPlaces(draft: Draft, only: readonly string[] | null = null): Record<string, Point> {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 96, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = draft.document.nodes.filter(({ id }) => only === null || only.includes(id));
  for (const node of nodes) {
    graph.setNode(node.id, { width: CARD_WIDTH, height: cardHeight(outcomesOf(draft, node).length) });
  }
  for (const { from, to } of draft.document.edges) {
    if (from !== to && graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to);
  }
  dagre.layout(graph);
  const corner = only === null ? { x: 0, y: 0 } : cornerOf(only.flatMap((id) => draft.layout.positions[id] ?? []));
  const places = nodes.map(({ id }) => {
    const { x, y, width, height } = graph.node(id);
    return [id, { x: (x ?? 0) - width / 2, y: (y ?? 0) - height / 2 }] as const;
  });
  const origin = cornerOf(places.map(([, place]) => place));
  return Object.fromEntries(
    places.map(([id, { x, y }]) => [id, snap({ x: x - origin.x + corner.x, y: y - origin.y + corner.y })]),
  );
}

function cornerOf(points: readonly Point[]): Point {
  if (points.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...points.map(({ x }) => x)), y: Math.min(...points.map(({ y }) => y)) };
}

/** The draft with every node drawn somewhere: one that came without places is laid out. */
export function placed(draft: Draft): Draft {
  const missing = draft.document.nodes.filter(({ id }) => !draft.layout.positions[id]);
  if (missing.length === 0) return draft;
  const places = tidyPlaces(draft);
  if (missing.length === draft.document.nodes.length) return moveNodes(draft, places);
  return moveNodes(draft, Object.fromEntries(missing.map(({ id }) => [id, places[id]!])));
}
