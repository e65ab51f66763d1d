/** What users say of themselves: publications of their phones (RFC 3903) and what the API sets. The newest that holds counts. */
import { sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export const CHAT_STATES = ['available', 'busy', 'away', 'offline'] as const;
export type ChatState = (typeof CHAT_STATES)[number];

export interface ChatPresence {
  readonly status: ChatState;
  readonly note: string;
}

/** Publications of one log-in at a time. */
const MAX_PER_LOGIN = 20;

export interface NewPublication extends ChatPresence {
  readonly companyId: string;
  readonly userId: string;
  readonly loginId: string;
  readonly seconds: number;
}

/** A first publication; its entity-tag, or null when the log-in has too many. */
export async function addPublication(db: Db, row: NewPublication): Promise<string | null> {
  const etag = uuidv7();
  const { numAffectedRows } = await sql`
    insert into chat_publication (etag, company_id, user_id, sip_login_id, status, note, expires_at)
    select ${etag}, ${row.companyId}, u.id, ${row.loginId}, ${row.status}, ${row.note}, now() + make_interval(secs => ${row.seconds})
    from directory_user u where u.id = ${row.userId} and u.company_id = ${row.companyId} and u.deleted_at is null
      and (select count(*) from chat_publication where sip_login_id = ${row.loginId} and expires_at > now()) < ${MAX_PER_LOGIN}`.execute(
    db,
  );
  return numAffectedRows === 1n ? etag : null;
}

/**
 * Renews a publication, `said` changes it; its new entity-tag, since each answer has another (RFC 3903 §6). Null: the log-in has none of
 * that tag (any more).
 */
export async function renewPublication(
  db: Db,
  place: { readonly companyId: string; readonly loginId: string; readonly etag: string },
  seconds: number,
  said: ChatPresence | null,
): Promise<string | null> {
  const next = uuidv7();
  const { numAffectedRows } = await sql`
    update chat_publication set etag = ${next}, expires_at = now() + make_interval(secs => ${seconds}),
      status = coalesce(${said?.status ?? null}, status), note = coalesce(${said?.note ?? null}, note),
      updated_at = case when ${said === null} then updated_at else now() end
    where etag::text = ${place.etag} and company_id = ${place.companyId} and sip_login_id = ${place.loginId} and expires_at > now()`.execute(
    db,
  );
  return numAffectedRows === 1n ? next : null;
}

/** Takes a publication back; false when the log-in has none of that tag. */
export async function removePublication(
  db: Db,
  { companyId, loginId, etag }: { readonly companyId: string; readonly loginId: string; readonly etag: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from chat_publication
    where etag::text = ${etag} and company_id = ${companyId} and sip_login_id = ${loginId}`.execute(db);
  return numAffectedRows === 1n;
}

/** Sets what a user of the company says of himself, null: nothing any more. False: no such user. */
export async function setChatPresence(
  db: Db,
  { companyId }: CompanyScope,
  userId: string,
  said: ChatPresence | null,
): Promise<boolean> {
  const { rows } = await sql`select 1 from directory_user
    where id::text = ${userId} and company_id = ${companyId} and deleted_at is null`.execute(db);
  if (rows.length === 0) return false;
  if (said === null) {
    // what his phones have published is taken back with it: he says nothing
    await sql`delete from chat_publication where user_id::text = ${userId} and company_id = ${companyId}`.execute(db);
    return true;
  }
  await sql`
    insert into chat_publication (etag, company_id, user_id, status, note) values (${uuidv7()}, ${companyId}, ${userId}, ${said.status}, ${said.note})
    on conflict (user_id) where sip_login_id is null do update set status = excluded.status, note = excluded.note, updated_at = now()`.execute(
    db,
  );
  return true;
}

/** Lets go of publications whose time has ended. */
export async function sweepPublications(db: Db): Promise<void> {
  await sql`delete from chat_publication where expires_at <= now()`.execute(db);
}
