/** Keys of conversations and meeting rooms: a company's own, and what a user may do by them. */
import { sql } from 'kysely';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export interface KeySequence {
  readonly keys: string;
  /** The action. */
  readonly name: string;
}

export interface CallKeyRow {
  readonly action: string;
  /** Null: nobody has it. */
  readonly keys: string | null;
}

/** What the company has set; actions without a row keep their default keys. */
export async function listCallKeys(db: Db, { companyId }: CompanyScope): Promise<readonly CallKeyRow[]> {
  return db
    .selectFrom('call_key')
    .select(['action', 'keys'])
    .where('company_id', '=', companyId)
    .orderBy('action')
    .execute();
}

/** Replaces the company's own keys. */
export async function putCallKeys(db: Db, { companyId }: CompanyScope, keys: readonly CallKeyRow[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx.deleteFrom('call_key').where('company_id', '=', companyId).execute();
    if (keys.length === 0) return;
    await tx
      .insertInto('call_key')
      .values(keys.map(({ action, keys: own }) => ({ company_id: companyId, action, keys: own })))
      .execute();
  });
}

/** The sequences as this user of the company has them; `user` null = somebody who is none. */
export async function ownKeys(
  db: Db,
  companyId: string,
  user: string | null,
  sequences: readonly KeySequence[],
): Promise<readonly KeySequence[]> {
  const { rows } = await sql<{ action: string; keys: string | null }>`
    select action, keys from call_key where company_id = ${companyId}
    union all
    select unnest(keys_denied), null from user_calling where company_id = ${companyId} and user_id::text = ${user}`.execute(
    db,
  );
  return sequences.flatMap((one) => {
    const own = rows.filter(({ action }) => action === one.name);
    if (own.some(({ keys }) => keys === null)) return [];
    return [{ name: one.name, keys: own[0]?.keys ?? one.keys }];
  });
}
