/** Nodes as text: copied, pasted into any flow, sent by mail. A whole flow file pastes too. */
import { FlowEdge, FlowFile, FlowNode, NODES } from '@callwright/engine';
import * as z from 'zod';
import { type Draft, freeId, nextNumber, nodeIds, type Point, snap } from './draft.ts';

const Clip = z.object({
  callwright: z.literal('nodes'),
  nodes: z.array(FlowNode).min(1).max(1000),
  edges: z.array(FlowEdge).max(5000),
  positions: z.record(z.string(), z.object({ x: z.number(), y: z.number() })),
});
type Clip = z.infer<typeof Clip>;

/** Longest text that is looked at. */
const MOST = 2_000_000;

const isStart = (node: FlowNode): boolean => NODES[node.kind]?.category === 'start';

/** The nodes with the edges among them; the entry, of which a flow has one, is left out. */
export function copyText(draft: Draft, ids: readonly string[]): string {
  const chosen = new Set(ids);
  const nodes = draft.document.nodes.filter((node) => chosen.has(node.id) && !isStart(node));
  const kept = new Set(nodes.map(({ id }) => id));
  const edges = draft.document.edges.filter(({ from, to }) => kept.has(from) && kept.has(to));
  const positions = Object.fromEntries(Object.entries(draft.layout.positions).filter(([id]) => kept.has(id)));
  const clip: Clip = { callwright: 'nodes', nodes, edges, positions };
  return nodes.length === 0 ? '' : JSON.stringify(clip, null, 2);
}

function readClip(text: string): Clip | null {
  if (text.length > MOST || !text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    const clip = Clip.safeParse(value);
    if (clip.success) return clip.data;
    const file = FlowFile.safeParse(value);
    if (!file.success) return null;
    const { document, layout } = file.data;
    const nodes = document.nodes.filter((node) => !isStart(node));
    const kept = new Set(nodes.map(({ id }) => id));
    const edges = document.edges.filter(({ from, to }) => kept.has(from) && kept.has(to));
    return nodes.length === 0 ? null : { callwright: 'nodes', nodes, edges, positions: { ...layout?.positions } };
  } catch {
    return null;
  }
}

/** Puts copied nodes into a draft under free ids, the first at `at`; null when the text holds none. */
export function paste(draft: Draft, text: string, at: Point): { readonly draft: Draft; readonly ids: string[] } | null {
  const clip = readClip(text);
  if (!clip || draft.document.nodes.length + clip.nodes.length > 1000) return null;
  const taken = nodeIds(draft);
  const names = new Map<string, string>();
  for (const { id } of clip.nodes) {
    const free = freeId(taken, id);
    taken.add(free);
    names.set(id, free);
  }
  const first = nextNumber(draft);
  const places = clip.nodes.map(({ id }, index) => clip.positions[id] ?? { x: index * 40, y: index * 40 });
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const nodes = clip.nodes.map((node, index) => ({ ...node, id: names.get(node.id)!, number: first + index }));
  const edges = clip.edges.flatMap((edge) => {
    const [from, to] = [names.get(edge.from), names.get(edge.to)];
    return from && to ? [{ ...edge, from, to }] : [];
  });
  const positions = Object.fromEntries(
    nodes.map(({ id }, index) => [id, snap({ x: places[index]!.x - left + at.x, y: places[index]!.y - top + at.y })]),
  );
  const { document, layout } = draft;
  return {
    ids: nodes.map(({ id }) => id),
    draft: {
      document: { ...document, nodes: [...document.nodes, ...nodes], edges: [...document.edges, ...edges] },
      layout: { ...layout, positions: { ...layout.positions, ...positions } },
    },
  };
}
