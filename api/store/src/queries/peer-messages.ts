/** What peers say of users' messages (RFC 3842): whom a name that a peer uses means, and its last word on him. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';
import type { MessageSummary } from './subscriptions.ts';

/** Whom a peer means. */
export interface PeerMailbox {
  readonly trunkId: string;
  readonly companyId: string;
  /** Null: a box of the company. */
  readonly userId: string | null;
  /** Null: the user has no box here. */
  readonly boxId: string | null;
}

/**
 * Who is meant by the first of the names that means anybody, of those the trunks reach. A number (`did`) means whom its rule leads to, in any
 * company below the trunk's owner; an extension, a log-in name or the access number of a box mean somebody only where the trunk is the
 * company's own. Null: nobody.
 */
export async function peerMailbox(
  db: Db,
  trunkIds: readonly string[],
  names: readonly (readonly string[])[],
): Promise<PeerMailbox | null> {
  const spelled = names.flatMap((spellings, place) => spellings.map((name) => ({ name, place })));
  const { rows } = await sql<PeerMailbox>`
    with called as (
      select * from unnest(${spelled.map(({ name }) => name)}::text[], ${spelled.map(({ place }) => place)}::int[]) as one (name, place)
    ), reach as (
      select trunk.id as trunk_id, owner.id as company_id, trunk.owner_id = owner.id as own
      from trunk join owner on owner.path @> array[trunk.owner_id] and owner.kind = 'company' and owner.deleted_at is null
      where trunk.id = any(${[...trunkIds]}::uuid[])
    ), found as (
      select reach.*, called.place, 0 as rank, case when rule.destination_type = 'user' then rule.destination_id end as user_id,
        case when rule.destination_type = 'voicemail' then rule.destination_id end as box_id
      from called join phone_number n on n.kind = 'did' and n.dialled = called.name
      join reach on reach.company_id = n.company_id
      join routing_rule rule on rule.phone_number_id = n.id and rule.company_id = n.company_id and rule.enabled
        and rule.destination_type in ('user', 'voicemail')
      union all
      select reach.*, called.place, 1, u.id::text, null from called join reach on reach.own
      join directory_user u on u.company_id = reach.company_id
        and (u.extension = called.name or exists (select 1 from sip_login l where l.user_id = u.id and l.username = called.name))
      union all
      select reach.*, called.place, 2, null, box.id::text from called join reach on reach.own
      join voicemail_box box on box.company_id = reach.company_id and box.access_number = called.name
    )
    select found.trunk_id as "trunkId", found.company_id as "companyId", u.id as "userId", box.id as "boxId"
    from found
    left join voicemail_box box on box.company_id = found.company_id and box.deleted_at is null
      and (box.id::text = found.box_id or box.user_id::text = found.user_id)
    left join directory_user u on u.company_id = found.company_id and u.deleted_at is null 
      and u.id::text = coalesce(found.user_id, box.user_id::text)
    where u.id is not null or (found.user_id is null and box.id is not null)
    order by found.place, found.rank, found.trunk_id limit 1`.execute(db);
  return rows[0] ?? null;
}

export interface PeerWord extends MessageSummary {
  readonly companyId: string;
  readonly userId: string;
  readonly trunkId: string;
  /** Of the NOTIFY. */
  readonly sipCallId: string;
  readonly cseq: number;
}

/** Keeps a peer's word; one that a later NOTIFY of the same Call-ID has overtaken changes nothing. The user's lamp follows by itself. */
export async function keepPeerWord(db: Db, word: PeerWord): Promise<void> {
  await sql`
    insert into peer_message_summary as known (user_id, trunk_id, company_id, waiting, new_messages, old_messages, new_urgent, old_urgent,
      sip_call_id, cseq)
    select u.id, ${word.trunkId}, u.company_id, ${word.waiting}, ${word.fresh}, ${word.old}, ${word.freshUrgent}, ${word.oldUrgent},
      ${word.sipCallId}, ${word.cseq}
    from directory_user u where u.id = ${word.userId} and u.company_id = ${word.companyId} and u.deleted_at is null
    on conflict (user_id, trunk_id) do update set waiting = excluded.waiting, new_messages = excluded.new_messages,
      old_messages = excluded.old_messages, new_urgent = excluded.new_urgent, old_urgent = excluded.old_urgent,
      sip_call_id = excluded.sip_call_id, cseq = excluded.cseq, updated_at = now()
    where known.sip_call_id <> excluded.sip_call_id or known.cseq < excluded.cseq`.execute(db);
}
