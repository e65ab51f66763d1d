/** Changes of a draft. Each takes a draft and gives the next one; undo keeps the one before. */
import { type FlowNode, type JsonValue, NODES } from '@callwright/engine';
import {
  type Draft,
  declaredOutcomes,
  freeId,
  nextNumber,
  nodeIds,
  nodeOf,
  outcomesOf,
  type Point,
  snap,
  type Wire,
} from './draft.ts';

type Config = Record<string, JsonValue>;

const withDocument = (draft: Draft, part: Partial<Draft['document']>): Draft => ({
  ...draft,
  document: { ...draft.document, ...part },
});
const withLayout = (draft: Draft, part: Partial<Draft['layout']>): Draft => ({
  ...draft,
  layout: { ...draft.layout, ...part },
});

/** A node of a kind with the settings its definition shows as example. */
export function newNode(draft: Draft, kind: string): FlowNode {
  const { version, example } = NODES[kind]!;
  const config = structuredClone(example) as Config;
  return { id: freeId(nodeIds(draft), kind), number: nextNumber(draft), kind, version, label: '', config };
}

/** Adds a node at a place; `after` connects an outcome to it, and what that led to follows behind it. */
export function addNode(draft: Draft, node: FlowNode, at: Point, after: Wire | null = null): Draft {
  const added = moveNodes(withDocument(draft, { nodes: [...draft.document.nodes, node] }), { [node.id]: at });
  return after ? insertOnWire(added, after, node.id) : added;
}

/** Leads an outcome to a node, and the node's first free outcome to where the outcome led before. */
export function insertOnWire(draft: Draft, wire: Wire, id: string): Draft {
  const before = draft.document.edges.find((edge) => edge.from === wire.from && edge.outcome === wire.outcome);
  const inserted = connect(draft, wire, id);
  const node = nodeOf(inserted, id)!;
  const used = new Set(inserted.document.edges.flatMap((edge) => (edge.from === id ? [edge.outcome] : [])));
  const free = outcomesOf(inserted, node).find((outcome) => !used.has(outcome));
  return before && before.to !== id && free !== undefined
    ? connect(inserted, { from: id, outcome: free }, before.to)
    : inserted;
}

/** Leads an outcome to a node; what it led to before is replaced. */
export function connect(draft: Draft, wire: Wire, to: string): Draft {
  const edges = draft.document.edges.filter(({ from, outcome }) => from !== wire.from || outcome !== wire.outcome);
  return withDocument(draft, { edges: [...edges, { from: wire.from, outcome: wire.outcome, to }] });
}

export function disconnect(draft: Draft, wires: readonly Wire[]): Draft {
  const gone = (edge: Wire) => wires.some(({ from, outcome }) => edge.from === from && edge.outcome === outcome);
  return withDocument(draft, { edges: draft.document.edges.filter((edge) => !gone(edge)) });
}

/** Removes nodes with their edges; the entry stays, a flow needs one. */
export function removeNodes(draft: Draft, ids: readonly string[]): Draft {
  const gone = new Set(ids.filter((id) => id !== draft.document.entry));
  const { nodes, edges } = draft.document;
  const positions = Object.fromEntries(Object.entries(draft.layout.positions).filter(([id]) => !gone.has(id)));
  const groups = draft.layout.groups
    ?.map((group) => ({ ...group, nodes: group.nodes.filter((id) => !gone.has(id)) }))
    .filter((group) => group.nodes.length > 0);
  return withLayout(
    withDocument(draft, {
      nodes: nodes.filter(({ id }) => !gone.has(id)),
      edges: edges.filter(({ from, to }) => !gone.has(from) && !gone.has(to)),
    }),
    { positions, ...(groups ? { groups } : {}) },
  );
}

export function moveNodes(draft: Draft, places: Readonly<Record<string, Point>>): Draft {
  const snapped = Object.entries(places).map(([id, place]) => [id, snap(place)] as const);
  return withLayout(draft, { positions: { ...draft.layout.positions, ...Object.fromEntries(snapped) } });
}

function changeNode(draft: Draft, id: string, change: (node: FlowNode) => FlowNode): Draft {
  return withDocument(draft, { nodes: draft.document.nodes.map((node) => (node.id === id ? change(node) : node)) });
}

export const setLabel = (draft: Draft, id: string, label: string): Draft =>
  changeNode(draft, id, (node) => ({ ...node, label: label.slice(0, 100) }));

/**
 * Replaces the settings of a node. Edges follow an outcome that is renamed in its place; edges of outcomes that are gone go too,
 * but not while the settings are invalid: half-typed settings must not cut wires.
 */
export function setConfig(draft: Draft, id: string, config: Config): Draft {
  const old = nodeOf(draft, id);
  if (!old) return draft;
  const changed = changeNode(draft, id, (node) => ({ ...node, config }));
  const now = declaredOutcomes({ ...old, config });
  if (!now) return changed;
  const before = outcomesOf(draft, old);
  const renamed = new Map(
    before.length === now.length
      ? before.flatMap((name, place) =>
          now.includes(name) || before.includes(now[place]!) ? [] : [[name, now[place]!] as const],
        )
      : [],
  );
  const edges = changed.document.edges.flatMap((edge) => {
    if (edge.from !== id) return [edge];
    const outcome = renamed.get(edge.outcome) ?? edge.outcome;
    return now.includes(outcome) ? [{ ...edge, outcome }] : [];
  });
  return withDocument(changed, { edges });
}

/** Changes title, name, language or variables of the flow. */
export function setHead(
  draft: Draft,
  head: Partial<Pick<Draft['document'], 'title' | 'name' | 'language' | 'variables'>>,
): Draft {
  return withDocument(draft, head);
}

type Note = Draft['layout']['notes'][number];

export const addNote = (draft: Draft, at: Point, text: string): Draft =>
  withLayout(draft, { notes: [...draft.layout.notes, { ...snap(at), text }] });

export const changeNote = (draft: Draft, index: number, part: Partial<Note>): Draft =>
  withLayout(draft, { notes: draft.layout.notes.map((note, at) => (at === index ? { ...note, ...part } : note)) });

export const removeNotes = (draft: Draft, indexes: readonly number[]): Draft =>
  withLayout(draft, { notes: draft.layout.notes.filter((_, at) => !indexes.includes(at)) });

type Group = NonNullable<Draft['layout']['groups']>[number];
const groupsOf = (draft: Draft): readonly Group[] => draft.layout.groups ?? [];

/** Draws nodes together; a node is in one group, so it leaves the one it was in. */
export function groupNodes(draft: Draft, ids: readonly string[], title: string): Draft {
  const others = groupsOf(draft)
    .map((group) => ({ ...group, nodes: group.nodes.filter((id) => !ids.includes(id)) }))
    .filter((group) => group.nodes.length > 0);
  const id = freeId(new Set(others.map((group) => group.id)), 'group');
  return withLayout(draft, { groups: [...others, { id, title, nodes: [...ids] }] });
}

export const ungroup = (draft: Draft, groupId: string): Draft =>
  withLayout(draft, { groups: groupsOf(draft).filter(({ id }) => id !== groupId) });

export const changeGroup = (draft: Draft, groupId: string, part: Partial<Pick<Group, 'title' | 'collapsed'>>): Draft =>
  withLayout(draft, {
    groups: groupsOf(draft).map((group) => (group.id === groupId ? { ...group, ...part } : group)),
  });
