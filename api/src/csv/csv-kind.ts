/** What an importable and exportable entity says of itself. One file a kind in `kinds/`. */
import type { CompanyScope, Db, Keyring } from '@callwright/store';

/** A fault of one row; the import goes on to find the others and then keeps nothing. */
export interface RowFault {
  readonly column: string | null;
  readonly message: string;
}

/** Thrown by `save` for what is wrong with the row. */
export class RowRefused extends Error {
  readonly faults: readonly RowFault[];
  constructor(faults: readonly RowFault[]) {
    super('the row is refused');
    this.faults = faults;
  }
}

/** Whose rows are read or written. */
export type Reading = Pick<Importing, 'db' | 'company'>;

export interface Importing {
  readonly db: Db;
  readonly company: CompanyScope;
  /** Country the company's numbers are read in. */
  readonly country: string | undefined;
  readonly keyring: Keyring;
}

export interface CsvKind {
  readonly columns: readonly string[];
  /** Columns without which no row can be read. */
  readonly required: readonly string[];
  /** Makes or changes what a row says; columns the file does not have stay as they are. Throws `RowRefused` and coded errors. */
  save(importing: Importing, values: Readonly<Record<string, string>>): Promise<'created' | 'updated'>;
  /** The same for many rows at once, in order: what a kind of which there are thousands has besides `save`. */
  saveMany?(
    importing: Importing,
    rows: readonly Readonly<Record<string, string>>[],
  ): Promise<readonly ('created' | 'updated' | readonly RowFault[])[]>;
  /** All entities as rows, in the order of `columns`. */
  rows(db: Db, company: CompanyScope): AsyncGenerator<readonly (string | null)[]>;
}
