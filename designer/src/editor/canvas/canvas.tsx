import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  applyNodeChanges,
  Background,
  type Connection,
  Controls,
  type EdgeChange,
  MarkerType,
  MiniMap,
  type NodeChange,
  type OnConnectEnd,
  ReactFlow,
  type ReactFlowInstance,
  useReactFlow,
} from '@xyflow/react';
import { type DragEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type EditorStore, type Selection, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { GRID } from '../model/draft.ts';
import { changeNote, connect, moveNodes } from '../model/edit.ts';
import { type Drawn, draw, drawWires } from './drawing.ts';
import { GroupFrame } from './group-frame.tsx';
import { NodeCard } from './node-card.tsx';
import { NoteCard } from './note-card.tsx';
import { insertKind, PALETTE_TYPE } from './palette-insert.ts';
import { type WireEdge, WireLine } from './wire.tsx';

const NODE_TYPES = { card: NodeCard, note: NoteCard, frame: GroupFrame };
const EDGE_TYPES = { wire: WireLine };
const EDGE_DEFAULTS = {
  markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, markerUnits: 'userSpaceOnUse' },
};
const SNAP: [number, number] = [GRID, GRID];
const MULTI_KEYS = ['Shift', 'Meta', 'Control'];
const FIT = { padding: 0.12, maxZoom: 1 };
/** Below this zoom nobody reads a card: a large flow opens at its start instead of as a whole. */
const READABLE_ZOOM = 0.55;
const START_ZOOM = 0.8;
/** Below this zoom the rows of a card are a blur: they are not painted. */
const FAR_ZOOM = 0.3;

/** The first view: everything if it can be read, else the start. */
function showStart(view: ReactFlowInstance<Drawn, WireEdge>, store: EditorStore): void {
  void view.fitView(FIT).then(() => {
    const { focus, history } = store.getState();
    if (focus || view.getZoom() >= READABLE_ZOOM) return;
    const { document, layout } = history.draft;
    const at = layout.positions[document.entry] ?? { x: 0, y: 0 };
    const height = window.innerHeight - 60;
    void view.setViewport({ x: 48 - at.x * START_ZOOM, y: height * 0.4 - at.y * START_ZOOM, zoom: START_ZOOM });
  });
}

/** The flow as drawn: cards, edges, notes, groups. Keys are handled around it. */
export function Canvas() {
  const { t } = useTranslation('editor');
  const scheme = useComputedColorScheme('light');
  const readOnly = useEditor((state) => state.readOnly);
  const { nodes, wires, onNodesChange, onEdgesChange, onNodeDragStop } = useDrawing();
  const handlers = useConnecting();
  useFocus();
  const store = useEditorStore();
  const box = useRef<HTMLDivElement>(null);
  return (
    <ReactFlow
      ref={box}
      onMoveStart={() => box.current?.setAttribute('data-moving', '')}
      onMoveEnd={(_, { zoom }) => {
        box.current?.removeAttribute('data-moving');
        box.current?.toggleAttribute('data-far', zoom < FAR_ZOOM);
      }}
      nodes={nodes}
      edges={wires}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      defaultEdgeOptions={EDGE_DEFAULTS}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onNodeDragStop={onNodeDragStop}
      onNodeDoubleClick={(_, { type }) => type === 'card' && store.getState().set({ tab: 'settings', panelOpen: true })}
      onSelectionDragStop={(event, moved) => onNodeDragStop(event, moved[0]!, moved)}
      {...handlers}
      colorMode={scheme}
      nodesDraggable={!readOnly}
      nodesConnectable={!readOnly}
      nodesFocusable={false}
      edgesFocusable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      multiSelectionKeyCode={MULTI_KEYS}
      snapToGrid
      snapGrid={SNAP}
      minZoom={0.05}
      maxZoom={2}
      onInit={(instance) => showStart(instance, store)}
      elevateNodesOnSelect={false}
      onlyRenderVisibleElements={false}
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={GRID * 2} />
      <MiniMap pannable zoomable ariaLabel={t('minimap')} />
      <Controls showInteractive={false} aria-label={t('zoomControls')} />
    </ReactFlow>
  );
}

/** What React Flow draws, kept in step with the draft both ways. */
function useDrawing() {
  const store = useEditorStore();
  const draft = useDraft();
  const selection = useEditor((state) => state.selection);
  const [nodes, setNodes] = useState<Drawn[]>(() => draw(draft, selection, []));
  const [wires, setWires] = useState<WireEdge[]>(() => drawWires(draft, selection, []));
  useEffect(() => {
    setNodes((before) => draw(draft, selection, before));
    setWires((before) => drawWires(draft, selection, before));
  }, [draft, selection]);

  const onNodesChange = useCallback(
    (changes: NodeChange<Drawn>[]) => {
      const picked = changes.filter((change) => change.type === 'select');
      if (picked.length > 0) select(store.getState(), picked);
      const others = changes.filter(({ type }) => type === 'position' || type === 'dimensions');
      if (others.length > 0) setNodes((before) => applyNodeChanges(others, before));
    },
    [store],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<WireEdge>[]) => {
      const picked = new Map(
        changes.flatMap((change) => (change.type === 'select' ? [[change.id, change.selected]] : [])),
      );
      if (picked.size === 0) return;
      const { selection: now, select: choose, history } = store.getState();
      const held = new Set(now.wires.map(({ from, outcome }) => `${from}\n${outcome}`));
      const chosen = history.draft.document.edges.filter((edge) => {
        const id = `${edge.from}\n${edge.outcome}`;
        return picked.get(id) ?? held.has(id);
      });
      choose({ ...now, wires: chosen.map(({ from, outcome }) => ({ from, outcome })) });
    },
    [store],
  );
  const onNodeDragStop = useCallback(
    (_: unknown, dragged: Drawn, all: Drawn[]) =>
      moved(store.getState().edit, all.length > 0 ? all : [dragged], setNodes),
    [store],
  );
  return { nodes, wires, onNodesChange, onEdgesChange, onNodeDragStop };
}

type State = ReturnType<ReturnType<typeof useEditorStore>['getState']>;

function select(
  { selection, select: choose }: State,
  changes: readonly { readonly id: string; readonly selected: boolean }[],
): void {
  const ids = new Set([
    ...selection.nodes,
    ...selection.notes.map((index) => `note:${index}`),
    ...selection.groups.map((group) => `group:${group}`),
  ]);
  for (const { id, selected } of changes) {
    if (selected) ids.add(id);
    else ids.delete(id);
  }
  const of = (prefix: string) => [...ids].flatMap((id) => (id.startsWith(prefix) ? [id.slice(prefix.length)] : []));
  const next: Selection = {
    wires: selection.wires,
    nodes: [...ids].filter((id) => !id.includes(':')),
    notes: of('note:').map(Number),
    groups: of('group:'),
  };
  choose(next);
}

/** A drag ends: one step of undo, whatever was dragged. The frame of a group takes its nodes along. */
function moved(
  edit: State['edit'],
  dragged: readonly Drawn[],
  setNodes: (change: (before: Drawn[]) => Drawn[]) => void,
): void {
  edit((draft) => {
    const places: Record<string, { x: number; y: number }> = {};
    let next = draft;
    for (const one of dragged) {
      if (one.type === 'card') places[one.id] = one.position;
      else if (one.type === 'note') next = changeNote(next, one.data.index, one.position);
      else {
        const shown = draw(draft, { nodes: [], wires: [], notes: [], groups: [] }, []).find(({ id }) => id === one.id);
        const [dx, dy] = [one.position.x - (shown?.position.x ?? 0), one.position.y - (shown?.position.y ?? 0)];
        for (const id of one.data.nodes) {
          const at = draft.layout.positions[id];
          if (at) places[id] = { x: at.x + dx, y: at.y + dy };
        }
      }
    }
    return moveNodes(next, places);
  });
  // a drag that ends where it began changes nothing in the draft, but what is drawn may be off the grid
  setNodes((before) => [...before]);
}

/** Connecting by drag: onto a node, or into the open, which asks for a new node there. Dropping from the palette. */
function useConnecting() {
  const store = useEditorStore();
  const flow = useReactFlow();
  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => {
      if (sourceHandle === null || target.includes(':')) return;
      store.getState().edit((draft) => connect(draft, { from: source, outcome: sourceHandle }, target));
    },
    [store],
  );
  const onConnectEnd: OnConnectEnd = useCallback(
    (event, { isValid, fromNode, fromHandle, toNode }) => {
      if (isValid || toNode || !fromNode || fromHandle?.type !== 'source' || !fromHandle.id) return;
      const { clientX, clientY } = 'changedTouches' in event ? event.changedTouches[0]! : event;
      const at = flow.screenToFlowPosition({ x: clientX, y: clientY - 28 });
      store.getState().set({ palette: { after: { from: fromNode.id, outcome: fromHandle.id }, at } });
    },
    [store, flow],
  );
  const onDragOver = useCallback((event: DragEvent) => {
    if (!event.dataTransfer.types.includes(PALETTE_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  }, []);
  const onDrop = useCallback(
    (event: DragEvent) => {
      const kind = event.dataTransfer.getData(PALETTE_TYPE);
      if (kind === '') return;
      event.preventDefault();
      const at = flow.screenToFlowPosition({ x: event.clientX - 60, y: event.clientY - 20 });
      const wire = (event.target as Element).closest('[data-wire]')?.getAttribute('data-wire')?.split('\n');
      const after = wire ? { from: wire[0]!, outcome: wire[1]! } : null;
      insertKind(store, kind, { at, after });
    },
    [store, flow],
  );
  return { onConnect, onConnectEnd, onDragOver, onDrop };
}

/** Brings a node into view when something asks for it. */
function useFocus(): void {
  const focus = useEditor((state) => state.focus);
  const store = useEditorStore();
  const { setCenter, getZoom } = useReactFlow();
  const done = useRef(0);
  useEffect(() => {
    if (!focus || focus.count === done.current) return;
    done.current = focus.count;
    const at = store.getState().history.draft.layout.positions[focus.node];
    if (at) void setCenter(at.x + 120, at.y + 60, { zoom: Math.max(getZoom(), 0.7), duration: 200 });
  }, [focus, store, setCenter, getZoom]);
}
