/** Users as destinations: their phones ring, as the directory says at this moment. */
import type { Coordinates, IoResult, PlanCaller } from '@callwright/engine';
import { sql } from 'kysely';
import { ringPlanOf } from '../calling.ts';
import { FULL_NAME, REGISTERED } from '../reach.ts';
import type { Db } from '../scope.ts';
import { type DestinationType, isUuid, NOT_FOUND, resolved } from './destination-type.ts';

export interface UserRow {
  id: string;
  number: number;
  extension: string;
  name: string;
  registered: boolean;
}

export const userCoordinates = (row: UserRow): Coordinates => ({
  type: 'user',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension,
  name: row.name,
});

/** By id or extension. */
export async function lookUpUser(
  db: Db,
  companyId: string,
  id: string,
  caller: PlanCaller | null = null,
): Promise<IoResult> {
  const { rows } = await sql<UserRow & { language: string; call_waiting: boolean }>`
    select u.id, u.number, u.extension, ${FULL_NAME} as name, u.call_waiting,
      -- a suspended user stays registered for emergencies, and is not rung
      u.suspended_at is null and ${REGISTERED} as registered,
      coalesce(u.language, owner.settings->>'language', 'en') as language
    from directory_user u join owner on owner.id = u.company_id
    where u.company_id = ${companyId} and (u.id::text = ${id} or u.extension = ${id}) and u.deleted_at is null
    order by u.id::text = ${id} desc limit 1`.execute(db);
  const row = rows[0];
  if (!row) return NOT_FOUND;
  const { registered, language } = row;
  const plan = caller ? await ringPlanOf(db, companyId, row.id, caller) : undefined;
  const user = {
    userId: row.id,
    coordinates: userCoordinates(row),
    language,
    registered,
    callWaiting: row.call_waiting,
    ...(plan ? { plan } : {}),
  };
  return { status: 'user', user };
}

export const user: DestinationType = {
  type: 'user',
  servedBy: 'direct',
  offered: true,
  exists: async (db, scope, id) =>
    isUuid(id) &&
    (await db
      .selectFrom('directory_user')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()) !== undefined,
  resolve: async (db, companyId, id) => {
    const found = await lookUpUser(db, companyId, id);
    if (found.status !== 'user') return NOT_FOUND;
    return resolved({ type: 'user', id: found.user.userId }, found.user.coordinates);
  },
};
