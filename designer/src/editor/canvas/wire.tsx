import { ActionIcon } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  getSmoothStepPath,
} from '@xyflow/react';
import { type CSSProperties, memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor, useEditorStore } from '../editor-store.ts';
import type { Wire } from '../model/draft.ts';
import { disconnect } from '../model/edit.ts';
import { WireCount } from './call-mark.tsx';
import classes from './canvas.module.css';

export type WireEdge = Edge<{ readonly wire: Wire }, 'wire'>;

const PAINT_CLASS = {
  taken: classes.taken,
  covered: classes.covered,
  missing: classes.missing,
  added: classes.edgeAdded,
  changed: classes.edgeChanged,
} as const;

/** An edge; when pointed at or selected it offers to insert a node and to go. */
export const WireLine = memo(function WireLine(props: EdgeProps<WireEdge>) {
  const { id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data, markerEnd } = props;
  const paint = useEditor((state) => state.paint.edges[id]);
  const why = useEditor((state) => state.paint.why?.[id]);
  const heat = useEditor((state) => state.paint.heat?.[id]);
  const [hovered, setHovered] = useState(false);
  // a wire that leads back runs around the cards, not through them
  const path = targetX < sourceX - 40 ? getSmoothStepPath : getBezierPath;
  const [line, labelX, labelY] = path({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing only shows what the panel offers by keyboard
    <g onMouseEnter={() => setHovered(true)} onMouseLeave={() => setHovered(false)} data-wire={id} data-paint={paint}>
      <BaseEdge
        id={id}
        path={line}
        interactionWidth={18}
        {...(markerEnd === undefined ? {} : { markerEnd })}
        className={paint ? PAINT_CLASS[paint] : heat ? classes.hot : ''}
        {...(heat ? { style: { '--share': heat.share } as CSSProperties } : {})}
      />
      {heat ? <WireCount count={heat.count} x={labelX} y={labelY} /> : null}
      {why === undefined ? null : (
        <EdgeLabelRenderer>
          <div
            className={classes.why}
            title={why}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {why}
          </div>
        </EdgeLabelRenderer>
      )}
      {data && (hovered || selected) ? <Tools wire={data.wire} x={labelX} y={labelY} onEnter={setHovered} /> : null}
    </g>
  );
});

interface ToolsProps {
  readonly wire: Wire;
  readonly x: number;
  readonly y: number;
  readonly onEnter: (inside: boolean) => void;
}

function Tools({ wire, x, y, onEnter }: ToolsProps) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  if (store.getState().readOnly) return null;
  return (
    <EdgeLabelRenderer>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it stays while the pointer is on it */}
      <div
        className={`${classes.wireTools} nodrag nopan`}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        onMouseEnter={() => onEnter(true)}
        onMouseLeave={() => onEnter(false)}
      >
        <ActionIcon
          size="sm"
          variant="filled"
          aria-label={t('insertHere')}
          onClick={() => store.getState().set({ palette: { after: wire, at: null } })}
        >
          <IconPlus size={14} />
        </ActionIcon>
        <ActionIcon
          size="sm"
          variant="default"
          aria-label={t('removeWire')}
          onClick={() => store.getState().edit((draft) => disconnect(draft, [wire]))}
        >
          <IconX size={14} />
        </ActionIcon>
      </div>
    </EdgeLabelRenderer>
  );
}
