/** Numbers of nodes as responders tell them. */
import { NODES } from '../../nodes/registry.gen.ts';
import type { FlowDocument } from './document.ts';

/** The entry, or the one node behind an entry where the flow only begins. */
export function firstNode({ entry, nodes, edges }: FlowDocument): string {
  const begin = nodes.find(({ id }) => id === entry);
  const ways = edges.filter(({ from }) => from === entry);
  return begin && NODES[begin.kind]?.category === 'start' && ways.length === 1 ? ways[0]!.to : entry;
}

/** The first node that does something is 0, wherever the flow begins; who has that number has its. */
export function toldNumber(document: FlowDocument): (number: number) => number {
  const id = firstNode(document);
  const first = document.nodes.find((node) => node.id === id)?.number ?? 0;
  return (number) => (number === first ? 0 : number === 0 ? first : number);
}
