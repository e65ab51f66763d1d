/** Restore: fills an empty database from the lines of a backup, all or nothing, and checks what it has written. */
import type pg from 'pg';
import { BACKUP_FORMAT, type BackupHeader, type BackupLine, backupTables, TableSum } from './backup.ts';
import { migrate, migrationNames } from './migrate.ts';

const ROWS = 500;

/** Why a file cannot be restored; callers compare `code`. */
export class RestoreError extends Error {
  readonly code: 'STO_NOT_EMPTY' | 'STO_NO_BACKUP' | 'STO_BACKUP_NEWER' | 'STO_BACKUP_DAMAGED';
  constructor(code: RestoreError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface Restored {
  readonly at: string;
  readonly tables: number;
  readonly rows: number;
  /** The master key, where the backup has it. */
  readonly key: Buffer | null;
}

const damaged = (why: string) => new RestoreError('STO_BACKUP_DAMAGED', `The backup is damaged: ${why}.`);

/**
 * Restores into a database without any owner; a schema that is not there is made, one of an older backup brought up to date afterwards.
 * Throws `RestoreError`; then nothing has been written.
 */
export async function restoreLines(pool: pg.Pool, lines: AsyncIterable<string>): Promise<Restored> {
  const source = lines[Symbol.asyncIterator]();
  const header = await readHeader(source);
  await refuseFilled(pool);
  await migrate(pool, header.migrations);
  const client = await pool.connect();
  let done: { readonly tables: number; readonly rows: number };
  try {
    await client.query('begin');
    const references = await dropReferences(client);
    done = await readTables(client, source);
    for (const { table, name, definition } of references)
      await client.query(`alter table ${table} add constraint "${name}" ${definition}`);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
  await migrate(pool);
  return { at: header.at, ...done, key: header.key === undefined ? null : Buffer.from(header.key, 'base64') };
}

async function readHeader(source: AsyncIterator<string>): Promise<BackupHeader> {
  const first = await source.next();
  const header = first.done ? null : parse<BackupHeader>(first.value);
  if (header?.callwright !== 'backup' || !Array.isArray(header.migrations))
    throw new RestoreError('STO_NO_BACKUP', 'The file is no backup of Callwright.');
  const known = new Set(migrationNames());
  const newer = header.format > BACKUP_FORMAT || header.migrations.some((name) => !known.has(name));
  if (newer)
    throw new RestoreError('STO_BACKUP_NEWER', 'The backup was made by a newer Callwright: update this one first.');
  return header;
}

function parse<T>(line: string): T | null {
  try {
    return JSON.parse(line) as T;
  } catch {
    return null;
  }
}

async function refuseFilled(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ there: boolean }>(`select to_regclass('public.owner') is not null as there`);
  if (!rows[0]?.there) return;
  const { rows: owners } = await pool.query('select 1 from owner limit 1');
  if (owners.length > 0)
    throw new RestoreError(
      'STO_NOT_EMPTY',
      'The database is not empty: a backup is restored into a new installation only.',
    );
}

interface Reference {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** Foreign keys are taken off and put back at the end, where they check every row: tables need no order then. */
async function dropReferences(client: pg.ClientBase): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
  );
  for (const { table, name } of rows) await client.query(`alter table ${table} drop constraint "${name}"`);
  return rows;
}

async function readTables(
  client: pg.ClientBase,
  source: AsyncIterator<string>,
): Promise<{ readonly tables: number; readonly rows: number }> {
  const known = new Set(await backupTables(client));
  for (const table of known) {
    await client.query(`delete from "${table}"`);
    await client.query(`alter table "${table}" disable trigger user`);
  }
  let [tables, rows] = [0, 0];
  let open: OpenTable | null = null;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    const line = parse<BackupLine>(next.value);
    if (line === null) throw damaged('a line cannot be read');
    if ('table' in line) {
      if (!known.has(line.table)) throw damaged('it has a table that is unknown');
      open = new OpenTable(client, line.table);
    } else if ('row' in line) {
      if (!open) throw damaged('a row belongs to no table');
      await open.add(line.row);
    } else if ('end' in line) {
      if (!open) throw damaged('a table ends that has not begun');
      await open.finish(line);
      tables += 1;
      rows += line.rows;
      open = null;
    } else if ('sequences' in line) {
      await setSequences(client, line.sequences);
    } else {
      if (open || line.tables !== tables || line.rows !== rows) throw damaged('something is missing');
      for (const table of known) await client.query(`alter table "${table}" enable trigger user`);
      return { tables, rows };
    }
  }
  throw damaged('it has no end');
}

async function setSequences(client: pg.ClientBase, sequences: Readonly<Record<string, number>>): Promise<void> {
  // the order of arrival was numbered anew while the records were written
  for (const [name, value] of Object.entries(sequences))
    if (name !== 'call_record_seq_seq')
      await client.query(`select setval(to_regclass('public.' || quote_ident($1)), $2)`, [name, value]);
}

/** A table under way: rows are written in batches and summed up. */
class OpenTable {
  readonly #client: pg.ClientBase;
  readonly #table: string;
  readonly #sum = new TableSum();
  #batch: unknown[] = [];

  constructor(client: pg.ClientBase, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async add(row: unknown): Promise<void> {
    this.#sum.add(row);
    this.#batch.push(row);
    if (this.#batch.length >= ROWS) await this.#flush();
  }

  async finish({ end, rows, sha256 }: Extract<BackupLine, { end: string }>): Promise<void> {
    await this.#flush();
    if (end !== this.#table || rows !== this.#sum.rows || sha256 !== this.#sum.digest())
      throw damaged(`table ${this.#table} is not as it was written`);
    const { rows: counted } = await this.#client.query(`select count(*)::int as count from "${this.#table}"`);
    if (counted[0].count !== rows)
      throw damaged(`table ${this.#table} has ${counted[0].count} rows in place of ${rows}`);
  }

  async #flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const json = JSON.stringify(this.#batch);
    this.#batch = [];
    if (this.#table === 'call_record') await this.#records(json);
    else
      await this.#client.query(
        `insert into "${this.#table}" overriding system value
         select * from jsonb_populate_recordset(null::"${this.#table}", $1::jsonb)`,
        [json],
      );
  }

  /** Numbered anew by their order in the file; all of one transaction that is long over. */
  async #records(json: string): Promise<void> {
    await this.#client.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body, pii_enc, tx)
       select r.call_id, r.n, r.company_id, r.at, r.stream, r.type, r.body, r.pii_enc, '0'::xid8
       from jsonb_array_elements($1::jsonb) with ordinality as line (row, place)
       cross join lateral jsonb_populate_record(null::call_record, line.row) r order by place`,
      [json],
    );
  }
}
