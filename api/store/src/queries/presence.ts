/** Presence: deriving it from what has changed, reading it, and the numbered events of a directory. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import { type ChatPresence, sweepPublications } from './chat-presence.ts';
import { type CompanyScope, type Db, inTransaction, type Page, page } from './scope.ts';
import type { MessageSummary } from './subscriptions.ts';

export const PRESENCE_STATES = [
  'unknown',
  'unavailable',
  'available',
  'ringing',
  'busy',
  'dnd',
  'reserved',
  'absent',
  'diverted',
] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

/** A live leg of a user, as a dialog document names it (RFC 4235). */
export interface PresenceDialog {
  readonly id: string;
  /** Seen from the user. */
  readonly direction: 'initiator' | 'recipient';
  readonly state: 'trying' | 'early' | 'confirmed';
}

interface Change {
  readonly owner_id: string;
  readonly kind: 'user' | 'registered' | 'unregistered' | 'trunk';
  readonly user_id: string | null;
  readonly body: Record<string, JsonValue>;
}

interface NewEvent {
  readonly ownerId: string;
  readonly type: string;
  readonly body: Readonly<Record<string, JsonValue>>;
}

/** One deriver at a time on the installation, so that events keep the order of what happened. */
const DERIVER_LOCK = 0x70726573;

/**
 * Takes up to `limit` noted changes, brings the presence of the users concerned up to date and writes the events that follow, all in
 * one transaction. Answers how many were taken; 0 also while another process is at it.
 */
export async function derivePresence(db: Db, limit: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { rows: locked } = await sql<{
      mine: boolean;
    }>`select pg_try_advisory_xact_lock(${DERIVER_LOCK}) as mine`.execute(tx);
    if (!locked[0]?.mine) return 0;
    const { rows: taken } = await sql<Change>`
      with taken as (
        delete from directory_change where id in (select id from directory_change order by id limit ${limit}) returning *
      ) select owner_id, kind, user_id, body from taken order by id`.execute(tx);
    if (taken.length === 0) return 0;
    const userIds = [...new Set(taken.flatMap((change) => change.user_id ?? []))];
    const events = taken.flatMap(eventOf);
    events.push(...(await refreshUsers(tx, userIds)));
    await writeEvents(tx, events);
    return taken.length;
  });
}

function eventOf({ owner_id: ownerId, kind, user_id: userId, body }: Change): NewEvent[] {
  if (kind === 'user') return [];
  if (kind === 'trunk') return [{ ownerId, type: 'trunk.state', body }];
  return [{ ownerId, type: `device.${kind}`, body: { ...body, userId } }];
}

/** Writes the presence of users whose state or legs are not as stored; the events of those whose state changed. */
async function refreshUsers(tx: Db, userIds: readonly string[]): Promise<NewEvent[]> {
  if (userIds.length === 0) return [];
  const { rows } = await sql<{
    user_id: string;
    company_id: string;
    state: PresenceState;
    before: PresenceState | null;
    chat: ChatPresence | null;
    chat_before: ChatPresence | null;
  }>`
    with derived as (
      select u.id as user_id, u.company_id, coalesce(live.dialogs, '[]'::jsonb) as dialogs, chat.status as chat_status, coalesce(chat.note, '') as chat_note,
        case
          when u.deleted_at is not null then 'unknown'
          when live.talking then 'busy'
          when live.ringing then 'ringing'
          when occupied.user_id is not null then 'reserved'
          when u.user_mode = 'dnd' and moded.holds then 'dnd'
          when u.user_mode = 'away' and moded.holds then 'absent'
          when u.user_mode = 'divert' and moded.holds then 'diverted'
          when u.suspended_at is not null or not exists (
            select 1 from sip_login l join registration r on r.sip_login_id = l.id
            where l.user_id = u.id and l.disabled_at is null and r.expires_at > now()) then 'unavailable'
          else 'available'
        end as state
      from directory_user u
      cross join lateral (select u.mode_until is null or u.mode_until > now() as holds) moded
      left join pool_occupation occupied on occupied.user_id = u.id and occupied.company_id = u.company_id and occupied.grants <> '[]'::jsonb
      left join lateral (
        select bool_or(not rings) as talking, bool_or(rings) as ringing,
          jsonb_agg(jsonb_build_object('id', md5(leg.id), 'direction', case leg.direction when 'inbound' then 'initiator' else 'recipient' end,
            'state', case leg.state when 'answered' then 'confirmed' when 'early' then 'early' else 'trying' end)
            order by leg.created_at, leg.id) as dialogs
        from leg join media_instance m on m.instance = leg.instance and m.state = 'alive'
        cross join lateral (select leg.direction = 'outbound' and leg.state <> 'answered' as rings) rung
        where leg.coordinates->>'id' = u.id::text and leg.coordinates->>'type' = 'user' and leg.company_id = u.company_id
          and leg.state not in ('ended', 'released')
      ) live on true
      left join lateral (
        select c.status, c.note from chat_publication c
        where c.user_id = u.id and c.company_id = u.company_id and u.deleted_at is null and (c.expires_at is null or c.expires_at > now())
        order by c.updated_at desc, c.etag desc limit 1
      ) chat on true
      where u.id = any(${[...userIds]}::uuid[])
    ), before as (
      select user_id, state, chat_status, chat_note from user_presence where user_id = any(${[...userIds]}::uuid[])
    ), written as (
      insert into user_presence (user_id, company_id, state, dialogs, chat_status, chat_note)
        select user_id, company_id, state, dialogs, chat_status, chat_note from derived
      on conflict (user_id) do update set state = excluded.state, dialogs = excluded.dialogs, chat_status = excluded.chat_status,
        chat_note = excluded.chat_note, version = user_presence.version + 1,
        since = case when user_presence.state = excluded.state then user_presence.since else now() end
      where (user_presence.state, user_presence.dialogs, user_presence.chat_status, user_presence.chat_note)
        is distinct from (excluded.state, excluded.dialogs, excluded.chat_status, excluded.chat_note)
      returning user_id, company_id, state, chat_status, chat_note
    )
    select written.user_id, written.company_id, written.state, before.state as before, ${chatSeen('written')} as chat, ${chatSeen('before')} as chat_before
    from written left join before on before.user_id = written.user_id order by written.user_id`.execute(tx);
  const events: NewEvent[] = [];
  for (const { user_id: userId, company_id: ownerId, state, before, chat, chat_before: said } of rows) {
    if (state !== before) events.push({ ownerId, type: 'user.presence', body: { userId, state, before } });
    if (!isDeepStrictEqual(chat, said))
      events.push({
        ownerId,
        type: 'user.chat',
        body: { userId, chat: chat && { ...chat }, before: said && { ...said } },
      });
  }
  return events;
}

/** What a user says of himself, as it stands in a row; null: nothing. */
const chatSeen = (table: 'written' | 'before') => {
  const [status, note] = [sql.ref(`${table}.chat_status`), sql.ref(`${table}.chat_note`)];
  return sql`case when ${status} is null then null else json_build_object('status', ${status}, 'note', ${note}) end`;
};

/** Numbers follow on, in the order given; the owner's block is locked until the transaction ends, so that none is seen before an earlier one. */
export async function writeEvents(tx: Db, events: readonly NewEvent[]): Promise<void> {
  const owners = [...new Set(events.map((event) => event.ownerId))].sort();
  for (const ownerId of owners) {
    const own = events.filter((event) => event.ownerId === ownerId);
    await sql`
      with block as (
        insert into number_block (owner_id, type, next) values (${ownerId}, 'directory-event', ${own.length + 1})
        on conflict (owner_id, type) do update set next = number_block.next + ${own.length} returning next - ${own.length} as first
      )
      insert into directory_event (owner_id, n, type, body)
      select ${ownerId}, block.first + place - 1, type, body::jsonb
      from block, unnest(${own.map((event) => event.type)}::text[], ${own.map((event) => JSON.stringify(event.body))}::text[])
        with ordinality as told (type, body, place)`.execute(tx);
  }
}

/** Lets go what time has ended: bindings, modes. Their presence follows with the next derivation. */
export async function sweepPresence(db: Db): Promise<void> {
  await sql`delete from registration where expires_at <= now()`.execute(db);
  await sweepPublications(db);
  await sql`insert into directory_change (owner_id, kind, user_id)
    select u.company_id, 'user', u.id from directory_user u join user_presence p on p.user_id = u.id
    where u.mode_until <= now() and u.user_mode <> 'normal' and p.state in ('dnd', 'absent', 'diverted')`.execute(db);
}

export interface PresenceDevice {
  readonly id: string;
  readonly number: number;
  readonly type: string;
  readonly name: string;
  /** Null: not registered. */
  readonly registered: { readonly userAgent: string; readonly address: string; readonly since: string } | null;
}

export interface UserPresence {
  readonly userId: string;
  readonly number: number;
  readonly extension: string;
  readonly name: string;
  readonly state: PresenceState;
  readonly since: Date;
  readonly mode: string;
  readonly note: string;
  readonly phrase: string;
  /** What the user says of himself; null: nothing. */
  readonly chat: ChatPresence | null;
  readonly calls: number;
  /** What his phones' lamps show: his box and what peers say. */
  readonly messages: MessageSummary;
  readonly devices: readonly PresenceDevice[];
}

/** Users of the company with state, mode and devices, by number. */
export async function listPresence(
  db: Db,
  { companyId }: CompanyScope,
  filter: { readonly after: number; readonly limit: number; readonly extension?: string },
): Promise<Page<UserPresence>> {
  const { rows } = await sql<UserPresence>`
    select u.id as "userId", u.number, u.extension, trim(u.given_name || ' ' || u.family_name) as name,
      coalesce(p.state, 'unknown') as state, coalesce(p.since, u.created_at) as since,
      case when u.mode_until is null or u.mode_until > now() then u.user_mode else 'normal' end as mode, u.mode_note as note, u.phrase,
      case when p.chat_status is null then null else json_build_object('status', p.chat_status, 'note', p.chat_note) end as chat,
      coalesce(jsonb_array_length(p.dialogs), 0) as calls,
      json_build_object('waiting', coalesce(m.waiting, false), 'fresh', coalesce(m.new_messages, 0), 'old', coalesce(m.old_messages, 0),
        'freshUrgent', coalesce(m.new_urgent, 0), 'oldUrgent', coalesce(m.old_urgent, 0)) as messages,
      coalesce((select json_agg(json_build_object('id', d.id, 'number', d.number, 'type', d.type, 'name', d.name, 'registered', bound.seen)
          order by d.number)
        from device d left join lateral (
          select json_build_object('userAgent', r.user_agent, 'address', r.received,
            'since', to_char(r.registered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as seen
          from registration r where r.sip_login_id = d.sip_login_id and r.expires_at > now() order by r.registered_at desc limit 1
        ) bound on true
        where d.user_id = u.id and d.company_id = u.company_id), '[]'::json) as devices
    from directory_user u left join user_presence p on p.user_id = u.id
    left join user_message_state m on m.user_id = u.id and m.company_id = u.company_id
    where u.company_id = ${companyId} and u.deleted_at is null and u.number > ${filter.after}
      and (${filter.extension === undefined} or u.extension = ${filter.extension ?? ''})
    order by u.number limit ${filter.limit + 1}`.execute(db);
  return page(rows, filter.limit, (row) => String(row.number));
}

export interface DirectoryEvent {
  readonly n: number;
  readonly at: Date;
  readonly type: string;
  readonly body: JsonValue;
}

/** Events of the company above a number, in order. */
export async function directoryEvents(
  db: Db,
  { companyId }: CompanyScope,
  after: number,
  limit: number,
): Promise<DirectoryEvent[]> {
  const { rows } = await sql<DirectoryEvent>`select n, at, type, body from directory_event
    where owner_id = ${companyId} and n > ${after} order by n limit ${limit}`.execute(db);
  return rows;
}

/** Number of the company's last event; 0 before the first. */
export async function lastDirectoryEvent(db: Db, { companyId }: CompanyScope): Promise<number> {
  const { rows } = await sql<{
    n: number | null;
  }>`select max(n) as n from directory_event where owner_id = ${companyId}`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** Events of many companies at once, each above its own number: for one reader that serves many listeners. */
export async function directoryEventsOf(
  db: Db,
  places: readonly { readonly companyId: string; readonly after: number }[],
  limit: number,
): Promise<(DirectoryEvent & { readonly companyId: string })[]> {
  const { rows } = await sql<DirectoryEvent & { companyId: string }>`
    select event.owner_id as "companyId", event.n, event.at, event.type, event.body
    from unnest(${places.map((place) => place.companyId)}::uuid[], ${places.map((place) => place.after)}::bigint[]) as wanted (owner_id, after)
    join directory_event event on event.owner_id = wanted.owner_id and event.n > wanted.after
    order by event.owner_id, event.n limit ${limit}`.execute(db);
  return rows;
}

/** How many messages a box has: whoever stores or deletes one says so, and its phones are told. False when the box is unknown. */
export async function setMailboxCounts(
  db: Db,
  companyId: string,
  boxId: string,
  counts: { readonly fresh: number; readonly old: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into mailbox_state (box_id, company_id, new_messages, old_messages)
    select id, company_id, ${counts.fresh}, ${counts.old} from voicemail_box where id = ${boxId} and company_id = ${companyId}
    on conflict (box_id) do update set new_messages = excluded.new_messages, old_messages = excluded.old_messages,
      version = mailbox_state.version
        + ((mailbox_state.new_messages, mailbox_state.old_messages) is distinct from (excluded.new_messages, excluded.old_messages))::int`.execute(
    db,
  );
  return numAffectedRows === 1n;
}
