/** Who rings and who waits where: what a call asks before it comes to another (pick-up, park slots). */
import type { IoResult, Lookup } from '@callwright/engine';
import { sql } from 'kysely';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

const NOT_FOUND: IoResult = { status: 'not-found' };
const refused = (code: string, cause: 'forbidden' | 'busy'): IoResult => ({
  status: 'refused',
  code,
  check: 'joining',
  by: 'company',
  cause,
});

type Ringing = Extract<Lookup, { what: 'ringing' }>;
type Park = Extract<Lookup, { what: 'park' }>;

/** The leg that has rung longest for the user, or in a group of `by`'s that is open to pick-up; `by` must have the right. */
export async function findRinging(db: Db, companyId: string, { user, by }: Ringing): Promise<IoResult> {
  if (by === null) return refused('no-user', 'forbidden');
  const right = await sql`select 1 from directory_user
    where company_id = ${companyId} and id::text = ${by} and pickup_right and deleted_at is null`.execute(db);
  if (right.rows.length === 0) return refused('no-right', 'forbidden');
  const whom =
    user === null
      ? sql`u.id in (select theirs.user_id from ring_group_member mine
          join ring_group g on g.id = mine.group_id and g.company_id = ${companyId} and not g.pickup_disabled
          join ring_group_member theirs on theirs.group_id = g.id
          where mine.user_id::text = ${by})`
      : sql`(u.id::text = ${user} or u.extension = ${user})`;
  const { rows } = await sql<{ call_id: string; leg: string }>`
    select leg.call_id, leg.id as leg from leg
    join call on call.id = leg.call_id and call.company_id = leg.company_id and call.state in ('waiting', 'started')
    join directory_user u on u.company_id = leg.company_id and u.id::text = leg.coordinates->>'id' and u.deleted_at is null
    where leg.company_id = ${companyId} and leg.direction = 'outbound' and leg.state in ('proceeding', 'early')
      and leg.coordinates->>'type' = 'user' and u.id::text <> ${by} and ${whom}
    order by leg.created_at limit 1`.execute(db);
  return rows[0] ? { status: 'ringing', callId: rows[0].call_id, leg: rows[0].leg } : NOT_FOUND;
}

interface SlotRow {
  id: string;
  number: number;
  extension: string;
  name: string;
  return_ms: number;
  /** The live call that waits there. */
  call_id: string | null;
}

/** Slots of the company, the one named or all; `call_id` null = free. */
const slots = (companyId: string, slot: string | null) => sql<SlotRow>`
  select s.id, s.number, s.extension, s.name, s.return_ms, call.id as call_id
  from park_slot s
  left join parked_call p on p.slot_id = s.id and p.company_id = s.company_id
  left join call on call.id = p.call_id and call.state in ('waiting', 'started')
  where s.company_id = ${companyId} and (${slot}::text is null or s.id::text = ${slot} or s.extension = ${slot})
  order by s.number for update of s`;

/** Puts the asking call into a slot, or tells who waits there. */
export async function askSlot(db: Db, companyId: string, callId: string | null, ask: Park): Promise<IoResult> {
  return inTransaction(db, async (tx) => {
    const { rows } = await slots(companyId, ask.slot).execute(tx);
    if (ask.wish === 'retrieve') {
      const taken = rows.find((row) => row.call_id !== null && row.call_id !== callId);
      return taken ? { status: 'occupied', callId: taken.call_id!, slot: taken.id } : NOT_FOUND;
    }
    if (callId === null || rows.length === 0) return NOT_FOUND;
    const free = rows.find((row) => row.call_id === callId) ?? rows.find((row) => row.call_id === null);
    if (!free) return refused('slot-taken', 'busy');
    const { number, name } = ask.who;
    const row = { call_id: callId, parked_by: ask.by, number, name, note: '', parked_at: new Date() };
    await tx
      .insertInto('parked_call')
      .values({ slot_id: free.id, company_id: companyId, ...row })
      .onConflict((c) => c.column('slot_id').doUpdateSet(row))
      .execute();
    const coordinates = {
      type: 'park-slot',
      id: free.id,
      entityNumber: Number(free.number),
      number: free.extension,
      name: free.name,
    };
    return { status: 'slot', slot: free.id, number: free.extension, returnMs: free.return_ms, coordinates };
  });
}

/** The call has left the slot; a slot that another call has taken meanwhile stays as it is. */
export async function freeParkSlot(db: Db, companyId: string, callId: string | null, slot: string): Promise<IoResult> {
  await sql`delete from parked_call
    where company_id = ${companyId} and slot_id::text = ${slot} and call_id::text = ${callId}`.execute(db);
  return NOT_FOUND;
}

export interface ParkedCallView {
  readonly slot_id: string;
  readonly extension: string;
  readonly call_id: string;
  readonly parked_by: string | null;
  readonly number: string;
  readonly name: string;
  readonly parked_at: Date;
  readonly note: string;
}

/** Who waits in the company's slots now, by slot. */
export async function listParkedCalls(db: Db, companyId: string): Promise<readonly ParkedCallView[]> {
  const { rows } = await sql<ParkedCallView>`
    select p.slot_id, s.extension, p.call_id, p.parked_by, p.number, p.name, p.parked_at, p.note
    from parked_call p
    join park_slot s on s.id = p.slot_id
    join call on call.id = p.call_id and call.state = 'started'
    where p.company_id = ${companyId} and s.company_id = p.company_id order by s.number limit 500`.execute(db);
  return rows;
}

/** Leaves a note with who waits in a slot; false when nobody does. */
export async function noteParkedCall(
  db: Db,
  { companyId }: CompanyScope,
  slotId: string,
  note: string,
): Promise<boolean> {
  const { rows } = await sql`
    update parked_call p set note = ${note} from call
    where p.slot_id = ${slotId} and p.company_id = ${companyId} and call.id = p.call_id and call.state = 'started'
    returning p.slot_id`.execute(db);
  return rows.length > 0;
}
