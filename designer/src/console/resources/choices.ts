/** Entities to choose from, and their names where a row holds only an id. */
import { useAskList } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { CHOICES, resourceOf } from './registry.ts';
import { nameOf, type Row } from './resource.ts';
import { useWords } from './words.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Entities of a resource by name; empty while they load, for who may not read them, and without a resource. */
export function useChoices(resource: string | null): readonly Choice[] {
  const may = useMay();
  const words = useWords();
  const source = CHOICES[resource ?? 'users'];
  if (!source) throw new Error(`no such resource: ${resource}`);
  const { list: route, value = 'id', label, worded = false } = source;
  const allowed = route.scope === 'any' || route.scope === 'public' || may(route.scope);
  const { items } = useAskList(
    route as typeof route & { body: null },
    { query: ('limit' in route.query.shape ? { limit: '500' } : {}) as object },
    { enabled: resource !== null && allowed },
  );
  if (resource === null) return [];
  const known = resourceOf(resource);
  return (items as unknown as readonly Row[]).map((row) => ({
    value: String(row[value]),
    label: worded
      ? words.value(String(row[value]))
      : known
        ? nameOf(known, row)
        : String((label ? row[label] : row.title || row.name) || row[value]),
  }));
}
