/** Ring groups as destinations: their members ring by the group's strategy. */
import type { Coordinates, IoResult, RingGroup } from '@callwright/engine';
import { sql } from 'kysely';
import type { Db } from '../scope.ts';
import { type DestinationType, isUuid, NOT_FOUND, resolved } from './destination-type.ts';
import { FULL_NAME, REGISTERED, type UserRow, userCoordinates } from './user.ts';

interface GroupRow {
  id: string;
  number: number;
  extension: string | null;
  name: string;
  strategy: string;
  member_ring_ms: number;
  total_ring_ms: number;
}

const groupCoordinates = (row: GroupRow): Coordinates => ({
  type: 'ring-group',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension ?? '',
  name: row.name,
});

async function findGroup(db: Db, companyId: string, id: string): Promise<GroupRow | undefined> {
  const { rows } = await sql<GroupRow>`
    select id, number, extension, name, strategy, member_ring_ms, total_ring_ms from ring_group
    where company_id = ${companyId} and (id::text = ${id} or name = ${id})
    order by id::text = ${id} desc limit 1`.execute(db);
  return rows[0];
}

/** By id or name, with its members in ring order. */
export async function lookUpGroup(db: Db, companyId: string, id: string): Promise<IoResult> {
  const row = await findGroup(db, companyId, id);
  if (!row) return NOT_FOUND;
  const { rows: members } = await sql<UserRow>`
    select u.id, u.number, u.extension, ${FULL_NAME} as name, ${REGISTERED} as registered
    from ring_group_member m join directory_user u on u.id = m.user_id and u.deleted_at is null
    where m.group_id = ${row.id} and u.company_id = ${companyId} and m.logged_in and u.suspended_at is null
    order by m.position, u.id limit 200`.execute(db);
  const group: RingGroup = {
    id: row.id,
    coordinates: groupCoordinates(row),
    strategy: row.strategy as RingGroup['strategy'],
    memberRingMs: row.member_ring_ms,
    totalRingMs: row.total_ring_ms,
    members: members.map((m) => ({ userId: m.id, coordinates: userCoordinates(m), registered: m.registered })),
  };
  return { status: 'ring-group', group };
}

export const ringGroup: DestinationType = {
  type: 'ring-group',
  servedBy: 'direct-group',
  offered: true,
  exists: async (db, scope, id) =>
    isUuid(id) &&
    (await db
      .selectFrom('ring_group')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('id', '=', id)
      .executeTakeFirst()) !== undefined,
  resolve: async (db, companyId, id) => {
    const row = await findGroup(db, companyId, id);
    return row ? resolved({ type: 'ring-group', id: row.id }, groupCoordinates(row)) : NOT_FOUND;
  },
};
