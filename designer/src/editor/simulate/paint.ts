/** What a run paints on the canvas. Nodes of sub-flows light up the node that called them. */
import type { ScriptRun } from '@callwright/engine/testing';
import type { Paint } from '../editor-store.ts';

const outer = (node: string): string => node.split('/')[0]!;

/** `node=outcome` in two; an outcome holds no equals sign. */
export function parsePath(step: string): { readonly node: string; readonly outcome: string } {
  const at = step.lastIndexOf('=');
  return { node: step.slice(0, at), outcome: step.slice(at + 1) };
}

export function paintRun(run: Pick<ScriptRun, 'path' | 'node'>): Paint {
  const nodes: Record<string, 'visited' | 'current'> = {};
  const edges: Record<string, 'taken'> = {};
  for (const step of run.path) {
    const { node, outcome } = parsePath(step);
    nodes[outer(node)] = 'visited';
    if (!node.includes('/')) edges[`${node}\n${outcome}`] = 'taken';
  }
  if (run.node !== null) nodes[outer(run.node)] = 'current';
  return { nodes, edges };
}
