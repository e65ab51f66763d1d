/** From a draft to what React Flow draws. What did not change stays the same object, so that it is not drawn again. */
import type { FlowNode } from '@callwright/engine';
import type { Selection } from '../editor-store.ts';
import { CARD_WIDTH, cardHeight, type Draft, outcomesOf, type Point, wireKey } from '../model/draft.ts';
import type { FrameNode } from './group-frame.tsx';
import type { CardNode } from './node-card.tsx';
import type { NoteNode } from './note-card.tsx';
import type { WireEdge } from './wire.tsx';

export type Drawn = CardNode | NoteNode | FrameNode;

export const noteId = (index: number): string => `note:${index}`;
export const frameId = (group: string): string => `group:${group}`;

/** Room around the nodes of a group, and above them for its title. */
const FRAME = { side: 24, top: 44 };
const NOTE = { width: 192, height: 112 };

/** Node id → id of the collapsed group that hides it. */
function hiddenIn(draft: Draft): Map<string, string> {
  const collapsed = (draft.layout.groups ?? []).filter((group) => group.collapsed);
  return new Map(collapsed.flatMap(({ id, nodes }) => nodes.map((node) => [node, id] as const)));
}

function cardData(draft: Draft, node: FlowNode, wiredBy: ReadonlyMap<string, string[]>): CardNode['data'] {
  return { node, outcomes: outcomesOf(draft, node), wired: wiredBy.get(node.id) ?? [] };
}

/** Draws nodes, notes and groups; `before` is what is drawn now. */
export function draw(draft: Draft, selection: Selection, before: readonly Drawn[]): Drawn[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const hidden = hiddenIn(draft);
  const wiredBy = new Map<string, string[]>();
  for (const { from, outcome } of draft.document.edges) wiredBy.set(from, [...(wiredBy.get(from) ?? []), outcome]);
  const chosen = new Set(selection.nodes);
  const cards = draft.document.nodes.map((node): CardNode => {
    const position = draft.layout.positions[node.id] ?? { x: 0, y: 0 };
    const kept = old.get(node.id) as CardNode | undefined;
    const wired = wiredBy.get(node.id) ?? [];
    const same = kept?.data.node === node && kept.data.wired.join('\n') === wired.join('\n');
    const data = same ? kept.data : cardData(draft, node, wiredBy);
    return reuse(kept, {
      id: node.id,
      type: 'card',
      position,
      data,
      selected: chosen.has(node.id),
      hidden: hidden.has(node.id),
    });
  });
  return [...drawFrames(draft, selection, old), ...cards, ...drawNotes(draft, selection, old)];
}

function drawNotes(draft: Draft, selection: Selection, old: ReadonlyMap<string, Drawn>): NoteNode[] {
  return draft.layout.notes.map((note, index) => {
    const id = noteId(index);
    const kept = old.get(id) as NoteNode | undefined;
    const { text, colour = 'yellow', x, y, width, height } = note;
    const data = kept?.data.text === text && kept.data.colour === colour ? kept.data : { index, text, colour };
    const size = { width: width ?? NOTE.width, height: height ?? NOTE.height };
    const drawn = { id, type: 'note' as const, position: { x, y }, data, selected: selection.notes.includes(index) };
    return reuse(kept, { ...drawn, ...size });
  });
}

function drawFrames(draft: Draft, selection: Selection, old: ReadonlyMap<string, Drawn>): FrameNode[] {
  return (draft.layout.groups ?? []).map((group) => {
    const id = frameId(group.id);
    const kept = old.get(id) as FrameNode | undefined;
    const { x, y, width, height } = boundsOf(draft, group.nodes);
    const { title, nodes, collapsed = false } = group;
    const before = kept?.data;
    const same = before?.title === title && before.nodes === nodes && before.collapsed === collapsed;
    const data = same ? before : { group: group.id, title, nodes, collapsed };
    const drawn = { id, type: 'frame' as const, data, selected: selection.groups.includes(group.id), zIndex: -1 };
    return collapsed
      ? reuse(kept, { ...drawn, zIndex: 0, position: { x, y }, width: CARD_WIDTH, height: 76 })
      : reuse(kept, {
          ...drawn,
          position: { x: x - FRAME.side, y: y - FRAME.top },
          width: width + 2 * FRAME.side,
          height: height + FRAME.top + FRAME.side,
        });
  });
}

/** Box around nodes, in canvas units. */
export function boundsOf(draft: Draft, ids: readonly string[]): Point & { width: number; height: number } {
  const boxes = draft.document.nodes.flatMap((node) => {
    const at = draft.layout.positions[node.id];
    if (!at || !ids.includes(node.id)) return [];
    return [{ ...at, right: at.x + CARD_WIDTH, bottom: at.y + cardHeight(outcomesOf(draft, node).length) }];
  });
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const width = Math.max(...boxes.map((box) => box.right)) - x;
  return { x, y, width, height: Math.max(...boxes.map((box) => box.bottom)) - y };
}

/** The node drawn before, when nothing about it differs; what React Flow measured is kept in any case. */
function reuse<T extends Drawn>(kept: T | undefined, now: T): T {
  if (!kept) return now;
  const same =
    kept.data === now.data &&
    kept.position.x === now.position.x &&
    kept.position.y === now.position.y &&
    Boolean(kept.selected) === Boolean(now.selected) &&
    Boolean(kept.hidden) === Boolean(now.hidden) &&
    kept.width === now.width &&
    kept.height === now.height &&
    kept.zIndex === now.zIndex;
  return same ? kept : { ...kept, ...now };
}

/** Draws the edges; those of a collapsed group start and end at its card. */
export function drawWires(draft: Draft, selection: Selection, before: readonly WireEdge[]): WireEdge[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const hidden = hiddenIn(draft);
  const chosen = new Set(selection.wires.map(wireKey));
  return draft.document.edges.flatMap((edge): WireEdge[] => {
    const [from, to] = [hidden.get(edge.from), hidden.get(edge.to)];
    if (from !== undefined && from === to) return [];
    const id = wireKey(edge);
    const source = from === undefined ? edge.from : frameId(from);
    const target = to === undefined ? edge.to : frameId(to);
    const sourceHandle = from === undefined ? edge.outcome : null;
    const selected = chosen.has(id);
    const kept = old.get(id);
    if (kept?.source === source && kept.target === target && kept.selected === selected) return [kept];
    return [{ id, type: 'wire', source, sourceHandle, target, selected, data: { wire: edge } }];
  });
}
