/** What the keys and buttons of the editor do. */
import { useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { looseOutcome } from './canvas/palette-insert.ts';
import { type EditorStore, NOTHING, useEditorStore } from './editor-store.ts';
import type { Command } from './keys.ts';
import { copyText, paste } from './model/clipboard.ts';
import { GRID, type Point } from './model/draft.ts';
import {
  addNote,
  changeGroup,
  disconnect,
  groupNodes,
  moveNodes,
  removeNodes,
  removeNotes,
  ungroup,
} from './model/edit.ts';
import { type Direction, neighbour, reachable } from './model/graph.ts';
import { tidyPlaces } from './model/tidy.ts';

export type Commands = Readonly<Record<Command, () => void>>;

const FIT = { padding: 0.15, maxZoom: 1, duration: 200 };

/** Copies the selection; empty when there is nothing to copy. */
export function copySelection(store: EditorStore): string {
  const { history, selection } = store.getState();
  return copyText(history.draft, selection.nodes);
}

/** Pastes as one step of undo; false when the text holds no nodes. */
export function pasteText(store: EditorStore, text: string, at: Point): boolean {
  const pasted = paste(store.getState().history.draft, text, at);
  if (!pasted || store.getState().readOnly) return false;
  store.getState().edit(() => pasted.draft);
  store.getState().select({ nodes: pasted.ids });
  return true;
}

/** Deletes what is selected. */
export function deleteSelection(store: EditorStore): void {
  const { edit, selection, select } = store.getState();
  edit((draft) => {
    const grouped = selection.groups.reduce(ungroup, draft);
    return removeNotes(removeNodes(disconnect(grouped, selection.wires), selection.nodes), selection.notes);
  });
  select(NOTHING);
}

function moveSelection(store: EditorStore, dx: number, dy: number): void {
  const { nodes } = store.getState().selection;
  store.getState().edit((draft) => {
    const places = nodes.flatMap((id) => {
      const at = draft.layout.positions[id];
      return at ? [[id, { x: at.x + dx, y: at.y + dy }] as const] : [];
    });
    return moveNodes(draft, Object.fromEntries(places));
  }, `move ${nodes.join()}`);
}

function go(store: EditorStore, direction: Direction): void {
  const { history, selection, show } = store.getState();
  const from = selection.nodes[0];
  const to = from === undefined ? history.draft.document.entry : neighbour(history.draft, from, direction);
  if (to !== null) show(to);
}

function spread(store: EditorStore, direction: 'up' | 'down' | 'both'): void {
  const { history, selection, select } = store.getState();
  select({ nodes: reachable(history.draft, selection.nodes, direction) });
}

function tidy(store: EditorStore): void {
  const { selection, edit } = store.getState();
  edit((draft) => moveNodes(draft, tidyPlaces(draft, selection.nodes.length > 1 ? selection.nodes : null)));
}

function toggleCollapse(store: EditorStore): void {
  const { selection, history, edit } = store.getState();
  const groups = (history.draft.layout.groups ?? []).filter(
    ({ id, nodes }) => selection.groups.includes(id) || nodes.some((node) => selection.nodes.includes(node)),
  );
  edit((draft) => groups.reduce((next, { id, collapsed }) => changeGroup(next, id, { collapsed: !collapsed }), draft));
}

/** Commands that change the draft or the selection. */
function editing(store: EditorStore, texts: { readonly group: string }): Partial<Commands> {
  const state = () => store.getState();
  const selectedGroups = () =>
    (state().history.draft.layout.groups ?? []).filter(
      ({ id, nodes }) =>
        state().selection.groups.includes(id) || nodes.some((node) => state().selection.nodes.includes(node)),
    );
  return {
    undo: () => state().undo(),
    redo: () => state().redo(),
    duplicate: () => {
      const { history, selection } = state();
      const places = selection.nodes.flatMap((id) => history.draft.layout.positions[id] ?? []);
      const corner = { x: Math.min(...places.map(({ x }) => x)) + 48, y: Math.min(...places.map(({ y }) => y)) + 48 };
      const text = copySelection(store);
      if (text !== '') pasteText(store, text, corner);
    },
    delete: () => deleteSelection(store),
    selectAll: () => {
      const { document, layout } = state().history.draft;
      state().select({ nodes: document.nodes.map(({ id }) => id), notes: layout.notes.map((_, index) => index) });
    },
    selectNothing: () => state().select(NOTHING),
    selectUpstream: () => spread(store, 'up'),
    selectDownstream: () => spread(store, 'down'),
    selectConnected: () => spread(store, 'both'),
    goLeft: () => go(store, 'left'),
    goRight: () => go(store, 'right'),
    goUp: () => go(store, 'up'),
    goDown: () => go(store, 'down'),
    moveLeft: () => moveSelection(store, -GRID, 0),
    moveRight: () => moveSelection(store, GRID, 0),
    moveUp: () => moveSelection(store, 0, -GRID),
    moveDown: () => moveSelection(store, 0, GRID),
    tidy: () => tidy(store),
    group: () => {
      const { nodes } = state().selection;
      if (nodes.length > 0) state().edit((draft) => groupNodes(draft, nodes, texts.group));
    },
    ungroup: () => state().edit((draft) => selectedGroups().reduce((next, { id }) => ungroup(next, id), draft)),
    collapse: () => toggleCollapse(store),
    insertAfter: () => {
      const { history, selection, set } = state();
      set({ palette: { after: looseOutcome(history.draft, selection.nodes[0]), at: null } });
    },
    palette: () => {
      const { history, selection, set } = state();
      set({ palette: { after: looseOutcome(history.draft, selection.nodes[0]), at: null } });
    },
  };
}

/** Hands the keyboard to a field of the panel once it is drawn. */
function focusField(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}

/** Every command, ready to run. What concerns the whole page (saving, other flows) is given. */
export function useCommands(page: Pick<Commands, 'save' | 'extract' | 'searchAll'>): Commands {
  const store = useEditorStore();
  const view = useReactFlow();
  const { t } = useTranslation('editor');
  return useMemo(() => {
    const set = store.getState().set;
    const ignored = () => {};
    return {
      copy: ignored,
      cut: ignored,
      paste: ignored,
      ...editing(store, { group: t('newGroup') }),
      edit: () => {
        set({ tab: 'settings', panelOpen: true });
        focusField('[data-panel] [data-node-form] input, [data-panel] [data-node-form] button');
      },
      rename: () => {
        set({ tab: 'settings', panelOpen: true });
        focusField('[data-panel] [data-node-label]');
      },
      note: () => {
        const { x, y } = view.screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 3 });
        store.getState().edit((draft) => addNote(draft, { x, y }, ''));
        store.getState().select({ notes: [store.getState().history.draft.layout.notes.length - 1] });
      },
      zoomIn: () => void view.zoomIn({ duration: 120 }),
      zoomOut: () => void view.zoomOut({ duration: 120 }),
      zoomReset: () => void view.zoomTo(1, { duration: 120 }),
      fit: () => void view.fitView(FIT),
      search: () => set({ dialog: 'search' }),
      publish: () => set({ dialog: 'publish' }),
      simulate: () => set({ tab: 'simulate', panelOpen: true }),
      problems: () => set({ tab: 'problems', panelOpen: true }),
      help: () => set({ dialog: 'keys' }),
      ...page,
    } as Commands;
  }, [store, view, t, page]);
}
