/** How a revision was used, as the canvas paints it. Pure. */
import type { FlowHeat } from '@callwright/api-contract';
import type * as z from 'zod';
import { NO_PAINT, type NodeMark, type Paint } from '../editor/editor-store.ts';
import { wireKey } from '../editor/model/draft.ts';

type Heat = z.infer<typeof FlowHeat>;

/** Counts of nodes and wires, each as a share of the busiest one. */
export function paintHeat({ nodes, ways }: Heat): Paint {
  const most = Math.max(1, ...nodes.map(({ count }) => count));
  const marks = nodes.map(({ node, count }): [string, NodeMark] => [node, { count, dots: [], share: count / most }]);
  const heat = ways.map(({ node, outcome, count }) => [
    wireKey({ from: node, outcome }),
    { count, share: Math.min(1, count / most) },
  ]);
  return { ...NO_PAINT, marks: Object.fromEntries(marks), heat: Object.fromEntries(heat) };
}

export interface NodeUse {
  readonly node: string;
  readonly count: number;
  /** Calls that left it by no outcome: the caller hung up there, was led elsewhere from it, or is still there. */
  readonly stayed: number;
  readonly ways: readonly { readonly outcome: string; readonly count: number }[];
}

/** Nodes by use, busiest first. */
export function usesOf({ nodes, ways }: Heat): NodeUse[] {
  const uses = nodes.map(({ node, count }) => {
    const own = ways.filter((way) => way.node === node).map(({ outcome, count: taken }) => ({ outcome, count: taken }));
    const left = own.reduce((sum, way) => sum + way.count, 0);
    return { node, count, stayed: Math.max(0, count - left), ways: own.sort((a, b) => b.count - a.count) };
  });
  return uses.sort((a, b) => b.count - a.count);
}
