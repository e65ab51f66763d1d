/** Writes entities as CSV, page by page, safe to open in a spreadsheet. */
import { Readable } from 'node:stream';
import type { CompanyScope, Db } from '@callwright/store';
import { stringify } from 'csv-stringify';
import type { CsvKind } from './csv-kind.ts';

/**
 * A stream of UTF-8 with a byte order mark (spreadsheets need it to see that). What a spreadsheet would take for a formula gets an
 * apostrophe before it, which an import takes away again.
 */
export function exportCsv(db: Db, company: CompanyScope, kind: CsvKind): Readable {
  const rows = Readable.from(kind.rows(db, company));
  const csv = stringify({ bom: true, header: true, columns: [...kind.columns], escape_formulas: true });
  rows.on('error', (error) => csv.destroy(error));
  return rows.pipe(csv);
}

/** All pages of a list, item by item. */
export async function* allPages<T>(
  list: (after: number, limit: number) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): AsyncGenerator<T> {
  let after = 0;
  for (;;) {
    const { items, next } = await list(after, 500);
    yield* items;
    if (next === null) return;
    after = Number(next);
  }
}
