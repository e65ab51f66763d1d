/** Keeps the list of problems up to date while the author works: what the engine sees at once, what only the api knows after saving. */
import { routes } from '@callwright/api-contract';
import { type Diagnostic, lint, NO_CATALOGUE } from '@callwright/engine';
import { call } from '../../api/client.ts';
import type { EditorStore } from '../editor-store.ts';
import type { Draft } from '../model/draft.ts';

const LOCAL_DELAY_MS = 200;
const REMOTE_DELAY_MS = 900;

const keyOf = ({ code, path, message }: Diagnostic): string => `${code} ${path.join('.')} ${message.en}`;

/** Errors first, then in the order of the document. */
function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1));
}

/** Watches the draft; ends with the function it gives. */
export function watchProblems(store: EditorStore): () => void {
  let local: ReturnType<typeof setTimeout> | undefined;
  let remote: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;
  /** What the api said beside the engine, about the draft it was asked for. */
  let known: readonly Diagnostic[] = [];

  const lintHere = (draft: Draft): void => {
    const here = lint(draft.document, NO_CATALOGUE);
    const keys = new Set(here.map(keyOf));
    store.getState().diagnose(sorted([...here, ...known.filter((one) => !keys.has(keyOf(one)))]));
  };
  const lintThere = async (draft: Draft): Promise<void> => {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    try {
      const answer = await call(routes.lintFlow, { body: { file: { ...draft } }, signal });
      const here = new Set(lint(draft.document, NO_CATALOGUE).map(keyOf));
      known = (answer.diagnostics as unknown as Diagnostic[]).filter((one) => !here.has(keyOf(one)));
      if (store.getState().history.draft === draft) lintHere(draft);
    } catch {
      // without the api the engine's own findings stand; the next change asks again
    }
  };
  const schedule = (draft: Draft): void => {
    clearTimeout(local);
    clearTimeout(remote);
    local = setTimeout(() => lintHere(draft), LOCAL_DELAY_MS);
    remote = setTimeout(() => void lintThere(draft), REMOTE_DELAY_MS);
  };
  const first = store.getState().history.draft;
  lintHere(first);
  void lintThere(first);
  const unsubscribe = store.subscribe((state, before) => {
    const [now, old] = [state.history.draft, before.history.draft];
    if (now !== old && now.document !== old.document) schedule(now);
  });
  return () => {
    unsubscribe();
    clearTimeout(local);
    clearTimeout(remote);
    running?.abort();
  };
}
