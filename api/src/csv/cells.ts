/** Cells as values, and checked bodies as faults of columns. */
import type * as z from 'zod';
import { RowRefused } from './csv-kind.ts';

type Values = Readonly<Record<string, string>>;

const TRUE = new Set(['true', 'yes', '1', 'x', 'oui', 'vrai', 'si', 'sì']);
const FALSE = new Set(['false', 'no', '0', '', 'non', 'faux']);

export const yes = (value: boolean): string => (value ? 'yes' : 'no');

/** A yes or no in English, French or Italian; undefined without the column. Throws `RowRefused`. */
export function booleanCell(values: Values, column: string): boolean | undefined {
  const text = values[column]?.toLowerCase();
  if (text === undefined) return undefined;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new RowRefused([{ column, message: 'is neither yes nor no' }]);
}

/** A whole number; undefined without the column or when it is empty. Throws `RowRefused`. */
export function integerCell(values: Values, column: string): number | undefined {
  const text = values[column];
  if (text === undefined || text === '') return undefined;
  if (!/^[0-9]{1,12}$/.test(text)) throw new RowRefused([{ column, message: 'is no whole number' }]);
  return Number(text);
}

/** Text, null when empty; undefined without the column. */
export const textOrNull = (values: Values, column: string): string | null | undefined =>
  values[column] === '' ? null : values[column];

/** Only the fields that have a value. */
export const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** Checks a body by the contract of the API. Throws `RowRefused` with the columns that are wrong. */
export function checked<T extends z.ZodType>(
  schema: T,
  body: unknown,
  columnOf: (path: readonly PropertyKey[]) => string | null = (path) => String(path[0] ?? '') || null,
): z.output<T> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new RowRefused(read.error.issues.map((i) => ({ column: columnOf(i.path), message: i.message })));
}
