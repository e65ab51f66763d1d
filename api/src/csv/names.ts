/** Calendars and prompts as a file speaks of them: by name. */
import { listCalendars, listPrompts } from '@callwright/store';
import { type Reading, RowRefused } from './csv-kind.ts';
import { allPages } from './export-csv.ts';

type Lister = (reading: Reading) => AsyncGenerator<{ readonly id: string; readonly name: string }>;

const KINDS = {
  calendar: ({ db, company }: Reading) => allPages((after, limit) => listCalendars(db, company, after, limit)),
  prompt: ({ db, company }: Reading) => allPages((after, limit) => listPrompts(db, company, after, limit)),
} satisfies Readonly<Record<string, Lister>>;

/** The id of what a cell names; null for none, undefined without the column. Throws `RowRefused`. */
export async function namedCell(
  reading: Reading,
  kind: keyof typeof KINDS,
  column: string,
  name: string | undefined,
): Promise<string | null | undefined> {
  if (name === undefined) return undefined;
  if (name === '') return null;
  for await (const one of KINDS[kind](reading)) if (one.name === name) return one.id;
  throw new RowRefused([{ column, message: 'is not known' }]);
}

/** Names by id. */
export async function namesOf(reading: Reading, kind: keyof typeof KINDS): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const one of KINDS[kind](reading)) names.set(one.id, one.name);
  return names;
}
