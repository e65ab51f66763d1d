/** Flows as destinations: their published revision takes the call over. */
import type { Coordinates, IoResult, RevisionClosure } from '@callwright/engine';
import { sql } from 'kysely';
import type { Db } from '../scope.ts';
import { type Asking, type DestinationType, isUuid, NOT_FOUND, resolved } from './destination-type.ts';

async function lookUpFlow(db: Db, companyId: string, id: string, asking: Asking): Promise<IoResult> {
  const { rows } = await sql<{
    id: string;
    number: number;
    name: string;
    title: string;
    closure: RevisionClosure | null;
  }>`
    select flow.id, flow.number, flow.name, flow.title,
      case when ${asking.routing !== true} then revision.closure end as closure
    from flow join revision on revision.company_id = flow.company_id and revision.hash = flow.published_hash
    where flow.company_id = ${companyId} and (flow.id::text = ${id} or flow.name = ${id}) and flow.deleted_at is null
    order by flow.id::text = ${id} desc limit 1`.execute(db);
  const row = rows[0];
  if (!row) return NOT_FOUND;
  const name = row.title || row.name;
  const coordinates = { type: 'flow', id: row.id, entityNumber: Number(row.number), number: '', name };
  return resolved({ type: 'flow', id: row.id }, coordinates, row.closure);
}

export const flow: DestinationType = {
  type: 'flow',
  servedBy: null,
  offered: true,
  exists: async (db, scope, id) =>
    isUuid(id) &&
    (await db
      .selectFrom('flow')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()) !== undefined,
  resolve: lookUpFlow,
};

/** A built-in flow that serves an entity which is no flow: the flow knows the entity as `called`. */
export async function servedByFlow(
  db: Db,
  companyId: string,
  name: string,
  entity: Coordinates,
  asking: Asking,
): Promise<IoResult> {
  const found = await lookUpFlow(db, companyId, name, asking);
  if (found.status !== 'destination') return NOT_FOUND;
  return { ...found, destination: { type: entity.type, id: entity.id ?? '' }, coordinates: entity };
}
