/** What changed between two revisions of a flow, in the author's terms: nodes, their settings, wires, variables. */
import type { JsonValue } from '../protocol/index.ts';
import { canonicalJson, normalizeDocument } from './canonical.ts';
import type { FlowDocument, FlowEdge, FlowNode, FlowVariable } from './document.ts';

/** A setting before and after; null where it was not there. */
export interface FieldChange {
  /** E.g. ['config', 'choices', 0, 'outcome']. */
  readonly path: readonly (string | number)[];
  readonly before: JsonValue | null;
  readonly after: JsonValue | null;
}

export interface FlowDiff {
  readonly same: boolean;
  /** Title, language, entry. */
  readonly fields: readonly FieldChange[];
  readonly nodes: {
    readonly added: readonly FlowNode[];
    readonly removed: readonly FlowNode[];
    readonly changed: readonly { readonly id: string; readonly fields: readonly FieldChange[] }[];
  };
  /** A wire that leads elsewhere is one `rewired`, not a removal and an addition. */
  readonly edges: {
    readonly added: readonly FlowEdge[];
    readonly removed: readonly FlowEdge[];
    readonly rewired: readonly {
      readonly from: string;
      readonly outcome: string;
      readonly before: string;
      readonly after: string;
    }[];
  };
  readonly variables: {
    readonly added: readonly FlowVariable[];
    readonly removed: readonly FlowVariable[];
    readonly changed: readonly { readonly name: string; readonly fields: readonly FieldChange[] }[];
  };
}

/** Compare two documents in normal form: order and written-out defaults make no difference. */
export function diffFlows(before: FlowDocument, after: FlowDocument): FlowDiff {
  const old = normalizeDocument(before);
  const now = normalizeDocument(after);
  const head = ({ name, title, language, entry }: FlowDocument): JsonValue => ({ name, title, language, entry });
  const fields = changes(head(old), head(now), []);
  const nodes = compare(old.nodes, now.nodes, (node) => node.id);
  const variables = compare(old.variables, now.variables, (variable) => variable.name);
  const edges = compare(old.edges, now.edges, (edge) => `${edge.from}\n${edge.outcome}`);
  const diff = {
    fields,
    nodes: { ...nodes, changed: nodes.changed.map(({ key, fields }) => ({ id: key, fields })) },
    edges: {
      added: edges.added,
      removed: edges.removed,
      rewired: edges.changed.map(({ before: { from, outcome, to }, after: { to: next } }) => ({
        from,
        outcome,
        before: to,
        after: next,
      })),
    },
    variables: { ...variables, changed: variables.changed.map(({ key, fields }) => ({ name: key, fields })) },
  };
  const counts = [fields, ...[diff.nodes, diff.variables].flatMap((part) => [part.added, part.removed, part.changed])];
  const rewired = [diff.edges.added, diff.edges.removed, diff.edges.rewired];
  return { same: [...counts, ...rewired].every((list) => list.length === 0), ...diff };
}

interface Compared<T> {
  readonly added: T[];
  readonly removed: T[];
  readonly changed: { readonly key: string; readonly before: T; readonly after: T; readonly fields: FieldChange[] }[];
}

function compare<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): Compared<T> {
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const now = new Map(after.map((item) => [keyOf(item), item]));
  return {
    added: after.filter((item) => !old.has(keyOf(item))),
    removed: before.filter((item) => !now.has(keyOf(item))),
    changed: [...old].flatMap(([key, item]) => {
      const next = now.get(key);
      if (next === undefined) return [];
      const fields = changes(item as JsonValue, next as JsonValue, []);
      return fields.length === 0 ? [] : [{ key, before: item, after: next, fields }];
    }),
  };
}

/** Leaves that differ. Arrays are compared by place. */
function changes(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: readonly (string | number)[],
): FieldChange[] {
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after)) return [];
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, before: before ?? null, after: after ?? null }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const place = Array.isArray(before) ? Number(key) : key;
    return changes((before as Record<string, JsonValue>)[key], (after as Record<string, JsonValue>)[key], [
      ...path,
      place,
    ]);
  });
}

function isBranch(value: JsonValue | undefined): value is JsonValue[] | { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null;
}
