/** Runs an import: every row in one transaction, each behind a savepoint, so that all faults are found; any fault undoes everything. */
import { MAX_CSV_LINES } from '@callwright/api-contract';
import type { CompanyScope } from '@callwright/store';
import { inSavepoint, settingsOfCompany } from '@callwright/store';
import type { Services } from '../http/context.ts';
import { ApiError, entryOf, toApiError } from '../problem.ts';
import { type CsvKind, type Importing, type RowFault, RowRefused } from './csv-kind.ts';
import { type CsvRow, readCsv } from './read-csv.ts';

const MAX_ERRORS = 1000;

export interface ImportResult {
  readonly dryRun: boolean;
  readonly lines: number;
  readonly created: number;
  readonly updated: number;
  readonly errors: { readonly line: number; readonly column: string | null; readonly message: string }[];
}

/** Thrown to undo the transaction of a dry run or of a file with faults. */
class Undone extends Error {
  readonly result: ImportResult;
  constructor(result: ImportResult) {
    super('undone');
    this.result = result;
  }
}

/**
 * Imports a file. A dry run does the same and undoes it, so that it finds what the import would. Throws `API_CSV_INVALID` for what is no
 * CSV, `API_TOO_LARGE` for too many lines.
 */
export async function importCsv(
  { store: { db }, keyring }: Pick<Services, 'store' | 'keyring'>,
  company: CompanyScope,
  kind: CsvKind,
  bytes: Uint8Array,
  dryRun: boolean,
): Promise<ImportResult> {
  try {
    return await db.transaction().execute(async (tx) => {
      const { country } = await settingsOfCompany(tx, company);
      const result = await importRows({ db: tx, company, country, keyring }, kind, bytes, dryRun);
      if (dryRun || result.errors.length > 0) throw new Undone(result);
      return result;
    });
  } catch (error) {
    if (error instanceof Undone) return error.result;
    throw error;
  }
}

type Outcome = 'created' | 'updated' | readonly RowFault[];

const BATCH = 200;

async function importRows(
  importing: Importing,
  kind: CsvKind,
  bytes: Uint8Array,
  dryRun: boolean,
): Promise<ImportResult> {
  const errors: ImportResult['errors'] = [];
  const counts = { created: 0, updated: 0 };
  let lines = 0;
  let batch: CsvRow[] = [];
  const flush = async (): Promise<void> => {
    const outcomes = await importBatch(importing, kind, batch);
    for (const [i, outcome] of outcomes.entries()) {
      if (typeof outcome === 'string') counts[outcome] += 1;
      else errors.push(...outcome.map((fault) => ({ line: batch[i]!.line, ...fault })));
    }
    batch = [];
  };
  for await (const row of readCsv(bytes, kind.columns)) {
    lines += 1;
    if (lines > MAX_CSV_LINES) throw new ApiError('API_TOO_LARGE', { detail: `At most ${MAX_CSV_LINES} lines.` });
    batch.push(row);
    if (batch.length === BATCH) await flush();
    if (errors.length >= MAX_ERRORS) break;
  }
  await flush();
  return { dryRun, lines, ...counts, errors: errors.slice(0, MAX_ERRORS) };
}

async function importBatch(importing: Importing, kind: CsvKind, rows: readonly CsvRow[]): Promise<readonly Outcome[]> {
  if (kind.saveMany)
    return kind.saveMany(
      importing,
      rows.map((row) => row.values),
    );
  const outcomes: Outcome[] = [];
  for (const { values } of rows) outcomes.push(await importRow(importing, kind, values));
  return outcomes;
}

async function importRow(importing: Importing, kind: CsvKind, values: CsvRow['values']): Promise<Outcome> {
  const missing = kind.required.filter((column) => !values[column]);
  if (missing.length > 0) return missing.map((column) => ({ column, message: 'is missing' }));
  try {
    return await inSavepoint(importing.db, () => kind.save(importing, values));
  } catch (error) {
    return faultsOf(error);
  }
}

/** What the author of the file can mend; anything else is thrown on. */
function faultsOf(error: unknown): readonly RowFault[] {
  if (error instanceof RowRefused) return error.faults;
  const known = toApiError(error);
  const entry = entryOf(known.code);
  if (entry.blame !== 'author') throw error;
  return [{ column: null, message: known.details.detail ?? entry.message }];
}
