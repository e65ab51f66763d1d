/** Meeting rooms as destinations, dialled by their extension. */
import { sql } from 'kysely';
import { type DestinationType, isUuid, NOT_FOUND } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const meetingRoom: DestinationType = {
  type: 'meeting-room',
  servedBy: 'meeting-room',
  offered: true,
  exists: async (db, scope, id) =>
    isUuid(id) &&
    (await db
      .selectFrom('meeting_room')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('id', '=', id)
      .executeTakeFirst()) !== undefined,
  resolve: async (db, companyId, id, asking) => {
    const { rows } = await sql<{ id: string; number: number; extension: string; name: string }>`
      select id, number, extension, name from meeting_room
      where company_id = ${companyId} and (id::text = ${id} or extension = ${id})`.execute(db);
    const row = rows[0];
    if (!row) return NOT_FOUND;
    const { extension, name } = row;
    const room = { type: 'meeting-room', id: row.id, entityNumber: Number(row.number), number: extension, name };
    return servedByFlow(db, companyId, 'meeting-room', room, asking);
  },
};
