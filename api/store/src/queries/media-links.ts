/** Links between media instances: asked for, answered and left by rows, so that either side may die at any point. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';

/** Channel of the notices that say to an instance that a link of its own has changed. */
export const LINK_NOTICES = 'callwright_media_link';

/** A living leg of the call on another instance that lives; null when there is none. */
export async function findFarLeg(
  db: Db,
  companyId: string,
  far: { readonly callId: string; readonly leg: string; readonly here: string },
): Promise<{ readonly instance: string } | null> {
  const { rows } = await sql<{ instance: string }>`
    select leg.instance from leg join media_instance i on i.instance = leg.instance and i.state = 'alive'
    where leg.id = ${far.leg} and leg.company_id = ${companyId} and leg.call_id = ${far.callId}
      and leg.state not in ('ended', 'released') and leg.instance <> ${far.here}`.execute(db);
  return rows[0] ?? null;
}

export interface LinkRequest {
  readonly id: string;
  readonly callId: string;
  readonly leg: string;
  readonly instance: string;
  readonly channel: string;
  readonly farLeg: string;
  readonly farInstance: string;
  readonly offer: string;
  /** `leg` hears `farLeg` and speaks so; null = the two talk. */
  readonly supervision: string | null;
}

/** Asks the other instance for the far end of a link. */
export async function askLink(db: Db, companyId: string, link: LinkRequest): Promise<void> {
  await sql`
    with asked as (
      insert into media_link (id, company_id, call_id, leg_a, instance_a, channel_a, leg_b, instance_b, offer, supervision)
      values (${link.id}, ${companyId}, ${link.callId}, ${link.leg}, ${link.instance}, ${link.channel}, ${link.farLeg},
        ${link.farInstance}, ${link.offer}, ${link.supervision})
      on conflict (id) do nothing returning instance_b
    ) select pg_notify(${LINK_NOTICES}, instance_b) from asked`.execute(db);
}

/** A link as one of its two sides sees it. */
export interface LinkView {
  readonly id: string;
  readonly companyId: string;
  readonly callId: string;
  readonly side: 'a' | 'b';
  readonly leg: string;
  readonly farLeg: string;
  readonly state: 'asked' | 'open' | 'left';
  /** `left` too when the other instance is lost. */
  readonly farState: 'asked' | 'open' | 'left';
  readonly offer: string;
  readonly answer: string | null;
  /** What leg `a` does with leg `b`; null = they talk. */
  readonly supervision: 'listen' | 'whisper' | 'barge' | null;
}

/** All links of an instance that somebody has not left yet. */
export async function linksOf(db: Db, instance: string): Promise<readonly LinkView[]> {
  const lives = (column: 'instance_a' | 'instance_b') =>
    sql`exists (select 1 from media_instance i where i.instance = ${sql.ref(`l.${column}`)} and i.state = 'alive')`;
  const { rows } = await sql<LinkView>`
    select l.id, l.company_id as "companyId", l.call_id as "callId", 'a' as side, l.leg_a as leg, l.leg_b as "farLeg", l.state_a as state,
      case when ${lives('instance_b')} then l.state_b else 'left' end as "farState", l.offer, l.answer, l.supervision
    from media_link l where l.instance_a = ${instance}
    union all
    select l.id, l.company_id, l.call_id, 'b', l.leg_b, l.leg_a, l.state_b,
      case when ${lives('instance_a')} then l.state_a else 'left' end, l.offer, l.answer, l.supervision
    from media_link l where l.instance_b = ${instance}`.execute(db);
  return rows;
}

/** The asked side is joined. False: it was not asked, or nobody waits for it any more. */
export async function answerLink(
  db: Db,
  instance: string,
  id: string,
  { answer, channel }: { readonly answer: string; readonly channel: string },
): Promise<boolean> {
  const { rows } = await sql`
    with answered as (
      update media_link set state_b = 'open', answer = ${answer}, channel_b = ${channel}
      where id = ${id} and instance_b = ${instance} and state_b = 'asked' and state_a = 'open' returning instance_a
    ) select pg_notify(${LINK_NOTICES}, instance_a) from answered`.execute(db);
  return rows.length === 1;
}

/** The instance has parted its side, or will not take part; the last to leave takes the row along. Repeatable. */
export async function leaveLink(db: Db, instance: string, id: string): Promise<void> {
  await sql`
    with gone as (
      update media_link set state_a = case when instance_a = ${instance} then 'left' else state_a end,
        state_b = case when instance_b = ${instance} then 'left' else state_b end
      where id = ${id} and ${instance} in (instance_a, instance_b)
      returning case when instance_a = ${instance} then instance_b else instance_a end as far
    ) select pg_notify(${LINK_NOTICES}, far) from gone`.execute(db);
  await sql`delete from media_link where id = ${id} and state_a = 'left' and state_b = 'left'`.execute(db);
}

/** Leaves the links of all epochs of `name` before `epoch`; names the channels that they have left on the media server. */
export async function orphanLinks(db: Db, name: string, epoch: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; instance: string; channel: string | null }>`
    select l.id, i.instance, case when l.instance_a = i.instance then l.channel_a else l.channel_b end as channel
    from media_instance i join media_link l on i.instance in (l.instance_a, l.instance_b)
    where i.name = ${name} and i.epoch < ${epoch}`.execute(db);
  for (const { id, instance } of rows) await leaveLink(db, instance, id);
  // of instances whose names nobody boots any more
  await sql`delete from media_link where created_at < now() - interval '2 days' and not exists (
    select 1 from media_instance i where i.instance in (instance_a, instance_b) and i.state = 'alive')`.execute(db);
  return rows.flatMap(({ channel }) => channel ?? []);
}
