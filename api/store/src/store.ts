/** Connection, migrations and the typed query builder; every package that touches PostgreSQL goes through here. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';

// int8 as number: every bigint of the schema stays far below 2^53
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface Store {
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  /** Upper bound of connections of this process. */
  readonly maxConnections?: number;
}

/** Opens a pool. Does not migrate: the start command and the tests do, once, through `migrateStore`. */
export function openStore({ url, maxConnections = 10 }: StoreOptions): Store {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, connectionTimeoutMillis: 5000 });
  // an idle connection that breaks must not end the process; the next query reconnects
  pool.on('error', () => {});
  // nor one that breaks while a transaction holds it: the pool listens to idle ones only, and the query under way rejects by itself
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await db.destroy();
    // Kysely ends the pool only when a query went through it; migrations use the pool itself
    if (!pool.ended) await pool.end();
  };
  return { db, pool, close };
}

/** Brings the database to the newest schema; safe to run from several processes at once. */
export async function migrateStore(store: Store): Promise<void> {
  await migrate(store.pool);
}
