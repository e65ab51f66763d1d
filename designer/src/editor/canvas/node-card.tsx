import { type FlowNode, NODES } from '@callwright/engine';
import { Badge } from '@mantine/core';
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { type CSSProperties, memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from '../editor-store.ts';
import { CallMark } from './call-mark.tsx';
import classes from './canvas.module.css';
import { CATEGORY_COLOURS, iconOf } from './icons.ts';
import { useWording } from './words.ts';

export type CardNode = Node<
  {
    readonly node: FlowNode;
    readonly outcomes: readonly string[];
    /** Outcomes that lead somewhere. */
    readonly wired: readonly string[];
  },
  'card'
>;

/** Colours of a category as the style sheet takes them. */
function colours(category: string | undefined): CSSProperties {
  const colour = CATEGORY_COLOURS[category ?? ''] ?? 'gray';
  const variable = (shade: number) => `var(--mantine-color-${colour}-${shade})`;
  return {
    '--card-light': variable(1),
    '--card-strong': variable(9),
    '--card-dark': variable(9),
    '--card-pale': variable(1),
  } as CSSProperties;
}

const NO_MARKS: Readonly<Record<string, string>> = {};

function marksOf(node: FlowNode): Readonly<Record<string, string>> {
  const definition = NODES[node.kind];
  const parsed = definition?.marks && definition.config.safeParse(node.config);
  return parsed?.success ? definition!.marks!(parsed.data) : NO_MARKS;
}

/** A node on the canvas: what it does in one line, one handle per outcome. */
export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<CardNode>) {
  const wording = useWording();
  const paint = useEditor((state) => state.paint.nodes[id]);
  const { node, outcomes, wired } = data;
  const definition = NODES[node.kind];
  const Icon = iconOf(definition?.icon ?? '');
  const title = wording.node(node);
  const marks = useMemo(() => marksOf(node), [node]);
  return (
    <div
      className={[classes.card, selected ? classes.selected : '', paint ? classes[paint] : ''].join(' ')}
      style={colours(definition?.category)}
      data-node={id}
      data-paint={paint}
    >
      {definition?.category === 'start' ? null : <Handle type="target" position={Position.Left} style={{ top: 28 }} />}
      <div className={classes.head}>
        <div className={classes.icon}>
          <Icon size={20} aria-hidden />
        </div>
        <div className={classes.text}>
          <div className={classes.title} title={title}>
            {title}
          </div>
          <div className={classes.summary}>{wording.summary(node)}</div>
        </div>
        <Problems id={id} />
      </div>
      <CallMark id={id} title={title} />
      {outcomes.length === 0 ? null : (
        <div className={classes.rows}>
          {outcomes.map((outcome) => (
            <div key={outcome} className={`${classes.row} ${wired.includes(outcome) ? '' : classes.loose}`}>
              {wording.outcome(outcome)}
              {marks[outcome] === undefined ? null : <kbd className={classes.key}>{marks[outcome]}</kbd>}
              <Handle type="source" position={Position.Right} id={outcome} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
});

function Problems({ id }: { readonly id: string }) {
  const { t } = useTranslation('editor');
  const counts = useEditor((state) => state.counts[id]);
  if (!counts) return null;
  const { errors, warnings } = counts;
  const text = t('problemCount', { count: errors + warnings });
  return (
    <Badge
      className={classes.badge}
      color={errors > 0 ? 'red.8' : 'yellow.5'}
      autoContrast
      size="sm"
      circle
      title={text}
    >
      {errors + warnings}
    </Badge>
  );
}
