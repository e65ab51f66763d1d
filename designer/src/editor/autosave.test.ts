import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Autosave, keptDraft, startAutosave } from './autosave.ts';
import { createEditorStore } from './editor-store.ts';
import { type Draft, readDraft } from './model/draft.ts';
import { record, undo } from './model/history.ts';

/** An api with one flow, and a page that edits it. */
const ID = '0198f000-0000-7000-8000-000000000001';
const titled = (title: string): Draft =>
  readDraft({
    document: {
      format: 1,
      name: 'desk',
      title,
      language: 'en',
      entry: 'end',
      variables: [],
      nodes: [{ id: 'end', number: 0, kind: 'hang-up', version: 1, label: '', config: {} }],
      edges: [],
    },
    layout: { positions: { end: { x: 0, y: 0 } }, notes: [] },
  });

let stored: { version: number; draft: Draft; saves: number };
let autosave: Autosave | null = null;
/** What the browser keeps across a reload. */
let kept: string | null = null;

beforeEach(() => {
  vi.useFakeTimers();
  stored = { version: 1, draft: titled('one'), saves: 0 };
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', { hidden: false });
  kept = null;
  vi.stubGlobal('localStorage', {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
    removeItem: () => {
      kept = null;
    },
  });
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const view = () => ({ id: ID, name: 'desk', draftVersion: stored.version, draft: stored.draft });
    if (init.method !== 'PUT') return Response.json(url.includes(ID) ? view() : { items: [view()], next: null });
    const { version, file } = JSON.parse(String(init.body)) as { version: number; file: unknown };
    if (version !== stored.version) return Response.json({ code: 'API_DRAFT_CHANGED', title: '' }, { status: 409 });
    stored = { version: version + 1, draft: readDraft(file), saves: stored.saves + 1 };
    return Response.json(view());
  });
});
afterEach(() => {
  autosave?.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function open() {
  const first = { version: stored.version, draft: stored.draft };
  const store = createEditorStore(ID, first.draft);
  autosave = startAutosave(store, first, { onConflict: () => undefined, onMerged: () => undefined });
  return { store, title: () => store.getState().history.draft.document.title };
}

test('what is saved elsewhere shows within a second, and is not saved again', async () => {
  const { title, store } = open();
  stored = { ...stored, version: 2, draft: titled('two') };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(title()).toBe('two');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(stored).toMatchObject({ version: 2, saves: 0 });
  // it can be undone like any other change
  expect(store.getState().history.past).toHaveLength(1);
});

test('what is unsaved here is merged, never replaced', async () => {
  const { title, store } = open();
  store.getState().set({ history: record(store.getState().history, titled('mine')) });
  stored = {
    ...stored,
    version: 2,
    draft: { ...stored.draft, layout: { positions: { end: { x: 16, y: 0 } }, notes: [] } },
  };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(title()).toBe('mine');
  expect(stored.draft.document.title).toBe('mine');
  expect(stored.draft.layout.positions.end).toEqual({ x: 16, y: 0 });
});

test('a page in the background asks nothing', async () => {
  const { title } = open();
  vi.stubGlobal('document', { hidden: true });
  stored = { ...stored, version: 2, draft: titled('two') };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(title()).toBe('one');
});

test('what was undone before it was saved does not come back after a reload', () => {
  const { store } = open();
  store.getState().set({ history: record(store.getState().history, titled('mine')) });
  expect(kept).toContain('mine');
  store.getState().set({ history: undo(store.getState().history)! });
  expect(kept).toBeNull();
  expect(keptDraft(ID)).toBeNull();
});
