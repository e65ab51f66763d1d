/** The canvas of a revision, to look at: the editor’s own, painted by whoever shows it. */
import { ReactFlowProvider } from '@xyflow/react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from '../editor/canvas/canvas.module.css';
import { Canvas } from '../editor/canvas/canvas.tsx';
import { createEditorStore, EditorContext, NO_PAINT, type Paint } from '../editor/editor-store.ts';
import type { Draft } from '../editor/model/draft.ts';

interface CanvasViewProps {
  readonly flowId: string;
  readonly draft: Draft;
  readonly paint: Paint;
  /** Brought into view when it changes. */
  readonly at: string | null;
}

/** Give it the revision’s hash as its key: another revision is another canvas. */
export function CanvasView({ flowId, draft, paint, at }: CanvasViewProps) {
  const { t } = useTranslation('live');
  const [store] = useState(() => createEditorStore(flowId, draft, true));
  useEffect(() => store.getState().set({ paint }), [store, paint]);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (at !== null && at !== shown.current) store.getState().reveal(at);
    shown.current = at;
  }, [store, at]);
  useEffect(() => () => store.getState().set({ paint: NO_PAINT }), [store]);
  return (
    <EditorContext value={store}>
      <ReactFlowProvider>
        <section className={classes.canvas} aria-label={t('canvas')}>
          <Canvas />
        </section>
      </ReactFlowProvider>
    </EditorContext>
  );
}
