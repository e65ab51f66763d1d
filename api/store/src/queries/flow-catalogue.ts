/** What publishing asks of a company: published flows by name, audio, entities, and the node numbers ever given. */
import type { RevisionClosure } from '@callwright/engine';
import { sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';

/** Published closures of flows by unique name; names without one are absent. */
export async function publishedClosures(
  db: Db,
  scope: CompanyScope,
  names: readonly string[],
): Promise<Map<string, RevisionClosure>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom('flow')
    .innerJoin('revision', (j) =>
      j.onRef('revision.hash', '=', 'flow.published_hash').onRef('revision.company_id', '=', 'flow.company_id'),
    )
    .select(['flow.name', 'revision.closure'])
    .where('flow.company_id', '=', scope.companyId)
    .where('flow.deleted_at', 'is', null)
    .where('flow.name', 'in', [...names])
    .execute();
  return new Map(rows.map((r) => [r.name, r.closure as unknown as RevisionClosure]));
}

const ENTITIES = {
  user: (scope: CompanyScope, key: string) =>
    sql`select 1 from directory_user where company_id = ${scope.companyId} and deleted_at is null and (id::text = ${key} or extension = ${key})`,
  'ring-group': (scope: CompanyScope, key: string) =>
    sql`select 1 from ring_group where company_id = ${scope.companyId} and (id::text = ${key} or name = ${key})`,
  calendar: (scope: CompanyScope, key: string) =>
    sql`select 1 from calendar where company_id = ${scope.companyId} and (id::text = ${key} or name = ${key})`,
  flow: (scope: CompanyScope, key: string) =>
    sql`select 1 from flow where company_id = ${scope.companyId} and deleted_at is null and (id::text = ${key} or name = ${key})`,
  webhook: (scope: CompanyScope, key: string) =>
    sql`select 1 from webhook where company_id = ${scope.companyId} and rule = 'callwright' and (id::text = ${key} or name = ${key})`,
  'caller-list': (scope: CompanyScope, key: string) =>
    sql`select 1 from caller_list l join owner company on l.owner_id = any(company.path)
      where company.id = ${scope.companyId} and (l.id::text = ${key} or l.name = ${key}) limit 1`,
} as const;

/** Whether the company has the entity, by id or unique name; undefined for types this does not know. */
export async function entityExists(
  db: Db,
  scope: CompanyScope,
  type: string,
  key: string,
): Promise<boolean | undefined> {
  const query = Object.hasOwn(ENTITIES, type) ? ENTITIES[type as keyof typeof ENTITIES] : undefined;
  if (!query) return undefined;
  return (await query(scope, key).execute(db)).rows.length > 0;
}

/** Every node that a revision of the flow ever had, with its number; numbers above 0 last, so that they win. */
export async function nodeNumbers(
  db: Db,
  scope: CompanyScope,
  flowId: string,
): Promise<{ id: string; number: number }[]> {
  const { rows } = await sql<{ id: string; number: number }>`
    select distinct node->>'id' as id, (node->>'number')::int as number
    from revision r, jsonb_array_elements(r.closure->'documents'->r.hash->'document'->'nodes') node
    where r.company_id = ${scope.companyId} and r.flow_id = ${flowId} order by 2`.execute(db);
  return rows;
}
