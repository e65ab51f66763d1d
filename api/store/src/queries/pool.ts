/** Who is occupied by what and who waits: rows written by a company's pool, from which it is rebuilt and which API and presence read. */
import type { AgentState, PoolRequest, PoolRequestChange } from '@callwright/engine';
import { sql } from 'kysely';
import { readAgents } from './agents.ts';
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

/** More than one change ever brings. */
const MOST_CHANGES = 100_000;

/** Writes which requests stand and which do no more; a row that already holds a later number stays. */
export async function storeStanding(
  db: Db,
  companyId: string,
  changes: readonly PoolRequestChange[],
  number: number,
): Promise<void> {
  const standing = changes.flatMap((change) => (change.standing ? [{ ...change, standing: change.standing }] : []));
  const over = changes.flatMap(({ request, standing: stands }) => (stands ? [] : [request]));
  if (standing.length > 0) {
    await sql`
      insert into pool_request (company_id, request, place, standing, number)
      select ${companyId}, request, ${number}::bigint * ${MOST_CHANGES} + place, standing::jsonb, ${number}
      from unnest(${standing.map((one) => one.request)}::text[], ${standing.map((one) => JSON.stringify(one.standing))}::text[])
        with ordinality as changed (request, standing, place)
      on conflict (company_id, request) do update
        set standing = excluded.standing, number = excluded.number, updated_at = now()
        where pool_request.number < excluded.number`.execute(db);
  }
  if (over.length > 0) {
    await sql`delete from pool_request
      where company_id = ${companyId} and request = any(${over}::text[]) and number < ${number}`.execute(db);
  }
}

/** Everybody who is occupied, every request that stands, oldest first, the agents, and the number of the last change. */
export async function readPool(
  db: Db,
  companyId: string,
): Promise<{
  occupations: Occupation[];
  requests: PoolRequest[];
  agents: Record<string, AgentState>;
  number: number;
}> {
  const { rows } = await sql<Occupation & { number: string }>`
    select user_id as "userId", grants, number from pool_occupation where company_id = ${companyId}`.execute(db);
  const { rows: standing } = await sql<{ standing: PoolRequest; number: string }>`
    select standing, number from pool_request where company_id = ${companyId} order by place`.execute(db);
  const { agents, number: agentsNumber } = await readAgents(db, companyId);
  const number = Math.max(agentsNumber, ...[...rows, ...standing].map((row) => Number(row.number)));
  return {
    occupations: rows.filter((row) => row.grants.length > 0).map(({ userId, grants }) => ({ userId, grants })),
    requests: standing.map((row) => row.standing),
    agents,
    number,
  };
}
