/** State of one open editor: the draft with its history, what is selected, how saving goes, what is wrong, what is lit. */
import type { Diagnostic, FlowDocument } from '@callwright/engine';
import type { ScriptStep } from '@callwright/engine/testing';
import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { Draft, Point, Wire } from './model/draft.ts';
import { type History, record, redo, startHistory, undo } from './model/history.ts';

/** `unsaved`: changes wait for the next save; `offline`: they are kept in this browser until the api answers. */
export type SaveStatus = 'saved' | 'unsaved' | 'saving' | 'offline' | 'conflict' | 'refused';
export type PanelTab = 'settings' | 'problems' | 'simulate' | 'call' | 'tests' | 'versions';

/** Where a node from the palette goes: behind an outcome, at a place, or wherever there is room. */
export interface PaletteRequest {
  readonly after: Wire | null;
  readonly at: Point | null;
}

export type Dialog = 'keys' | 'search' | 'publish' | null;

export interface Counts {
  readonly errors: number;
  readonly warnings: number;
}

/** What a simulated call, a test or a comparison paints on the canvas. */
export interface Paint {
  readonly nodes: Readonly<Record<string, 'visited' | 'current' | 'added' | 'changed'>>;
  /** By wire key. */
  readonly edges: Readonly<Record<string, 'taken' | 'covered' | 'missing' | 'added' | 'changed'>>;
  /** By wire key: why it is painted so, in the reader's language. */
  readonly why?: Readonly<Record<string, string>>;
  /** Calls of the moment, or of a time, per node. */
  readonly marks?: Readonly<Record<string, NodeMark>>;
  /** How often a wire was taken, by wire key; `share` of the busiest node, 0 … 1. */
  readonly heat?: Readonly<Record<string, { readonly count: number; readonly share: number }>>;
  /** A dot was chosen. */
  readonly onDot?: (id: string) => void;
}

/** What a node’s card says of calls. */
export interface NodeMark {
  readonly count: number;
  /** One dot per call, as many as there is room for. */
  readonly dots: readonly { readonly id: string; readonly label: string; readonly chosen: boolean }[];
  /** Of the busiest node, 0 … 1; null where it is not about heat. */
  readonly share: number | null;
}

/** What the publish gate refused a document for; of no meaning for another document. */
export interface Gate {
  readonly document: FlowDocument;
  readonly diagnostics: readonly Diagnostic[];
}

export const NO_PAINT: Paint = { nodes: {}, edges: {} };

export interface Selection {
  readonly nodes: readonly string[];
  readonly wires: readonly Wire[];
  readonly notes: readonly number[];
  readonly groups: readonly string[];
}

export const NOTHING: Selection = { nodes: [], wires: [], notes: [], groups: [] };

export interface EditorState {
  readonly flowId: string;
  readonly readOnly: boolean;
  readonly history: History;
  readonly selection: Selection;
  readonly tab: PanelTab;
  readonly panelOpen: boolean;
  readonly saveStatus: SaveStatus;
  readonly diagnostics: readonly Diagnostic[];
  /** Diagnostics per node, counted. */
  readonly counts: Readonly<Record<string, Counts>>;
  readonly paint: Paint;
  readonly gate: Gate | null;
  /** Asks the canvas to bring a node into view; `count` tells two requests apart. */
  readonly focus: { readonly node: string; readonly count: number } | null;
  readonly palette: PaletteRequest | null;
  readonly dialog: Dialog;
  /** What happened so far to the simulated call. */
  readonly script: readonly ScriptStep[];
  /** Says something to a screen reader. */
  readonly announcement: string;
  edit(change: (draft: Draft) => Draft, joinKey?: string): void;
  undo(): void;
  redo(): void;
  select(selection: Partial<Selection>): void;
  show(node: string): void;
  /** Brings a node into view and leaves the selection as it is. */
  reveal(node: string): void;
  diagnose(diagnostics: readonly Diagnostic[]): void;
  set(
    part: Partial<
      Pick<
        EditorState,
        | 'tab'
        | 'panelOpen'
        | 'saveStatus'
        | 'paint'
        | 'announcement'
        | 'history'
        | 'palette'
        | 'dialog'
        | 'script'
        | 'gate'
      >
    >,
  ): void;
}

export type EditorStore = StoreApi<EditorState>;

export function createEditorStore(flowId: string, draft: Draft, readOnly = false): EditorStore {
  return createStore<EditorState>((set, get) => ({
    flowId,
    readOnly,
    history: startHistory(draft),
    selection: NOTHING,
    tab: 'settings',
    panelOpen: true,
    saveStatus: 'saved',
    diagnostics: [],
    counts: {},
    paint: NO_PAINT,
    gate: null,
    focus: null,
    palette: null,
    dialog: null,
    script: [],
    announcement: '',
    edit: (change, joinKey) => {
      if (get().readOnly) return;
      const history = record(get().history, change(get().history.draft), joinKey ?? null);
      if (history !== get().history) set({ history });
    },
    undo: () => set((state) => ({ history: undo(state.history) ?? state.history })),
    redo: () => set((state) => ({ history: redo(state.history) ?? state.history })),
    select: (selection) => {
      const next = { ...NOTHING, ...selection };
      if (JSON.stringify(next) !== JSON.stringify(get().selection)) set({ selection: next });
    },
    show: (node) =>
      set((state) => ({
        selection: { ...NOTHING, nodes: [node] },
        focus: { node, count: (state.focus?.count ?? 0) + 1 },
      })),
    reveal: (node) => set((state) => ({ focus: { node, count: (state.focus?.count ?? 0) + 1 } })),
    diagnose: (diagnostics) => set({ diagnostics, counts: countByNode(diagnostics, get().counts) }),
    set: (part) => set(part),
  }));
}

/** Counts that did not change stay the same object, so that their cards are not drawn again. */
function countByNode(
  diagnostics: readonly Diagnostic[],
  before: Readonly<Record<string, Counts>>,
): Record<string, Counts> {
  const counts: Record<string, { errors: number; warnings: number }> = {};
  for (const { node, severity } of diagnostics) {
    if (node === undefined) continue;
    counts[node] ??= { errors: 0, warnings: 0 };
    counts[node][severity === 'error' ? 'errors' : 'warnings'] += 1;
  }
  return Object.fromEntries(
    Object.entries(counts).map(([node, now]) => {
      const old = before[node];
      return [node, old?.errors === now.errors && old.warnings === now.warnings ? old : now];
    }),
  );
}

export const EditorContext = createContext<EditorStore | null>(null);

/** The open editor’s store itself, for handlers. */
export function useEditorStore(): EditorStore {
  const store = useContext(EditorContext);
  if (!store) throw new Error('There is no editor around this component');
  return store;
}

/** Part of the open editor’s state. */
export function useEditor<T>(select: (state: EditorState) => T): T {
  return useStore(useEditorStore(), select);
}

export const useDraft = (): Draft => useEditor((state) => state.history.draft);
