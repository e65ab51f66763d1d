/**
 * Backup: every row of the database as of one moment, as lines of JSON. The first line says what it is, then for every table its rows
 * and a line with their count and checksum, then the sequences, then the end; without the end it is no backup. Sealed values stay sealed.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';

export const BACKUP_FORMAT = 1;
const ROWS = 500;

export interface BackupHeader {
  readonly callwright: 'backup';
  readonly format: number;
  readonly at: string;
  /** Names in the order they were run. */
  readonly migrations: readonly string[];
  /** The master key, base64, where it was asked for. */
  readonly key?: string;
}

/** A line of a backup after its header. */
export type BackupLine =
  | { readonly table: string }
  | { readonly row: unknown }
  | { readonly end: string; readonly rows: number; readonly sha256: string }
  | { readonly sequences: Readonly<Record<string, number>> }
  | { readonly done: true; readonly tables: number; readonly rows: number };

/** Rows and their checksum: each as it stands in the file, one after the other. */
export class TableSum {
  #hash = createHash('sha256');
  rows = 0;

  add(row: unknown): void {
    this.#hash.update(JSON.stringify(row)).update('\n');
    this.rows += 1;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Tables of the product in name order. */
export async function backupTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'migration' order by table_name`,
  );
  return rows.map(({ name }) => name);
}

/**
 * How the rows of a table are read. Transaction numbers mean nothing in another database: records are written in their order of arrival,
 * which becomes their number, and the places of webhooks are given in that order.
 */
function rowsOf(table: string): string {
  if (table === 'call_record') return `select to_jsonb(t) - 'tx' - 'seq' as row from call_record t order by tx, seq`;
  if (table === 'webhook')
    return `select to_jsonb(t) || jsonb_build_object('fact_tx', '0', 'claimed_by', null, 'claimed_until', null, 'fact_seq',
      (select count(*) from call_record r where (r.tx, r.seq) <= (t.fact_tx, t.fact_seq))) as row from webhook t`;
  return `select to_jsonb(t) as row from "${table}" t`;
}

/** The lines of a backup. `client` is used for nothing else meanwhile. */
export async function* backupLines(
  client: pg.ClientBase,
  { key }: { readonly key?: string | undefined } = {},
): AsyncGenerator<BackupHeader | BackupLine> {
  await client.query('begin isolation level repeatable read read only');
  try {
    const { rows: done } = await client.query<{ name: string }>('select name from migration order by at, name');
    yield {
      callwright: 'backup',
      format: BACKUP_FORMAT,
      at: new Date().toISOString(),
      migrations: done.map(({ name }) => name),
      ...(key === undefined ? {} : { key }),
    };
    const tables = await backupTables(client);
    let all = 0;
    for (const table of tables) {
      yield { table };
      const sum = new TableSum();
      await client.query(`declare backup no scroll cursor for ${rowsOf(table)}`);
      for (;;) {
        const { rows } = await client.query<{ row: unknown }>(`fetch ${ROWS} from backup`);
        for (const { row } of rows) {
          sum.add(row);
          yield { row };
        }
        if (rows.length < ROWS) break;
      }
      await client.query('close backup');
      all += sum.rows;
      yield { end: table, rows: sum.rows, sha256: sum.digest() };
    }
    const { rows: sequences } = await client.query<{ name: string; value: number | null }>(
      `select sequencename as name, last_value as value from pg_sequences where schemaname = 'public'`,
    );
    yield {
      sequences: Object.fromEntries(
        sequences.flatMap(({ name, value }) => (value === null ? [] : [[name, Number(value)]])),
      ),
    };
    yield { done: true, tables: tables.length, rows: all };
  } finally {
    await client.query('rollback');
  }
}
