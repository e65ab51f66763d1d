/** Full-text search in flows: labels, ids, every text of the settings. */
import type { FlowDocument, FlowNode, JsonValue } from '@callwright/engine';

export interface Hit {
  readonly node: string;
  /** Where the text stands, e.g. `prompts.0.parts.0.text`; empty for the node’s own name. */
  readonly place: string;
  readonly text: string;
}

const plain = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

function* texts(value: JsonValue, place: string): Generator<readonly [string, string]> {
  if (typeof value === 'string' || typeof value === 'number') yield [place, String(value)];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* texts(member, place === '' ? key : `${place}.${key}`);
  }
}

function hitOf(node: FlowNode, names: string, wanted: string): Hit | null {
  if (plain(names).includes(wanted)) return { node: node.id, place: '', text: node.label || node.id };
  for (const [place, text] of texts(node.config, '')) {
    if (plain(text).includes(wanted)) return { node: node.id, place, text };
  }
  return null;
}

/** The first hit in each node that has one; `nameOf` gives a node's title in the reader's language. */
export function searchFlow(document: FlowDocument, wanted: string, nameOf: (node: FlowNode) => string): Hit[] {
  const sought = plain(wanted.trim());
  if (sought === '') return [];
  return document.nodes.flatMap((node) => hitOf(node, `${node.id} ${node.label} ${nameOf(node)}`, sought) ?? []);
}
