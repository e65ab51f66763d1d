/**
 * Tenancy: every query that touches a company's rows takes a `CompanyScope`, which only `companyScope` makes, after the
 * subtree check (design §5). An owner sees its own subtree and nothing above or beside it.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';

export type Db = Kysely<Database> | Transaction<Database>;

declare const checked: unique symbol;

/** A company that the asking owner was found to be above of, or to be. */
export interface CompanyScope {
  readonly companyId: string;
  readonly [checked]: true;
}

/** The company as seen by `ownerId`; null when it does not exist, is suspended, is no company or lies outside the subtree. */
export async function companyScope(db: Db, ownerId: string, companyId: string): Promise<CompanyScope | null> {
  const row = await db
    .selectFrom('owner')
    .select('id')
    .where('id', '=', companyId)
    .where('kind', '=', 'company')
    .where(notSuspended)
    .where(inSubtree(ownerId))
    .executeTakeFirst();
  return row ? ({ companyId: row.id } as CompanyScope) : null;
}

/** For processes that act for a company by themselves (seed, start): no one asks, so nothing is checked. */
export function trustedScope(companyId: string): CompanyScope {
  return { companyId } as CompanyScope;
}

/** Neither the `owner` row nor anybody above it is suspended. */
export const notSuspended = sql<boolean>`not exists (
  select 1 from owner above where above.id = any(owner.path) and above.suspended_at is not null)`;

/** `owner` row lies in the subtree of `ownerId`, itself included. */
export function inSubtree(ownerId: string) {
  return sql<boolean>`owner.path @> array[${ownerId}]::uuid[]`;
}

/** Next positive integer of a type in a company (or platform-wide for null); never reused. */
export async function nextNumber(db: Db, ownerId: string | null, type: string): Promise<number> {
  const row = await db
    .insertInto('number_block')
    .values({ owner_id: ownerId, type, next: 2 })
    .onConflict((c) => c.columns(['owner_id', 'type']).doUpdateSet({ next: sql`number_block.next + 1` }))
    .returning(sql<number>`next - 1`.as('number'))
    .executeTakeFirstOrThrow();
  return Number(row.number);
}

/** Runs `work` in one transaction, or in the one already open. */
export async function inTransaction<T>(db: Db, work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db as Transaction<Database>) : db.transaction().execute(work);
}

/** Runs `work` behind a savepoint of the open transaction: what it did is undone when it throws, and the transaction goes on. */
export async function inSavepoint<T>(tx: Db, work: () => Promise<T>): Promise<T> {
  await sql`savepoint work`.execute(tx);
  try {
    const done = await work();
    await sql`release savepoint work`.execute(tx);
    return done;
  } catch (error) {
    await sql`rollback to savepoint work`.execute(tx);
    throw error;
  }
}

/** A unique constraint's name when `error` is its violation (SQLSTATE 23505), else null. */
export function violatedConstraint(error: unknown): string | null {
  const e = error as { code?: string; constraint?: string };
  return e?.code === '23505' ? (e.constraint ?? '') : null;
}

/** One page of a list: rows and where the next page starts. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Cuts `limit + 1` fetched rows to a page. */
export function page<T>(rows: readonly T[], limit: number, cursor: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? cursor(last) : null };
}

/** Next number of a call, unique on the platform. */
export async function uniqueCallNumber(db: Db): Promise<number> {
  const { rows } = await sql<{ number: number }>`select nextval('call_number_seq') as number`.execute(db);
  return Number(rows[0]?.number);
}
