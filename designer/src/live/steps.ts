/** A call as steps on canvases: which node it came to, how it left it and why, and what else happened meanwhile. Pure. */
import type { CallRecordView } from '@callwright/api-contract';
import type * as z from 'zod';
import { NO_PAINT, type Paint } from '../editor/editor-store.ts';
import { wireKey } from '../editor/model/draft.ts';
import { outer } from './flow-calls.ts';

export type RecordRow = z.infer<typeof CallRecordView>;

export interface Step {
  /** The revision whose canvas the node is on; null where the call was in no flow. */
  readonly revision: string | null;
  /** As in the trace; null = before the first node, or in no flow. */
  readonly node: string | null;
  readonly at: string;
  /** By what the node was left, and why; null = it was not, or not yet. */
  readonly left: { readonly outcome: string; readonly reason: string } | null;
  /** Other facts of that time. */
  readonly facts: readonly RecordRow[];
}

type Open = { -readonly [K in keyof Step]: Step[K] } & { facts: RecordRow[] };

/** Steps of a call from its facts, in order. */
export function stepsOf(records: readonly RecordRow[], firstRevision: string): Step[] {
  let revision: string | null = firstRevision;
  const steps: Open[] = [];
  const begin = (node: string | null, at: string) => steps.push({ revision, node, at, left: null, facts: [] });
  for (const record of records) {
    if (record.stream !== 'fact') continue;
    const body = (record.body ?? {}) as Readonly<Record<string, unknown>>;
    if (record.type === 'node.entered') begin(String(body.node), record.at);
    else if (record.type === 'node.left') leave(steps, String(body.node), body);
    else if (record.type === 'flow.changed') {
      revision = body.revision === null ? null : String(body.revision);
      if (revision === null) begin(null, record.at);
    } else {
      if (steps.length === 0) begin(null, record.at);
      steps.at(-1)!.facts.push(record);
    }
  }
  return steps;
}

/** A node that calls a sub-flow is left after all nodes of it. */
function leave(steps: Open[], node: string, { outcome, reason }: Readonly<Record<string, unknown>>): void {
  const step = steps.findLast((one) => one.node === node && one.left === null);
  if (step) step.left = { outcome: String(outcome), reason: String(reason ?? '') };
}

/** The way up to a step, on the canvas of that step’s revision. */
export function paintSteps(steps: readonly Step[], at: number): Paint {
  const nodes: Record<string, 'visited' | 'current'> = {};
  const edges: Record<string, 'taken'> = {};
  const now = steps[at];
  steps.slice(0, at + 1).forEach(({ node, revision, left }, index) => {
    if (node === null || revision !== now?.revision) return;
    nodes[outer(node)] = 'visited';
    // the way out of the shown step is still to come, that of a calling node comes after its sub-flow
    const over = index < at && !now?.node?.startsWith(`${node}/`);
    if (left && over && !node.includes('/')) edges[wireKey({ from: node, outcome: left.outcome })] = 'taken';
  });
  if (now?.node) nodes[outer(now.node)] = 'current';
  return { ...NO_PAINT, nodes, edges };
}
