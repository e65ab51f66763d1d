/** Who is occupied by what: rows written by a company's pool, from which it is rebuilt and which API and presence read. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';

export interface Occupation {
  readonly userId: string;
  readonly grants: readonly { readonly grant: string; readonly callId: string }[];
}

/** Writes a change of the pool; a row that already holds a later number stays. */
export async function storeOccupations(
  db: Db,
  companyId: string,
  occupations: readonly Occupation[],
  number: number,
): Promise<void> {
  if (occupations.length === 0) return;
  await sql`
    insert into pool_occupation (company_id, user_id, grants, number)
    select ${companyId}, user_id, grants::jsonb, ${number}
    from unnest(${occupations.map((o) => o.userId)}::uuid[], ${occupations.map((o) => JSON.stringify(o.grants))}::text[])
      as occupied (user_id, grants)
    on conflict (company_id, user_id) do update set grants = excluded.grants, number = excluded.number, updated_at = now()
    where pool_occupation.number < excluded.number`.execute(db);
}

/** Everybody who is occupied, and the number of the last change. */
export async function readOccupations(
  db: Db,
  companyId: string,
): Promise<{ occupations: Occupation[]; number: number }> {
  const { rows } = await sql<Occupation & { number: number }>`
    select user_id as "userId", grants, number from pool_occupation where company_id = ${companyId}`.execute(db);
  const number = Math.max(0, ...rows.map((row) => Number(row.number)));
  return { occupations: rows.filter((row) => row.grants.length > 0), number };
}
