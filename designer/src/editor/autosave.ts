/**
 * Autosave: every change reaches the api within a second or so, apart from publishing. Nothing typed is lost when the connection
 * drops (changes wait in this browser, across a reload too), nor when somebody else saved meanwhile (both sides are merged). What
 * somebody else saves, from another page or from a file, shows within a second.
 */
import { routes } from '@callwright/api-contract';
import { ApiFailure, call } from '../api/client.ts';
import type { EditorStore } from './editor-store.ts';
import { type Draft, readDraft } from './model/draft.ts';
import { record } from './model/history.ts';
import { type Merged, merge } from './model/merge.ts';
import { placed } from './model/tidy.ts';

/** Draft and version as the api last had them. */
export interface Saved {
  readonly version: number;
  readonly draft: Draft;
}

export interface AutosaveEvents {
  /** Both sides changed the same places: mine stand; `theirs` takes the other side. */
  readonly onConflict: (merged: Merged, theirs: Draft) => void;
  readonly onMerged: () => void;
}

export interface Autosave {
  /** Saves what is unsaved; resolves to the stored version, or null when it could not be stored. */
  flush(): Promise<number | null>;
  saved(): Saved;
  /** Takes over what the api stored by other means, e.g. a restored version. */
  adopt(saved: Saved): void;
  stop(): void;
}

const DELAY_MS = 700;
const RETRY_MS = 3_000;
const FOLLOW_MS = 600;

const storageKey = (flowId: string) => `callwright.draft.${flowId}`;

/** What an earlier page could not save, with the draft it started from; null when there is nothing. */
export function keptDraft(flowId: string): { readonly base: Saved; readonly mine: Draft } | null {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey(flowId)) ?? 'null') as {
      version: number;
      base: unknown;
      mine: unknown;
    } | null;
    return kept && { base: { version: kept.version, draft: readDraft(kept.base) }, mine: readDraft(kept.mine) };
  } catch {
    return null;
  }
}

export function startAutosave(store: EditorStore, first: Saved, events: AutosaveEvents): Autosave {
  let base = first;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<number | null> | null = null;
  const { flowId } = store.getState();
  const draft = () => store.getState().history.draft;

  const keep = (): void => {
    try {
      localStorage.setItem(
        storageKey(flowId),
        JSON.stringify({ version: base.version, base: base.draft, mine: draft() }),
      );
    } catch {
      // a full or forbidden storage: the page still holds the draft
    }
  };
  const forget = (): void => localStorage.removeItem(storageKey(flowId));
  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), ms);
  };
  const takeOver = async (): Promise<void> => {
    const flow = await call(routes.getFlow, { params: { id: flowId } });
    const theirs = readDraft(flow.draft);
    const merged = merge(base.draft, draft(), theirs);
    base = { version: flow.draftVersion, draft: theirs };
    store.getState().set({ history: record(store.getState().history, merged.draft) });
    if (merged.conflicts.length > 0) events.onConflict(merged, theirs);
    else events.onMerged();
  };
  const save = async (): Promise<number | null> => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const sent = draft();
      if (sent === base.draft) break;
      store.getState().set({ saveStatus: 'saving' });
      try {
        const body = { version: base.version, file: { ...sent } };
        const flow = await call(routes.saveDraft, { params: { id: flowId }, body });
        base = { version: flow.draftVersion, draft: sent };
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        if (error.code !== 'API_DRAFT_CHANGED') return failed(error);
        const outcome = await takeOver().catch((failure: unknown) => failed(failure));
        if (outcome === null) return null;
      }
    }
    forget();
    store.getState().set({ saveStatus: draft() === base.draft ? 'saved' : 'unsaved' });
    return base.version;
  };
  /** What another try may mend is tried again; the rest waits for the next change. */
  const failed = (error: unknown): null => {
    const waits = error instanceof ApiFailure && (error.code === 'offline' || error.code === 'API_UNAVAILABLE');
    keep();
    store.getState().set({ saveStatus: waits ? 'offline' : 'refused' });
    if (waits) later(RETRY_MS);
    return null;
  };
  const flush = (): Promise<number | null> => {
    clearTimeout(timer);
    running ??= save().finally(() => {
      running = null;
    });
    return running;
  };
  const changed = (): void => {
    if (store.getState().saveStatus === 'saved') store.getState().set({ saveStatus: 'unsaved' });
    keep();
    if (!running) later(DELAY_MS);
    else void running.then(() => later(DELAY_MS));
  };
  /** While nothing is unsaved here, the stored draft is what the canvas shows; a save merges by itself. */
  const follow = async (): Promise<void> => {
    const idle = () => !running && draft() === base.draft && !store.getState().readOnly;
    if (document.hidden || !idle()) return;
    const { items } = await call(routes.listFlows, { query: { name: base.draft.document.name } });
    const listed = items.find(({ id }) => id === flowId);
    // a flow that is not listed has another name by now
    if (listed && listed.draftVersion <= base.version) return;
    const flow = await call(routes.getFlow, { params: { id: flowId } });
    if (!idle() || flow.draftVersion <= base.version) return;
    const theirs = readDraft(flow.draft);
    base = { version: flow.draftVersion, draft: theirs };
    store.getState().set({ history: record(store.getState().history, placed(theirs)) });
  };
  let asking = false;
  const follower = setInterval(() => {
    if (asking) return;
    asking = true;
    void follow()
      // the next round asks again
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, FOLLOW_MS);
  const unsubscribe = store.subscribe((state, before) => {
    if (state.history.draft === before.history.draft) return;
    if (state.history.draft !== base.draft) changed();
    // what was undone before it was saved is not to come back
    else if (!running) forget();
  });
  const online = () => void flush();
  window.addEventListener('online', online);
  if (draft() !== base.draft) changed();

  return {
    flush,
    saved: () => base,
    adopt: (saved) => {
      base = saved;
    },
    stop: () => {
      unsubscribe();
      clearInterval(follower);
      window.removeEventListener('online', online);
      clearTimeout(timer);
      if (draft() !== base.draft) void flush();
    },
  };
}
