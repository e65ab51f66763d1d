import { type Node, type NodeProps, NodeResizer } from '@xyflow/react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditorStore } from '../editor-store.ts';
import { changeNote } from '../model/edit.ts';
import classes from './canvas.module.css';

export type NoteNode = Node<{ readonly index: number; readonly text: string; readonly colour: string }, 'note'>;

const PAPER = (name: string, colour = name === 'grey' ? 'gray' : name) => ({
  background: `light-dark(var(--mantine-color-${colour}-1), color-mix(in srgb, var(--mantine-color-${colour}-9) 45%, var(--mantine-color-dark-7)))`,
  color: 'light-dark(var(--mantine-color-black), var(--mantine-color-white))',
});

/** A sticky note; double click writes in it. */
export const NoteCard = memo(function NoteCard({ data, selected }: NodeProps<NoteNode>) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const [writing, setWriting] = useState(false);
  const change = (part: Parameters<typeof changeNote>[2], key?: string) =>
    store.getState().edit((draft) => changeNote(draft, data.index, part), key);
  return (
    <>
      <NodeResizer
        isVisible={selected}
        minWidth={96}
        minHeight={48}
        onResizeEnd={(_, { x, y, width, height }) =>
          change({ x, y, width: Math.min(width, 2000), height: Math.min(height, 2000) })
        }
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the panel writes notes by keyboard */}
      <div className={classes.note} style={PAPER(data.colour)} onDoubleClick={() => setWriting(true)}>
        {writing ? (
          <textarea
            className="nodrag nowheel"
            aria-label={t('note')}
            // biome-ignore lint/a11y/noAutofocus: the double click asked to write here
            autoFocus
            maxLength={4000}
            value={data.text}
            onChange={(event) => change({ text: event.target.value }, `note ${data.index}`)}
            onBlur={() => setWriting(false)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setWriting(false);
              event.stopPropagation();
            }}
          />
        ) : (
          data.text || t('emptyNote')
        )}
      </div>
    </>
  );
});
