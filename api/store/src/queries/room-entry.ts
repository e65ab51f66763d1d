/** Entering a meeting room: its PINs and its lock. */
import type { IoResult, Lookup } from '@callwright/engine';
import { sql } from 'kysely';
import { verifyPassword } from '../password.ts';
import type { CompanyScope, Db } from './scope.ts';

interface RoomRow {
  id: string;
  number: number;
  extension: string;
  name: string;
  pin_hash: string | null;
  moderator_pin_hash: string | null;
  locked: boolean;
}

const refused = (code: string): IoResult => ({
  status: 'refused',
  code,
  check: 'room',
  by: 'company',
  cause: 'forbidden',
});

/** A room without PIN is open to all; who types the moderator's PIN is one; a locked room lets in moderators only. */
export async function askRoom(
  db: Db,
  companyId: string,
  { id, pin }: Extract<Lookup, { what: 'room' }>,
): Promise<IoResult> {
  const { rows } = await sql<RoomRow>`
    select r.id, r.number, r.extension, r.name, r.pin_hash, r.moderator_pin_hash, coalesce(s.locked, false) as locked
    from meeting_room r left join meeting_room_state s on s.room_id = r.id and s.company_id = r.company_id
    where r.company_id = ${companyId} and (r.id::text = ${id} or r.extension = ${id})`.execute(db);
  const row = rows[0];
  if (!row) return { status: 'not-found' };
  const coordinates = {
    type: 'meeting-room',
    id: row.id,
    entityNumber: Number(row.number),
    number: row.extension,
    name: row.name,
  };
  const found = { status: 'room', room: row.id, coordinates } as const;
  const asks = row.pin_hash !== null || row.moderator_pin_hash !== null;
  if (pin === null && asks) return { ...found, pinNeeded: true, moderator: false };
  const moderator =
    pin !== null && row.moderator_pin_hash !== null && (await verifyPassword(row.moderator_pin_hash, pin));
  const member = row.pin_hash === null || (pin !== null && (await verifyPassword(row.pin_hash, pin)));
  if (!moderator && !member) return refused('wrong-pin');
  if (!moderator && row.locked) return refused('locked');
  return { ...found, pinNeeded: false, moderator };
}

/** Lets nobody but moderators in from now on, or everybody again. False when the company has no such room. */
export async function lockRoom(db: Db, { companyId }: CompanyScope, id: string, locked: boolean): Promise<boolean> {
  const { rows } = await sql`
    insert into meeting_room_state (room_id, company_id, locked)
    select id, company_id, ${locked} from meeting_room where company_id = ${companyId} and id::text = ${id}
    on conflict (room_id) do update set locked = excluded.locked, updated_at = now() returning room_id`.execute(db);
  return rows.length > 0;
}
