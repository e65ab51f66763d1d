/** What flows ask of and do with the company's own things: modes of users, lists of callers, address books, notices by webhook. */
import type {
  CallerListLookup,
  ContactLookup,
  IoResult,
  JsonValue,
  NoticeLookup,
  UserModeLookup,
} from '@callwright/engine';
import { spellings } from '@callwright/engine/numbers';
import { fitsPattern } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { type CallerListKind, callerListEntriesFor } from './caller-lists.ts';
import { findContactsByNumber } from './contacts.ts';
import { NOT_FOUND } from './destinations/destination-type.ts';
import { localeOf, settingsOfCompany } from './owners.ts';
import { type Db, inTransaction, nextNumber, trustedScope } from './scope.ts';
import { updateUser } from './users.ts';
import { uuidv7 } from './uuid.ts';

type FlowAct = UserModeLookup | CallerListLookup | ContactLookup | NoticeLookup;

/** Answers, or does once per call and key. `callId` null: only what changes nothing. */
export async function actForFlow(db: Db, companyId: string, callId: string | null, act: FlowAct): Promise<IoResult> {
  switch (act.what) {
    case 'user-mode':
      return setMode(db, companyId, callId, act);
    case 'caller-list':
      return findInLists(db, companyId, act);
    case 'contact':
      return findContact(db, companyId, act);
    case 'notice':
      return callId === null ? NOT_FOUND : queueNotice(db, companyId, callId, act);
  }
}

interface UserRow {
  readonly id: string;
  readonly mode: 'normal' | 'dnd' | 'away' | 'divert';
  readonly divert: string | null;
}

async function findUser(db: Db, companyId: string, user: string): Promise<UserRow | null> {
  const { rows } = await sql<UserRow>`
    select id, case when mode_until is null or mode_until > now() then user_mode else 'normal' end as mode, divert_number as divert
    from directory_user where company_id = ${companyId} and deleted_at is null and (id::text = ${user} or extension = ${user})
    order by id::text = ${user} desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** What an act came to, the first time it was asked for. */
async function once(
  db: Db,
  companyId: string,
  callId: string,
  key: string,
  act: (tx: Db) => Promise<IoResult>,
): Promise<IoResult> {
  return inTransaction(db, async (tx) => {
    // a second worker with the same act waits here for what the first comes to
    await sql`select pg_advisory_xact_lock(hashtextextended(${`act:${callId}:${key}`}, 0))`.execute(tx);
    const { rows } = await sql<{ result: IoResult }>`select result from flow_act
      where company_id = ${companyId} and call_id = ${callId} and key = ${key}`.execute(tx);
    if (rows[0]) return rows[0].result;
    const result = await act(tx);
    await sql`insert into flow_act (company_id, call_id, key, result)
      values (${companyId}, ${callId}, ${key}, ${JSON.stringify(result)})`.execute(tx);
    return result;
  });
}

async function setMode(db: Db, companyId: string, callId: string | null, act: UserModeLookup): Promise<IoResult> {
  if (act.mode === null) {
    const user = await findUser(db, companyId, act.user);
    return user ? { status: 'user-mode', mode: user.mode } : NOT_FOUND;
  }
  if (callId === null) return NOT_FOUND;
  const wanted = act.mode;
  return once(db, companyId, callId, `user-mode/${act.key}`, async (tx) => {
    const user = await findUser(tx, companyId, act.user);
    if (!user) return NOT_FOUND;
    const mode = act.toggle && user.mode === wanted ? 'normal' : wanted;
    const number = act.number ?? user.divert;
    if (mode === 'divert' && (number === null || !/^[+*#0-9]{1,64}$/.test(number))) return NOT_FOUND;
    await updateUser(tx, trustedScope(companyId), user.id, {
      mode,
      modeUntil: act.forMs === null || mode === 'normal' ? null : new Date(Date.now() + act.forMs),
      modeNote: mode === 'normal' ? '' : act.note,
      ...(mode === 'divert' ? { divertNumber: number } : {}),
    });
    return { status: 'user-mode', mode };
  });
}

async function findInLists(db: Db, companyId: string, { number, list }: CallerListLookup): Promise<IoResult> {
  const { country } = localeOf(await settingsOfCompany(db, trustedScope(companyId)));
  const written = [...spellings(number, country)];
  if (list === null) return nearest(await callerListEntriesFor(db, companyId, written, null), written);
  const { rows } = await sql<{
    kind: CallerListKind;
    name: string;
    entries: { pattern: string; note: string }[] | null;
  }>`
    select l.kind, l.name, (select json_agg(json_build_object('pattern', e.pattern, 'note', e.note) order by e.pattern)
      from caller_list_entry e where e.list_id = l.id and (e.expires_at is null or e.expires_at > now())
        and (e.pattern = any(${written}::text[]) or e.pattern !~ '^[+]?[0-9]+$')) as entries
    from owner company join caller_list l on l.owner_id = any(company.path)
    where company.id = ${companyId} and (l.id::text = ${list} or l.name = ${list})
    order by array_position(company.path, l.owner_id) desc, l.user_id is not null limit 1`.execute(db);
  const found = rows[0];
  if (!found) return NOT_FOUND;
  const entry = found.entries?.find(({ pattern }) => fitsPattern(pattern, written));
  return { status: 'listed', kind: entry ? found.kind : null, list: found.name, note: entry?.note ?? '' };
}

/** Entries come nearest first; among those of one owner a number let in counts before one refused. */
const RANK: Readonly<Record<CallerListKind, number>> = { vip: 0, allow: 1, block: 2 };

function nearest(entries: Awaited<ReturnType<typeof callerListEntriesFor>>, written: readonly string[]): IoResult {
  const [found] = entries
    .filter(({ pattern }) => fitsPattern(pattern, written))
    .toSorted((a, b) => a.level - b.level || RANK[a.kind] - RANK[b.kind]);
  return { status: 'listed', kind: found?.kind ?? null, list: found?.list ?? '', note: found?.note ?? '' };
}

async function findContact(db: Db, companyId: string, { number, user }: ContactLookup): Promise<IoResult> {
  const scope = trustedScope(companyId);
  const { country } = localeOf(await settingsOfCompany(db, scope));
  const known = user === null ? null : await findUser(db, companyId, user);
  const [contact] = await findContactsByNumber(db, scope, { number, country, userId: known?.id ?? null, limit: 1 });
  if (!contact) return NOT_FOUND;
  const { id, givenName, familyName, organisation, email, favourite, data } = contact;
  const { rows } = await sql<{ name: string }>`
    select name from phonebook where company_id = ${companyId} and id = ${contact.phonebookId}`.execute(db);
  return {
    status: 'contact',
    contact: {
      id,
      name: [givenName, familyName].filter((part) => part !== '').join(' ') || organisation,
      givenName,
      familyName,
      organisation,
      email: email ?? '',
      phonebook: rows[0]?.name ?? '',
      favourite,
      data: data as JsonValue,
    },
  };
}

/** Addresses to which flows of a company may send notices beside those its administrators made. */
const MOST_ADDRESSES = 100;

/** The webhook of the company that a flow names; an address it has none for becomes one, for notices only. */
async function findWebhook(tx: Db, companyId: string, to: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from webhook where company_id = ${companyId} and rule = 'callwright' and (id::text = ${to} or name = ${to} or url = ${to})
    order by id::text = ${to} desc, name = ${to} desc, number limit 1`.execute(tx);
  if (rows[0]) return rows[0].id;
  const url = URL.parse(to);
  // as the API takes them
  if (!url || !/^https?:\/\/[^\s@]+$/.test(to)) return null;
  const count = await sql<{
    n: number;
  }>`select count(*)::int as n from webhook where company_id = ${companyId}`.execute(tx);
  if (count.rows[0]!.n >= MOST_ADDRESSES) return null;
  const id = uuidv7();
  await sql`insert into webhook (id, company_id, number, name, url, events)
    values (${id}, ${companyId}, ${await nextNumber(tx, companyId, 'webhook')}, ${to.slice(0, 100)}, ${to}, ${['flow.notify']}::text[])`.execute(
    tx,
  );
  return id;
}

async function queueNotice(db: Db, companyId: string, callId: string, notice: NoticeLookup): Promise<IoResult> {
  return inTransaction(db, async (tx) => {
    // two calls that are the first to tell an address make one webhook of it
    await sql`select pg_advisory_xact_lock(hashtextextended(${`notice:${companyId}`}, 0))`.execute(tx);
    const webhook = await findWebhook(tx, companyId, notice.to);
    if (webhook === null) return NOT_FOUND;
    const id = `flow-${callId}-${notice.key}`;
    const at = new Date();
    const head = { id, type: 'flow.notify', version: 1, at: at.toISOString(), companyId };
    const body = { ...head, callId, data: { event: notice.event, values: notice.data } };
    await sql`insert into webhook_delivery (webhook_id, company_id, event_id, type, at, body)
      values (${webhook}, ${companyId}, ${id}, 'flow.notify', ${at}, ${JSON.stringify(body)}::jsonb)
      on conflict (webhook_id, event_id) do nothing`.execute(tx);
    return { status: 'notice-queued' };
  });
}
