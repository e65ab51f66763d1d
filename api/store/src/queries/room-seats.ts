/** Seats in meeting rooms: who is in which, on which media instance; how many fit, who waits for a moderator, what a moderator does. */
import type { IoResult, Lookup, Prompt } from '@callwright/engine';
import { sql } from 'kysely';
import { addControl } from './commands.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';
import { uuidv7 } from './uuid.ts';

type Enter = Extract<Lookup, { what: 'room-enter' }>;
type Act = Extract<Lookup, { what: 'room-act' }>;

const NOT_FOUND: IoResult = { status: 'not-found' };
const refused = (code: string): IoResult => ({
  status: 'refused',
  code,
  check: 'room',
  by: 'company',
  cause: code === 'full' ? 'busy' : 'forbidden',
});

interface RoomRow {
  id: string;
  max_members: number;
  wait_for_moderator: boolean;
  announce: boolean;
  record: boolean;
  end_with_moderator: boolean;
  locked: boolean;
}

interface SeatRow {
  call_id: string;
  instance: string;
  moderator: boolean;
}

/** One call at a time comes, goes or changes the room. */
async function lockedRoom(tx: Db, companyId: string, room: string): Promise<RoomRow | undefined> {
  const { rows } = await sql<RoomRow>`
    select r.id, r.max_members, r.wait_for_moderator, r.announce, r.end_with_moderator,
      r.record and not exists (select 1 from owner o join owner above on above.id = any(o.path)
        where o.id = r.company_id and above.entitlements->>'recording' = 'false') as record,
      coalesce((select s.locked from meeting_room_state s where s.room_id = r.id and s.company_id = r.company_id), false) as locked
    from meeting_room r where r.company_id = ${companyId} and r.id::text = ${room} for update of r`.execute(tx);
  return rows[0];
}

/** The seats of calls that go on, but the asking call's, in the order in which they were taken. */
async function othersIn(tx: Db, companyId: string, room: string, callId: string): Promise<readonly SeatRow[]> {
  const { rows } = await sql<SeatRow>`
    select m.call_id, m.instance, m.moderator from meeting_room_member m
    join call on call.id = m.call_id and call.company_id = m.company_id and call.state in ('waiting', 'started')
    where m.company_id = ${companyId} and m.room_id = ${room} and m.call_id <> ${callId}
    order by m.joined_at, m.call_id`.execute(tx);
  return rows;
}

/** Takes a seat for the asking call; asking again gives the same answer. */
export async function enterRoom(db: Db, companyId: string, callId: string | null, ask: Enter): Promise<IoResult> {
  if (callId === null) return NOT_FOUND;
  return inTransaction(db, async (tx) => {
    const room = await lockedRoom(tx, companyId, ask.room);
    if (!room) return NOT_FOUND;
    const others = await othersIn(tx, companyId, room.id, callId);
    if (room.locked && !ask.moderator) return refused('locked');
    if (others.length >= room.max_members) return refused('full');
    if (others.some((one) => one.instance !== ask.instance)) return refused('other-instance');
    const waits = room.wait_for_moderator && !ask.moderator && !others.some((one) => one.moderator);
    await takeSeat(tx, companyId, callId, ask, waits);
    // told to all of them: who is in already is not moved by it, and a repeated answer is the same
    const opens = ask.moderator && room.wait_for_moderator ? others.map((one) => one.call_id) : [];
    const { announce, record } = room;
    const name = announce ? await recordedName(tx, companyId, ask.who.userId) : null;
    return { status: 'room-entered', room: room.id, waits, opens: opens.slice(0, 500), announce, name, record };
  });
}

async function takeSeat(tx: Db, companyId: string, callId: string, ask: Enter, waiting: boolean): Promise<void> {
  const { instance, moderator, who } = ask;
  if (moderator)
    await sql`update meeting_room_member set waiting = false
      where company_id = ${companyId} and room_id = ${ask.room} and waiting`.execute(tx);
  await sql`
    insert into meeting_room_member (room_id, call_id, company_id, instance, moderator, waiting, number, name, user_id)
    values (${ask.room}, ${callId}, ${companyId}, ${instance}, ${moderator}, ${waiting}, ${who.number}, ${who.name},
      (select id from directory_user where company_id = ${companyId} and id::text = ${who.userId}))
    on conflict (room_id, call_id) do update set instance = excluded.instance, moderator = excluded.moderator,
      waiting = excluded.waiting`.execute(tx);
  // rows of calls that ended without a word
  await sql`delete from meeting_room_member m using call
    where m.company_id = ${companyId} and m.room_id = ${ask.room} and call.id = m.call_id
      and call.company_id = m.company_id and call.state in ('ended', 'refused')`.execute(tx);
}

/** The name that the user has recorded for his voicemail. */
async function recordedName(tx: Db, companyId: string, userId: string | null): Promise<Prompt | null> {
  if (userId === null) return null;
  const { rows } = await sql<{ name: string; hash: string | null }>`
    select p.name, p.content_hash as hash from voicemail_box b
    join voicemail_greeting g on g.box_id = b.id and g.company_id = b.company_id and g.state = 'name'
    join prompt p on p.id = g.prompt_id and p.company_id = b.company_id
    where b.company_id = ${companyId} and b.user_id::text = ${userId} and b.deleted_at is null limit 1`.execute(tx);
  const { name, hash } = rows[0] ?? {};
  return name && hash ? { items: [{ type: 'audio', name, hash }], bargeIn: false } : null;
}

/** The call's seat is free again. Where the meeting ends with its moderator the others are told to leave when the last one goes. */
export async function leaveRoom(db: Db, companyId: string, callId: string | null, room: string): Promise<IoResult> {
  if (callId === null) return NOT_FOUND;
  await inTransaction(db, async (tx) => {
    const found = await lockedRoom(tx, companyId, room);
    if (!found) return;
    const { rows } = await sql<{ moderator: boolean }>`delete from meeting_room_member
      where company_id = ${companyId} and room_id = ${found.id} and call_id::text = ${callId} returning moderator`.execute(
      tx,
    );
    if (rows[0]?.moderator && found.end_with_moderator) await endMeeting(tx, companyId, found.id, callId);
  });
  return NOT_FOUND;
}

/** No moderator is left: commands for the others, which an io worker sends. */
async function endMeeting(tx: Db, companyId: string, room: string, leaver: string): Promise<void> {
  const others = await othersIn(tx, companyId, room, leaver);
  if (others.some((one) => one.moderator)) return;
  for (const { call_id: callId } of others) {
    const by = { type: 'meeting-room', id: room };
    await addControl(tx, { companyId } as CompanyScope, { id: uuidv7(), callId, by, action: { kind: 'leave-room' } });
  }
}

/** What a moderator does; a call that is none gets nothing. */
export async function actInRoom(db: Db, companyId: string, callId: string | null, ask: Act): Promise<IoResult> {
  if (callId === null) return NOT_FOUND;
  return inTransaction(db, async (tx) => {
    const room = await lockedRoom(tx, companyId, ask.room);
    if (!room) return NOT_FOUND;
    const { rows } = await sql`select 1 from meeting_room_member
      where company_id = ${companyId} and room_id = ${room.id} and call_id = ${callId} and moderator`.execute(tx);
    if (rows.length === 0) return refused('no-moderator');
    const locked = ask.act === 'lock' ? !room.locked : room.locked;
    if (ask.act === 'lock')
      await sql`insert into meeting_room_state (room_id, company_id, locked) values (${room.id}, ${companyId}, ${locked})
        on conflict (room_id) do update set locked = excluded.locked, updated_at = now()`.execute(tx);
    const plain = (await othersIn(tx, companyId, room.id, callId)).filter((one) => !one.moderator);
    const meant = ask.act === 'lock' ? [] : ask.act === 'last' ? plain.slice(-1) : plain.slice(0, 500);
    return { status: 'room-acted', locked, calls: meant.map((one) => one.call_id) };
  });
}

export interface RoomMemberView {
  readonly call_id: string;
  readonly number: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly moderator: boolean;
  /** For a moderator. */
  readonly waiting: boolean;
  readonly joined_at: Date;
}

/** Who is in a room of the company now; null when it has no such room. */
export async function listRoomMembers(
  db: Db,
  { companyId }: CompanyScope,
  room: string,
): Promise<readonly RoomMemberView[] | null> {
  const { rows: known } = await sql`select 1 from meeting_room
    where company_id = ${companyId} and id::text = ${room}`.execute(db);
  if (known.length === 0) return null;
  const { rows } = await sql<RoomMemberView>`
    select m.call_id, m.number, m.name, m.user_id, m.moderator, m.waiting, m.joined_at from meeting_room_member m
    join call on call.id = m.call_id and call.company_id = m.company_id and call.state in ('waiting', 'started')
    where m.company_id = ${companyId} and m.room_id::text = ${room} order by m.joined_at, m.call_id limit 500`.execute(
    db,
  );
  return rows;
}
