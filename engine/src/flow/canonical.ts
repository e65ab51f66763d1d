/** One text per flow, whatever way it was written, and its hash: the name of a revision (design §3). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { NODES } from '../../nodes/registry.gen.ts';
import type { JsonValue } from '../protocol/index.ts';
import type { FlowDocument, FlowNode, RevisionClosure } from './document.ts';
import { migrateDocument } from './migrate.ts';

/** JSON with keys in code unit order and no white space (RFC 8785); members that are undefined are left out. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${members.join(',')}}`;
}

/**
 * A document in its one form: nodes at current versions with defaults filled in, in number order; edges sorted. Nodes of unknown
 * kinds or with invalid settings are kept as they stand, for lint to report.
 */
export function normalizeDocument(document: FlowDocument): FlowDocument {
  const nodes = migrateDocument(document).nodes.map(fillDefaults);
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return {
    ...document,
    nodes: nodes.sort((a, b) => a.number - b.number || byName(a.id, b.id)),
    edges: [...document.edges].sort(
      (a, b) => byName(a.from, b.from) || byName(a.outcome, b.outcome) || byName(a.to, b.to),
    ),
    variables: [...document.variables].sort((a, b) => byName(a.name, b.name)),
  };
}

function fillDefaults(node: FlowNode): FlowNode {
  const parsed = NODES[node.kind]?.config.safeParse(node.config);
  return parsed?.success ? { ...node, config: plain(parsed.data) } : node;
}

/** Without members that are undefined, which JSON cannot carry. */
function plain(config: unknown): Record<string, JsonValue> {
  return JSON.parse(JSON.stringify(config)) as Record<string, JsonValue>;
}

/** Hash of a revision: its document in normal form and everything it pins. Lower-case hex. */
export function revisionHash(pinned: RevisionClosure['documents'][string]): string {
  const content = { ...pinned, document: normalizeDocument(pinned.document) };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(content as unknown as JsonValue))));
}
