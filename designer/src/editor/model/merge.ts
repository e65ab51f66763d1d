/** Two people, one draft: what each changed since the version both started from, put together. */
import type { JsonValue } from '@callwright/engine';
import { canonicalJson } from '@callwright/engine';
import { type Draft, wireKey } from './draft.ts';

export interface Merged {
  readonly draft: Draft;
  /** Places that both changed, differently; there `draft` holds mine. E.g. `node main-menu`. */
  readonly conflicts: readonly string[];
}

type Items = ReadonlyMap<string, JsonValue>;

function items<T>(list: readonly T[], keyOf: (item: T, index: number) => string): Items {
  return new Map(list.map((item, index) => [keyOf(item, index), item as unknown as JsonValue]));
}

const same = (a: JsonValue | undefined, b: JsonValue | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);

function mergeItems(
  what: string,
  [base, mine, theirs]: readonly [Items, Items, Items],
  conflicts: string[],
): JsonValue[] {
  const keys = new Set([...theirs.keys(), ...mine.keys()]);
  return [...keys].flatMap((key) => {
    const [old, my, their] = [base.get(key), mine.get(key), theirs.get(key)];
    const chosen = same(my, old) ? their : my;
    if (!same(my, old) && !same(their, old) && !same(my, their)) conflicts.push(`${what} ${key.replace('\n', ' → ')}`);
    return chosen === undefined ? [] : [chosen];
  });
}

type Part = (draft: Draft) => Items;
const PARTS = {
  nodes: (draft) => items(draft.document.nodes, ({ id }) => id),
  edges: (draft) => items(draft.document.edges, wireKey),
  variables: (draft) => items(draft.document.variables, ({ name }) => name),
  notes: (draft) => items(draft.layout.notes, (_, index) => String(index)),
  groups: (draft) => items(draft.layout.groups ?? [], ({ id }) => id),
  positions: (draft) => items(Object.entries(draft.layout.positions), ([id]) => id),
  head: ({ document: { name, title, language, entry } }) =>
    items(Object.entries({ name, title, language, entry }), ([key]) => key),
} satisfies Record<string, Part>;

/** Puts mine and theirs together. Edges that lead to a node which the other side removed are dropped. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const conflicts: string[] = [];
  const merged = Object.fromEntries(
    Object.entries(PARTS).map(([what, part]) => {
      // where something stands is nobody's loss: the last one wins in silence
      const noted = what === 'positions' || what === 'notes' ? [] : conflicts;
      return [what, mergeItems(what.replace(/s$/, ''), [part(base), part(mine), part(theirs)], noted)];
    }),
  ) as Record<keyof typeof PARTS, never[]>;
  const head = Object.fromEntries(merged.head) as unknown as Pick<
    Draft['document'],
    'name' | 'title' | 'language' | 'entry'
  >;
  const nodes: Draft['document']['nodes'] = renumber(merged.nodes, head.entry);
  const ids = new Set(nodes.map(({ id }) => id));
  const edges: Draft['document']['edges'] = merged.edges;
  const positions = Object.fromEntries(merged.positions) as Draft['layout']['positions'];
  return {
    conflicts,
    draft: {
      document: {
        format: 1,
        ...head,
        variables: merged.variables,
        nodes,
        edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
      },
      layout: {
        positions: Object.fromEntries(Object.entries(positions).filter(([id]) => ids.has(id))),
        notes: merged.notes,
        ...(merged.groups.length > 0 ? { groups: merged.groups } : {}),
      },
    },
  };
}

/** Nodes that both sides added may carry the same number. */
function renumber(nodes: Draft['document']['nodes'], entry: string): Draft['document']['nodes'] {
  const taken = new Set<number>([0]);
  let last = Math.max(0, ...nodes.map(({ number }) => number));
  return nodes.map((node) => {
    if (node.id === entry) return { ...node, number: 0 };
    if (!taken.has(node.number)) {
      taken.add(node.number);
      return node;
    }
    last += 1;
    taken.add(last);
    return { ...node, number: last };
  });
}
