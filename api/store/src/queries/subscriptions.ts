/** Subscriptions of phones and trusted peers to presence, dialogs and message counts (RFC 6665): rows, so that any boot of a media instance can notify. */
import { sql } from 'kysely';
import type { ChatPresence } from './chat-presence.ts';
import type { PresenceDialog, PresenceState } from './presence.ts';
import type { Db } from './scope.ts';

export const EVENT_PACKAGES = ['message-summary', 'dialog', 'presence'] as const;
export type EventPackage = (typeof EVENT_PACKAGES)[number];

/** What a subscription is about: a user, or a box on its own for a peer. */
export interface SubscriptionTarget {
  readonly userId: string | null;
  readonly boxId: string | null;
}

/**
 * What the name in a Request-URI means to a log-in of the company: a user's extension or log-in name; for messages the log-in's own user,
 * by the access number of his box too. A user whose box sets no lamp has messages only where a peer tells of some. Null: nothing in the company.
 */
export async function subscriptionTarget(
  db: Db,
  asker: { readonly companyId: string; readonly userId: string | null },
  eventPackage: EventPackage,
  name: string,
): Promise<SubscriptionTarget | null> {
  if (eventPackage === 'message-summary') {
    // whose messages wait is the owner's business alone
    const { rows } = await sql<{ id: string }>`
      select u.id from directory_user u left join voicemail_box box on box.user_id = u.id and box.deleted_at is null
      where u.company_id = ${asker.companyId} and u.id = ${asker.userId} and u.deleted_at is null
        and (box.id is null or box.mwi or exists (select 1 from peer_message_summary p where p.user_id = u.id))
        and (box.access_number = ${name} or u.extension = ${name}
          or exists (select 1 from sip_login l where l.user_id = u.id and l.username = ${name})) limit 1`.execute(db);
    return rows[0] ? { userId: rows[0].id, boxId: null } : null;
  }
  const { rows } = await sql<{ id: string }>`
    select u.id from directory_user u where u.company_id = ${asker.companyId} and u.deleted_at is null
      and (u.extension = ${name} or exists (select 1 from sip_login l where l.user_id = u.id and l.username = ${name}))
    order by u.extension = ${name} desc limit 1`.execute(db);
  return rows[0] ? { userId: rows[0].id, boxId: null } : null;
}

/** Whose a subscription is: a phone's log-in, or a peer. */
export type Subscriber = { readonly loginId: string } | { readonly trunkId: string };

export interface NewSubscription extends SubscriptionTarget {
  readonly dialogId: string;
  readonly companyId: string;
  readonly subscriber: Subscriber;
  readonly server: string;
  readonly package: EventPackage;
  readonly entity: string;
  readonly eventId: string | null;
  readonly seconds: number;
}

/** Nothing is told within this time after a subscription, so that its answer is out first. */
const ANSWER_FIRST = sql`now() + interval '50 milliseconds'`;

const ownedBy = (subscriber: Subscriber) =>
  'loginId' in subscriber
    ? sql`sip_login_id = ${subscriber.loginId}::uuid`
    : sql`trunk_id = ${subscriber.trunkId}::uuid`;

/** False: the subscriber has `most` already. */
export async function addSubscription(db: Db, row: NewSubscription, most: number): Promise<boolean> {
  const { subscriber } = row;
  const loginId = 'loginId' in subscriber ? subscriber.loginId : null;
  const trunkId = 'trunkId' in subscriber ? subscriber.trunkId : null;
  const { numAffectedRows } = await sql`
    insert into sip_subscription (dialog_id, company_id, sip_login_id, trunk_id, server, package, user_id, box_id, entity, event_id, expires_at, retry_at)
    select ${row.dialogId}, ${row.companyId}, ${loginId}::uuid, ${trunkId}::uuid, ${row.server}, ${row.package}, ${row.userId}, ${row.boxId}, ${row.entity},
      ${row.eventId}, now() + make_interval(secs => ${row.seconds}), ${ANSWER_FIRST}
    where (select count(*) from sip_subscription where ${ownedBy(subscriber)}) < ${most}
    on conflict (dialog_id) do nothing`.execute(db);
  return numAffectedRows === 1n;
}

/** Renews, or ends with 0 seconds; either way the subscriber is told once more. False: it has no such subscription. */
export async function renewSubscription(
  db: Db,
  companyId: string,
  subscriber: Subscriber,
  dialogId: string,
  seconds: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update sip_subscription set expires_at = now() + make_interval(secs => ${seconds}), told = -1, retry_at = ${ANSWER_FIRST}
    where dialog_id = ${dialogId} and company_id = ${companyId} and ${ownedBy(subscriber)}`.execute(db);
  return numAffectedRows === 1n;
}

/** Company and trunk of a dialog that one of these trunks has subscribed in; null: none has. */
export async function subscriptionOfPeer(
  db: Db,
  trunkIds: readonly string[],
  dialogId: string,
): Promise<{ readonly companyId: string; readonly subscriber: { readonly trunkId: string } } | null> {
  const { rows } = await sql<{ company_id: string; trunk_id: string }>`select company_id, trunk_id from sip_subscription
    where dialog_id = ${dialogId} and trunk_id = any(${[...trunkIds]}::uuid[])`.execute(db);
  return rows[0] ? { companyId: rows[0].company_id, subscriber: { trunkId: rows[0].trunk_id } } : null;
}

/** A NOTIFY that is due. */
export interface DueNotify {
  readonly dialogId: string;
  readonly package: EventPackage;
  readonly entity: string;
  readonly eventId: string | null;
  /** NOTIFYs sent so far: the version of a dialog document. */
  readonly notifies: number;
  /** 0: it has ended, and this is the last. */
  readonly secondsLeft: number;
  /** Version of the state below. */
  readonly version: number;
  readonly state: PresenceState;
  readonly dialogs: readonly PresenceDialog[];
  /** What the user says of himself; null: nothing. */
  readonly chat: ChatPresence | null;
  readonly messages: MessageSummary;
}

/** Messages of an account (RFC 3842 §5.2): urgent ones are among the fresh and the old. */
export interface MessageSummary {
  readonly waiting: boolean;
  readonly fresh: number;
  readonly old: number;
  readonly freshUrgent: number;
  readonly oldUrgent: number;
}

/** What the subscriptions of a SIP server are still to be told: a newer state, or that they have ended. */
export async function dueNotifies(db: Db, server: string, limit: number): Promise<DueNotify[]> {
  const { rows } = await sql<DueNotify>`
    select s.dialog_id as "dialogId", s.package, s.entity, s.event_id as "eventId", s.notifies,
      greatest(0, ceil(extract(epoch from s.expires_at - now())))::int as "secondsLeft",
      known.version, coalesce(p.state, 'unknown') as state, coalesce(p.dialogs, '[]'::jsonb) as dialogs,
      case when p.chat_status is null then null else json_build_object('status', p.chat_status, 'note', p.chat_note) end as chat,
      json_build_object('waiting', coalesce(um.waiting, m.new_messages > 0, false), 'fresh', coalesce(um.new_messages, m.new_messages, 0),
        'old', coalesce(um.old_messages, m.old_messages, 0), 'freshUrgent', coalesce(um.new_urgent, 0),
        'oldUrgent', coalesce(um.old_urgent, 0)) as messages
    from sip_subscription s
    left join user_presence p on p.user_id = s.user_id and p.company_id = s.company_id and s.package <> 'message-summary'
    left join user_message_state um on um.user_id = s.user_id and um.company_id = s.company_id and s.package = 'message-summary'
    left join mailbox_state m on m.box_id = s.box_id and m.company_id = s.company_id
    cross join lateral (select coalesce(p.version, um.version, m.version, 0) as version) known
    where s.server = ${server} and (s.retry_at is null or s.retry_at <= now()) and (s.told < known.version or s.expires_at <= now())
    order by s.expires_at limit ${limit}`.execute(db);
  return rows;
}

/** The phone has taken the NOTIFY. */
export async function notifyTaken(db: Db, server: string, dialogId: string, version: number): Promise<void> {
  await sql`update sip_subscription set told = ${version}, notifies = notifies + 1, retry_at = null
    where dialog_id = ${dialogId} and server = ${server}`.execute(db);
}

/** Keeps others, and the next round, from sending the same while a NOTIFY is under way. */
export async function notifyUnderWay(
  db: Db,
  server: string,
  dialogIds: readonly string[],
  seconds: number,
): Promise<void> {
  await sql`update sip_subscription set retry_at = now() + make_interval(secs => ${seconds})
    where dialog_id = any(${[...dialogIds]}::text[]) and server = ${server}`.execute(db);
}

/** The phone or its dialog is gone, or the subscription has ended. */
export async function endSubscription(db: Db, server: string, dialogId: string): Promise<void> {
  await sql`delete from sip_subscription where dialog_id = ${dialogId} and server = ${server}`.execute(db);
}

/** A registered phone that has no subscription and does not know its user's counts. */
export interface DueLamp {
  readonly loginId: string;
  readonly contact: string;
  readonly received: string;
  readonly path: string | null;
  readonly entity: string;
  readonly version: number;
  readonly messages: MessageSummary;
}

/** Phones of a SIP server whose lamp is to be set unasked. */
export async function dueLamps(db: Db, server: string, limit: number): Promise<DueLamp[]> {
  const { rows } = await sql<DueLamp>`
    select r.sip_login_id as "loginId", r.contact, r.received, r.path, u.extension as entity, m.version,
      json_build_object('waiting', m.waiting, 'fresh', m.new_messages, 'old', m.old_messages, 'freshUrgent', m.new_urgent,
        'oldUrgent', m.old_urgent) as messages
    from user_message_state m
    join directory_user u on u.id = m.user_id and u.deleted_at is null
    join sip_login l on l.user_id = u.id and l.company_id = m.company_id and l.disabled_at is null
    join registration r on r.sip_login_id = l.id and r.expires_at > now()
    where r.lamp_told < m.version and regexp_replace(r.instance, '[.][0-9]+$', '') = ${server}
      and not exists (select 1 from sip_subscription s
        where s.sip_login_id = l.id and s.package = 'message-summary' and s.expires_at > now())
    order by r.registered_at limit ${limit}`.execute(db);
  return rows;
}

/** The phone has answered, whatever it said: it is not told of this version again. */
export async function lampTold(db: Db, { loginId, contact, version }: DueLamp): Promise<void> {
  await sql`update registration set lamp_told = ${version}
    where sip_login_id = ${loginId} and contact = ${contact} and lamp_told < ${version}`.execute(db);
}
