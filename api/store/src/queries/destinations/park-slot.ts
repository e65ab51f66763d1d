/** Park slots as destinations: whoever is sent there waits, a user who dials one fetches who waits in it. */
import type { Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import type { Db } from '../scope.ts';
import { type DestinationType, isUuid, NOT_FOUND } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

/** Any slot that is free. */
const ANY = 'any';

async function slotCoordinates(db: Db, companyId: string, id: string): Promise<Coordinates | null> {
  if (id === ANY) return { type: 'park-slot', id, entityNumber: null, number: '', name: '' };
  const { rows } = await sql<{ id: string; number: number; extension: string; name: string }>`
    select id, number, extension, name from park_slot
    where company_id = ${companyId} and (id::text = ${id} or extension = ${id})`.execute(db);
  const row = rows[0];
  if (!row) return null;
  return { type: 'park-slot', id: row.id, entityNumber: Number(row.number), number: row.extension, name: row.name };
}

export const parkSlot: DestinationType = {
  type: 'park-slot',
  servedBy: 'park-slot',
  offered: true,
  exists: async (db, scope, id) =>
    (id === ANY || isUuid(id)) && (await slotCoordinates(db, scope.companyId, id)) !== null,
  resolve: async (db, companyId, id, asking) => {
    const slot = await slotCoordinates(db, companyId, id);
    return slot ? servedByFlow(db, companyId, 'park-slot', slot, asking) : NOT_FOUND;
  },
};
