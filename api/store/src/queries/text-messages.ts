/** Text messages between users of a company: stored before they are acknowledged, delivered once a phone is there. */
import { sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import type { Db } from './scope.ts';
import { uuidv7 } from './uuid.ts';

/** Context in which the text of a message is sealed. */
export const textMessageSeal = (companyId: string): SealContext => ({ owner: companyId, purpose: 'text-message' });

export interface NewTextMessage {
  readonly companyId: string;
  readonly fromUser: string;
  readonly toUser: string;
  readonly sipCallId: string;
  readonly cseq: number;
  readonly textEnc: Buffer;
}

/** Stores a message once, however often it is sent. False: both users must be of the company, and `most` may wait for one of them. */
export async function addTextMessage(db: Db, message: NewTextMessage, most: number): Promise<boolean> {
  const { companyId, fromUser, toUser, sipCallId, cseq } = message;
  await sql`
    insert into text_message (id, company_id, from_user, to_user, sip_call_id, cseq, text_enc)
    select ${uuidv7()}, ${companyId}, sender.id, receiver.id, ${sipCallId}, ${cseq}, ${message.textEnc}
    from directory_user sender, directory_user receiver
    where sender.id = ${fromUser} and receiver.id = ${toUser} and sender.company_id = ${companyId} and receiver.company_id = ${companyId}
      and sender.deleted_at is null and receiver.deleted_at is null
      and (select count(*) from text_message waiting where waiting.to_user = receiver.id and waiting.delivered_at is null) < ${most}
    on conflict do nothing`.execute(db);
  const { rows } = await sql`select 1 from text_message where company_id = ${companyId} and from_user = ${fromUser}
    and to_user = ${toUser} and sip_call_id = ${sipCallId} and cseq = ${cseq}`.execute(db);
  return rows.length > 0;
}

export interface DueTextMessage {
  readonly id: string;
  readonly companyId: string;
  readonly toUser: string;
  readonly textEnc: Buffer;
  readonly sender: { readonly number: string; readonly name: string };
  readonly sentAt: Date;
}

/**
 * Messages for users who have a phone at this SIP server, not tried yet, or not since the phone came, or not for a minute; they count as
 * tried from now on. In the order in which they were sent.
 */
export async function takeTextMessages(db: Db, server: string, limit: number): Promise<DueTextMessage[]> {
  const { rows } = await sql<DueTextMessage>`
    with due as (
      select m.id from text_message m
      where m.delivered_at is null and exists (
        select 1 from sip_login l join registration r on r.sip_login_id = l.id
        where l.user_id = m.to_user and l.company_id = m.company_id and l.disabled_at is null and r.expires_at > now()
          and regexp_replace(r.instance, '[.][0-9]+$', '') = ${server}
          and (m.tried_at is null or m.tried_at < r.registered_at or m.tried_at < now() - interval '1 minute'))
      order by m.created_at, m.id limit ${limit} for update skip locked
    ), taken as (
      update text_message m set tried_at = now() from due where m.id = due.id returning m.*
    )
    select taken.id, taken.company_id as "companyId", taken.to_user as "toUser", taken.text_enc as "textEnc", taken.created_at as "sentAt",
      json_build_object('number', u.extension, 'name', trim(u.given_name || ' ' || u.family_name)) as sender
    from taken join directory_user u on u.id = taken.from_user order by taken.created_at, taken.id`.execute(db);
  return rows;
}

/** A phone of the receiver's has taken it. */
export async function textMessageDelivered(db: Db, companyId: string, id: string): Promise<void> {
  await sql`update text_message set delivered_at = now()
    where id = ${id} and company_id = ${companyId} and delivered_at is null`.execute(db);
}
