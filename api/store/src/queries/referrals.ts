/** Click-to-dial by REFER: rows that telephony takes and brings to an end. */
import { sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';

/** `done`: the phone has reached the number; `accepted`: it tries. */
export type ReferralState = 'waiting' | 'sent' | 'accepted' | 'done' | 'failed';

export interface Referral {
  readonly id: string;
  readonly userId: string;
  readonly number: string;
  readonly state: ReferralState;
  readonly sipStatus: number | null;
  readonly createdAt: Date;
}

/** Nobody who clicked waits longer for a phone. */
const PATIENCE = sql`interval '20 seconds'`;

const COLUMNS = sql`id, user_id as "userId", number, state, sip_status as "sipStatus", created_at as "createdAt"`;

/** Stores one, once per id; null when the company has no such user. */
export async function addReferral(
  db: Db,
  { companyId }: CompanyScope,
  asked: { readonly id: string; readonly userId: string; readonly number: string },
): Promise<Referral | null> {
  await sql`
    insert into referral (id, company_id, user_id, number)
    select ${asked.id}, ${companyId}, u.id, ${asked.number} from directory_user u
    where u.id::text = ${asked.userId} and u.company_id = ${companyId} and u.deleted_at is null
    on conflict do nothing`.execute(db);
  return getReferral(db, { companyId }, asked.id);
}

export async function getReferral(
  db: Db,
  { companyId }: Pick<CompanyScope, 'companyId'>,
  id: string,
): Promise<Referral | null> {
  const { rows } = await sql<Referral>`select ${COLUMNS} from referral
    where id::text = ${id} and company_id = ${companyId}`.execute(db);
  return rows[0] ?? null;
}

export interface DueReferral extends Referral {
  readonly companyId: string;
  readonly extension: string;
}

/**
 * Those whose user has a phone at this SIP server; they count as sent from now on, so that none is sent twice. Those that found no phone in
 * time, or no answer, have failed.
 */
export async function takeReferrals(db: Db, server: string, limit: number): Promise<DueReferral[]> {
  await sql`update referral set state = 'failed', sip_status = 480, updated_at = now()
    where state = 'waiting' and created_at < now() - ${PATIENCE}`.execute(db);
  await sql`update referral set state = 'failed', sip_status = 408, updated_at = now()
    where state = 'sent' and created_at < now() - interval '1 minute'`.execute(db);
  const { rows } = await sql<DueReferral>`
    with due as (
      select r.id from referral r where r.state = 'waiting' and exists (
        select 1 from sip_login l join registration b on b.sip_login_id = l.id
        where l.user_id = r.user_id and l.company_id = r.company_id and l.disabled_at is null and b.expires_at > now()
          and regexp_replace(b.instance, '[.][0-9]+$', '') = ${server})
      order by r.created_at limit ${limit} for update skip locked
    ), taken as (
      update referral r set state = 'sent', updated_at = now() from due where r.id = due.id returning r.*
    )
    select taken.id, taken.company_id as "companyId", taken.user_id as "userId", taken.number, taken.state, taken.sip_status as "sipStatus",
      taken.created_at as "createdAt", u.extension
    from taken join directory_user u on u.id = taken.user_id order by taken.created_at`.execute(db);
  return rows;
}

/** What became of it; an end is never taken back. */
export async function reportReferral(
  db: Db,
  companyId: string,
  id: string,
  state: ReferralState,
  sipStatus: number,
): Promise<void> {
  await sql`update referral set state = ${state}, sip_status = ${sipStatus}, updated_at = now()
    where id = ${id} and company_id = ${companyId} and state in ('sent', 'accepted')`.execute(db);
}
