/** Rules across fields that several kinds share; each gives coded problems for lint. */
import type { ConfigProblem } from './define-node.ts';

/** Names that must not repeat, e.g. outcomes or keys. */
export function unique(
  code: Extract<ConfigProblem['code'], 'FLW_DUPLICATE_OUTCOME' | 'FLW_DUPLICATE_KEY'>,
  list: string,
  field: string,
  names: readonly string[],
  reserved: readonly string[] = [],
): ConfigProblem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index || reserved.includes(name) ? [{ code, path: [list, index, field] }] : [],
  );
}
