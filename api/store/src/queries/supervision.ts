/** Who may hear whose call, and which one that is. */
import type { IoResult, Lookup } from '@callwright/engine';
import { sql } from 'kysely';
import { userCoordinates } from './destinations/user.ts';
import type { CompanyScope, Db } from './scope.ts';

const NOT_FOUND: IoResult = { status: 'not-found' };
const REFUSED: IoResult = {
  status: 'refused',
  code: 'no-right',
  check: 'supervision',
  by: 'company',
  cause: 'forbidden',
};

type Supervised = Extract<Lookup, { what: 'supervised' }>;

/** The call that a user talks in, for a supervisor or administrator of the company; the audit log has a line of it, once per key. */
export async function findSupervised(
  db: Db,
  companyId: string,
  callId: string | null,
  { user, by, mode, key }: Supervised,
): Promise<IoResult> {
  if (by === null) return REFUSED;
  const right = await sql`select 1 from account a join directory_user u on u.id = a.user_id
    where u.company_id = ${companyId} and u.id::text = ${by} and u.deleted_at is null and u.suspended_at is null
      and a.owner_id = ${companyId} and a.role in ('supervisor', 'company') and a.disabled_at is null`.execute(db);
  if (right.rows.length === 0) return REFUSED;
  const { rows } = await sql<{ call_id: string; leg: string }>`
    select leg.call_id, leg.id as leg from leg
    join call on call.id = leg.call_id and call.company_id = leg.company_id and call.state = 'started'
    join directory_user u on u.company_id = leg.company_id and u.id::text = leg.coordinates->>'id' and u.deleted_at is null
    where leg.company_id = ${companyId} and leg.state = 'answered' and leg.coordinates->>'type' = 'user'
      and (u.id::text = ${user} or u.extension = ${user}) and u.id::text <> ${by} and leg.call_id::text is distinct from ${callId}
    order by leg.created_at desc limit 1`.execute(db);
  const found = rows[0];
  if (!found) return NOT_FOUND;
  const detail = JSON.stringify({ key, mode, leg: found.leg });
  await sql`insert into audit (owner_id, actor_type, actor_id, action, entity_type, entity_id, detail)
    select ${companyId}, 'user', ${by}, 'call.supervised', 'call', ${found.call_id}, ${detail}::jsonb
    where not exists (select 1 from audit where owner_id = ${companyId} and action = 'call.supervised'
      and entity_id = ${found.call_id} and detail->>'key' = ${key})`.execute(db);
  return { status: 'supervised', callId: found.call_id, leg: found.leg };
}

/** A user of the company who is to supervise, and the log-in of the one device of his that is to ring; null when there is no such. */
export async function findSupervisor(
  db: Db,
  { companyId }: CompanyScope,
  userId: string,
  deviceId: string | null,
): Promise<{ readonly coordinates: ReturnType<typeof userCoordinates>; readonly loginId: string | null } | null> {
  const { rows } = await sql<{ id: string; number: number; extension: string; name: string; login: string | null }>`
    select u.id, u.number, u.extension, trim(u.given_name || ' ' || u.family_name) as name, d.sip_login_id as login
    from directory_user u left join device d on d.company_id = u.company_id and d.user_id = u.id and d.id = ${deviceId}
    where u.company_id = ${companyId} and u.id = ${userId} and u.deleted_at is null
      and (${deviceId}::uuid is null or d.sip_login_id is not null)`.execute(db);
  const row = rows[0];
  return row ? { coordinates: userCoordinates({ ...row, registered: false }), loginId: row.login } : null;
}
