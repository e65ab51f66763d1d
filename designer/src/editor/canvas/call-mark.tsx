/** What a card or a wire tells of calls: how many, and a dot for each of the moment. */
import { Badge } from '@mantine/core';
import { EdgeLabelRenderer } from '@xyflow/react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from '../editor-store.ts';
import classes from './call-mark.module.css';

interface CallMarkProps {
  readonly id: string;
  /** Name of the node. */
  readonly title: string;
}

/** Count and dots of a node; nothing where nobody is. */
export function CallMark({ id, title }: CallMarkProps) {
  const { t } = useTranslation('live');
  const mark = useEditor((state) => state.paint.marks?.[id]);
  const onDot = useEditor((state) => state.paint.onDot);
  if (!mark || mark.count === 0) return null;
  const { count, dots, share } = mark;
  const style = { '--share': share ?? 0 } as CSSProperties;
  return (
    <>
      {share === null ? null : <div className={classes.heat} style={style} />}
      <Badge
        className={classes.count}
        color={share === null ? 'blue.8' : 'orange.9'}
        size="lg"
        data-count={count}
        title={t(share === null ? 'callsAt' : 'visitsOf', { count, node: title })}
      >
        {count}
      </Badge>
      {dots.length === 0 ? null : (
        <div className={classes.dots}>
          {dots.map((dot) => (
            <button
              key={dot.id}
              type="button"
              className={`${classes.dot} nodrag nopan`}
              aria-label={t('openCall', { name: dot.label, node: title })}
              aria-pressed={dot.chosen}
              title={dot.label}
              data-dot={dot.id}
              onClick={() => onDot?.(dot.id)}
            />
          ))}
        </div>
      )}
    </>
  );
}

interface WireCountProps {
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

/** How often a wire was taken. */
export function WireCount({ count, x, y }: WireCountProps) {
  return (
    <EdgeLabelRenderer>
      <div
        className={classes.wireCount}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        data-taken={count}
      >
        {count}
      </div>
    </EdgeLabelRenderer>
  );
}
