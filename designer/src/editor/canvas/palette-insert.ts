/** Putting a kind from the palette onto the canvas. */
import { NODES } from '@callwright/engine';
import type { EditorStore, PaletteRequest } from '../editor-store.ts';
import { CARD_WIDTH, cardHeight, type Draft, nodeOf, outcomesOf, type Point, type Wire } from '../model/draft.ts';
import { addNode, moveNodes, newNode } from '../model/edit.ts';
import { reachable } from '../model/graph.ts';

/** Type of what is dragged out of the palette. */
export const PALETTE_TYPE = 'application/x-callwright-kind';

const GAP = 96;

/** Kinds that an author may add: a flow has one start. */
export const insertableKinds = Object.values(NODES).filter(({ category }) => category !== 'start');

/** Adds a node and selects it. */
export function insertKind(store: EditorStore, kind: string, { at, after }: PaletteRequest): void {
  const { edit, history } = store.getState();
  if (store.getState().readOnly) return;
  const node = newNode(history.draft, kind);
  edit((draft) => {
    const room = after && !at ? makeRoom(draft, after) : draft;
    return addNode(room, node, freePlace(room, at ?? placeAfter(room, after)), after);
  });
  store.getState().set({ palette: null, tab: 'settings', panelOpen: true });
  store.getState().show(node.id);
}

/** Where the next node goes by itself: behind the first loose outcome of the one that is selected. */
export function looseOutcome(draft: Draft, id: string | undefined): Wire | null {
  const node = id === undefined ? undefined : nodeOf(draft, id);
  if (!node) return null;
  const wired = new Set(draft.document.edges.flatMap((edge) => (edge.from === node.id ? [edge.outcome] : [])));
  const outcome = outcomesOf(draft, node).find((name) => !wired.has(name));
  return outcome === undefined ? null : { from: node.id, outcome };
}

function placeAfter(draft: Draft, after: Wire | null): Point {
  const from = after && draft.layout.positions[after.from];
  if (from) return { x: from.x + CARD_WIDTH + GAP, y: from.y };
  const places = Object.values(draft.layout.positions);
  return { x: 0, y: Math.max(0, ...places.map(({ y }) => y + 200)) };
}

/** Shifts what follows an edge to the right when a card would not fit between. */
function makeRoom(draft: Draft, { from, outcome }: Wire): Draft {
  const edge = draft.document.edges.find((one) => one.from === from && one.outcome === outcome);
  const [left, right] = [draft.layout.positions[from], edge && draft.layout.positions[edge.to]];
  if (!edge || !left || !right || right.x <= left.x || right.x - left.x >= 2 * (CARD_WIDTH + GAP)) return draft;
  const shift = 2 * (CARD_WIDTH + GAP) - (right.x - left.x);
  const behind = reachable(draft, [edge.to], 'down').filter((id) => (draft.layout.positions[id]?.x ?? 0) > left.x);
  return moveNodes(
    draft,
    Object.fromEntries(
      behind.map((id) => [id, { x: draft.layout.positions[id]!.x + shift, y: draft.layout.positions[id]!.y }]),
    ),
  );
}

/** The nearest place below that no card covers. */
function freePlace(draft: Draft, wanted: Point): Point {
  const boxes = draft.document.nodes.map((node) => ({
    ...(draft.layout.positions[node.id] ?? { x: 0, y: 0 }),
    height: cardHeight(outcomesOf(draft, node).length),
  }));
  let y = wanted.y;
  for (;;) {
    const hit = boxes.find(
      (box) => Math.abs(box.x - wanted.x) < CARD_WIDTH && y < box.y + box.height && y + 90 > box.y,
    );
    if (!hit) return { x: wanted.x, y };
    y = hit.y + hit.height + 16;
  }
}
