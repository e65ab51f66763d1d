import { routes } from '@callwright/api-contract';
import { Alert, Button, Center, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { call } from '../api/client.ts';
import { type Autosave, keptDraft, type Saved, startAutosave } from './autosave.ts';
import classes from './canvas/canvas.module.css';
import { Canvas } from './canvas/canvas.tsx';
import { PaletteDialog, PaletteList } from './canvas/palette.tsx';
import { copySelection, deleteSelection, pasteText, useCommands } from './commands.ts';
import { Dialog } from './dialogs/dialog.tsx';
import { KeysDialog } from './dialogs/keys-dialog.tsx';
import { PublishDialog } from './dialogs/publish-dialog.tsx';
import { SearchDialog } from './dialogs/search-dialog.tsx';
import page from './editor.module.css';
import { createEditorStore, EditorContext, type EditorStore, useEditor, useEditorStore } from './editor-store.ts';
import { useExtract } from './extract.ts';
import { Header } from './header.tsx';
import { KEY_MAP } from './keys.ts';
import { type Draft, readDraft } from './model/draft.ts';
import { record } from './model/history.ts';
import { type Merged, merge } from './model/merge.ts';
import { placed } from './model/tidy.ts';
import { Panel } from './panel.tsx';
import { watchProblems } from './problems/lint.ts';

/** The flow editor of one flow. */
export function FlowPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation('editor');
  const flow = useQuery({
    queryKey: ['flow', id, 'open'],
    queryFn: () => call(routes.getFlow, { params: { id } }),
    // what is open is the editor's own: nothing may replace it behind the author's back
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (flow.isError) {
    return (
      <Center h="100dvh">
        <Alert color="red" title={t('notOpened')}>
          <Button mt="sm" variant="default" onClick={() => void flow.refetch()}>
            {t('tryAgain')}
          </Button>
        </Alert>
      </Center>
    );
  }
  if (!flow.data) {
    return (
      <Center h="100dvh">
        <Loader aria-label={t('loading')} />
      </Center>
    );
  }
  return <Editor key={id} id={id} saved={{ version: flow.data.draftVersion, draft: readDraft(flow.data.draft) }} />;
}

interface Conflict {
  readonly merged: Merged;
  readonly theirs: Draft;
}

interface Opened {
  readonly store: EditorStore;
  /** What saving starts from. */
  readonly base: Saved;
  readonly conflict: Conflict | null;
}

/** What an earlier page could not save comes first, merged with what the api has by now. */
function openStore(id: string, saved: Saved): Opened {
  const kept = keptDraft(id);
  if (!kept) {
    // where nodes without a place are shown is no change of whoever only looks
    const draft = placed(saved.draft);
    return { store: createEditorStore(id, draft), base: { ...saved, draft }, conflict: null };
  }
  const merged = kept.base.version === saved.version ? null : merge(kept.base.draft, kept.mine, saved.draft);
  const store = createEditorStore(id, placed(merged?.draft ?? kept.mine));
  const conflict = merged && merged.conflicts.length > 0 ? { merged, theirs: saved.draft } : null;
  return { store, base: saved, conflict };
}

function Editor({ id, saved }: { readonly id: string; readonly saved: Saved }) {
  const { t } = useTranslation('editor');
  const [{ store, base, conflict: first }] = useState(() => openStore(id, saved));
  const [conflict, setConflict] = useState<Conflict | null>(first);
  const tell = useRef(() => {});
  tell.current = () => notifications.show({ message: t('mergedInSilence') });
  const autosave = useRef<Autosave | null>(null);
  const [search] = useSearchParams();
  const wanted = search.get('node');
  useEffect(() => {
    const started = startAutosave(store, base, {
      onConflict: (merged, theirs) => setConflict({ merged, theirs }),
      onMerged: () => tell.current(),
    });
    autosave.current = started;
    const stopWatching = watchProblems(store);
    return () => {
      started.stop();
      stopWatching();
    };
  }, [store, base]);
  useEffect(() => {
    if (wanted) store.getState().show(wanted);
  }, [store, wanted]);
  const current = useCallback(() => autosave.current, []);
  return (
    <EditorContext value={store}>
      <ReactFlowProvider>
        <Workbench autosave={current} />
      </ReactFlowProvider>
      <ConflictDialog
        conflict={conflict}
        onTheirs={(theirs) => {
          store.getState().set({ history: record(store.getState().history, theirs) });
          setConflict(null);
        }}
        onMine={() => setConflict(null)}
      />
    </EditorContext>
  );
}

function Workbench({ autosave }: { readonly autosave: () => Autosave | null }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const [everywhere, setEverywhere] = useState(false);
  const extract = useExtract();
  const pageCommands = useMemo(
    () => ({
      save: () => void autosave()?.flush(),
      extract,
      searchAll: () => {
        setEverywhere(true);
        store.getState().set({ dialog: 'search' });
      },
    }),
    [autosave, extract, store],
  );
  const commands = useCommands(pageCommands);
  const bound = (inFields: boolean) =>
    KEY_MAP.filter((binding) => binding.everywhere && (binding.inFields ?? false) === inFields).flatMap(
      ({ command, keys }) => keys.map((key) => [key, commands[command]] as [string, () => void]),
    );
  useHotkeys(bound(false));
  useHotkeys(bound(true), [], true);
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <div className={page.editor}>
      <Header commands={commands} />
      <div className={page.main}>
        {readOnly ? null : (
          <div className={page.palette}>
            <PaletteList />
          </div>
        )}
        <main className={page.canvas}>
          <KeyboardCanvas run={commands} />
          <span className={page.hidden} id="canvas-help">
            {t('canvasHelp')}
          </span>
          <div className={page.hidden} aria-live="polite">
            <Announcement />
          </div>
        </main>
        <Panel autosave={autosave} />
      </div>
      <PaletteDialog />
      <KeysDialog />
      <SearchDialog everywhere={everywhere} onEverywhere={setEverywhere} />
      <PublishDialog autosave={autosave} />
    </div>
  );
}

/** True when the event belongs to a field or a control, which has keys of its own. */
function inControl(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, button, a, [contenteditable=true]') !== null
  );
}

const modifiers = (event: KeyboardEvent): string => {
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  return `${mod}${event.altKey ? 'alt+' : ''}${event.shiftKey ? 'shift+' : ''}`;
};

const NORMAL_ORDER = ['mod', 'alt', 'shift'];
/** `shift+alt+T` → `alt+shift+t`. */
function normal(keys: string): string {
  const parts = keys.split('+');
  const key = parts.pop()!.replace('[plus]', '+').toLowerCase();
  return [...NORMAL_ORDER.filter((name) => parts.includes(name)), key].join('+');
}

const CANVAS_KEYS = new Map(
  KEY_MAP.filter(({ everywhere, native }) => !everywhere && !native).flatMap(({ command, keys }) =>
    keys.map((key) => [normal(key), command] as const),
  ),
);

function KeyboardCanvas({ run }: { readonly run: ReturnType<typeof useCommands> }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const view = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  useClipboard(store, view);
  return (
    <div
      ref={box}
      className={classes.canvas}
      role="application"
      aria-label={t('canvas')}
      aria-describedby="canvas-help"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a canvas is driven by keys of its own
      tabIndex={0}
      onKeyDown={(event) => {
        if (inControl(event.target)) return;
        // shift-tab leaves the canvas
        const command = CANVAS_KEYS.get(modifiers(event) + event.key.toLowerCase());
        if (!command) return;
        event.preventDefault();
        run[command]();
      }}
      onPointerDown={(event) => {
        if (!inControl(event.target)) box.current?.focus({ preventScroll: true });
      }}
    >
      <Canvas />
    </div>
  );
}

/** The browser's own clipboard events: they work on every page, and ask nobody. */
function useClipboard(store: EditorStore, view: ReturnType<typeof useReactFlow>): void {
  useEffect(() => {
    const elsewhere = () => {
      const active = document.activeElement;
      const selected = document.getSelection()?.toString() ?? '';
      return (active !== null && inControl(active)) || selected !== '' || store.getState().dialog !== null;
    };
    const copy = (event: ClipboardEvent) => {
      if (elsewhere()) return;
      const text = copySelection(store);
      if (text === '') return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') deleteSelection(store);
    };
    const paste = (event: ClipboardEvent) => {
      if (elsewhere()) return;
      const { x, y } = view.screenToFlowPosition({ x: window.innerWidth / 3, y: window.innerHeight / 3 });
      if (pasteText(store, event.clipboardData?.getData('text/plain') ?? '', { x, y })) event.preventDefault();
    };
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', paste);
    };
  }, [store, view]);
}

/** Tells a screen reader what is selected. */
function Announcement() {
  const { t } = useTranslation('editor');
  const selection = useEditor((state) => state.selection);
  const node = useEditor((state) =>
    state.selection.nodes.length === 1
      ? state.history.draft.document.nodes.find(({ id }) => id === state.selection.nodes[0])
      : undefined,
  );
  const counts = useEditor((state) => (node ? state.counts[node.id] : undefined));
  if (node) {
    const problems = counts ? t('problemCount', { count: counts.errors + counts.warnings }) : '';
    return <>{`${node.label || node.id} ${problems}`}</>;
  }
  const count = selection.nodes.length;
  return count > 1 ? t('selectedCount', { count }) : null;
}

interface ConflictDialogProps {
  readonly conflict: Conflict | null;
  readonly onMine: () => void;
  readonly onTheirs: (theirs: Draft) => void;
}

/** Two authors changed the same places: mine stand until this one decides. */
function ConflictDialog({ conflict, onMine, onTheirs }: ConflictDialogProps) {
  const { t } = useTranslation('editor');
  return (
    <Dialog opened={conflict !== null} onClose={onMine} title={t('conflictTitle')}>
      <Stack>
        <Text size="sm">{t('conflictText')}</Text>
        <List size="sm">
          {(conflict?.merged.conflicts ?? []).slice(0, 20).map((place) => (
            <List.Item key={place}>{place}</List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => conflict && onTheirs(conflict.theirs)}>
            {t('takeTheirs')}
          </Button>
          <Button onClick={onMine}>{t('keepMine')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
