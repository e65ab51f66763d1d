/** Lists of callers to let in, to refuse and to prefer: of an owner and all below it, or of one user. */
import { spellings } from '@callwright/engine/numbers';
import { fitsPattern } from '@callwright/engine/routing';
import { type RawBuilder, sql } from 'kysely';
import { localeOf, type OwnerSettings } from './owners.ts';
import { type CompanyScope, type Db, inSubtree, inTransaction, nextNumber, type Page, page } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export type CallerListKind = 'allow' | 'block' | 'vip';

export interface CallerListEntry {
  /** A number or a pattern of the routing rules. */
  readonly pattern: string;
  readonly note: string;
  readonly expiresAt: Date | null;
}

export interface CallerListRow {
  readonly id: string;
  readonly number: number;
  readonly ownerId: string;
  /** Null: for all calls of the owner's companies. */
  readonly userId: string | null;
  readonly name: string;
  readonly kind: CallerListKind;
  readonly entries: number;
  readonly createdAt: Date;
}

const SELECTED = sql`l.id, l.number, l.owner_id as "ownerId", l.user_id as "userId", l.name, l.kind, l.created_at as "createdAt",
  (select count(*)::int from caller_list_entry e where e.list_id = l.id) as entries`;

/** A list of the asking owner or of one below it. */
export async function getCallerList(db: Db, asker: string, id: string): Promise<CallerListRow | null> {
  const { rows } = await sql<CallerListRow>`select ${SELECTED} from caller_list l join owner on owner.id = l.owner_id
    where l.id = ${id} and ${inSubtree(asker)}`.execute(db);
  return rows[0] ?? null;
}

/** Lists of one owner in the asking owner's subtree, by number. */
export async function listCallerLists(
  db: Db,
  asker: string,
  filter: { readonly ownerId: string; readonly after: number; readonly limit: number },
): Promise<Page<CallerListRow>> {
  const { rows } = await sql<CallerListRow>`select ${SELECTED} from caller_list l join owner on owner.id = l.owner_id
    where l.owner_id = ${filter.ownerId} and ${inSubtree(asker)} and l.number > ${filter.after}
    order by l.number limit ${filter.limit + 1}`.execute(db);
  return page(rows, filter.limit, (row) => String(row.number));
}

export interface NewCallerList {
  readonly ownerId: string;
  readonly userId: string | null;
  readonly name: string;
  readonly kind: CallerListKind;
}

/** Null when the owner is outside the subtree, or the user not of that company. Throws 23505 on a taken name. */
export async function createCallerList(
  db: Db,
  asker: string,
  id: string,
  list: NewCallerList,
): Promise<CallerListRow | null> {
  return inTransaction(db, async (tx) => {
    const found = await getCallerList(tx, asker, id);
    if (found) return found;
    const { rows } = await sql`select 1 from owner where id = ${list.ownerId} and ${inSubtree(asker)}
      and (${list.userId}::uuid is null or exists (select 1 from directory_user u
        where u.id = ${list.userId} and u.company_id = owner.id and u.deleted_at is null))`.execute(tx);
    if (rows.length === 0) return null;
    const number = await nextNumber(tx, list.ownerId, 'caller-list');
    await tx
      .insertInto('caller_list')
      .values({ id, owner_id: list.ownerId, user_id: list.userId, number, name: list.name, kind: list.kind })
      .execute();
    return getCallerList(tx, asker, id);
  });
}

export async function updateCallerList(
  db: Db,
  asker: string,
  id: string,
  fields: { readonly name?: string | undefined; readonly kind?: CallerListKind | undefined },
): Promise<CallerListRow | null> {
  if (!(await getCallerList(db, asker, id))) return null;
  await sql`update caller_list l set name = coalesce(${fields.name ?? null}, l.name), kind = coalesce(${fields.kind ?? null}, l.kind)
    from owner where owner.id = l.owner_id and ${inSubtree(asker)} and l.id = ${id}`.execute(db);
  return getCallerList(db, asker, id);
}

export async function deleteCallerList(db: Db, asker: string, id: string): Promise<boolean> {
  const { rows } = await sql`delete from caller_list l using owner
    where owner.id = l.owner_id and ${inSubtree(asker)} and l.id = ${id} returning l.id`.execute(db);
  return rows.length > 0;
}

/** Entries in order of their pattern; null when the list is unknown. */
export async function listCallerListEntries(
  db: Db,
  asker: string,
  listId: string,
  filter: { readonly after: string; readonly limit: number },
): Promise<Page<CallerListEntry> | null> {
  if (!(await getCallerList(db, asker, listId))) return null;
  const { rows } = await sql<CallerListEntry>`
    select e.pattern, e.note, e.expires_at as "expiresAt" from caller_list_entry e
    join caller_list l on l.id = e.list_id join owner on owner.id = l.owner_id
    where e.list_id = ${listId} and ${inSubtree(asker)} and e.pattern collate "C" > ${filter.after}
    order by e.pattern collate "C" limit ${filter.limit + 1}`.execute(db);
  return page(rows, filter.limit, (row) => row.pattern);
}

/** Adds or replaces entries; false when the list is unknown. */
export async function putCallerListEntries(
  db: Db,
  asker: string,
  listId: string,
  entries: readonly CallerListEntry[],
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    if (!(await getCallerList(tx, asker, listId))) return false;
    const rows = new Map(entries.map((e) => [e.pattern, e]));
    await sql`insert into caller_list_entry (list_id, pattern, note, expires_at)
      select l.id, r.pattern, r.note, r."expiresAt"
      from jsonb_to_recordset(${JSON.stringify([...rows.values()])}::jsonb) as r(pattern text, note text, "expiresAt" timestamptz)
      join caller_list l on l.id = ${listId} join owner on owner.id = l.owner_id and ${inSubtree(asker)}
      on conflict (list_id, pattern) do update set note = excluded.note, expires_at = excluded.expires_at`.execute(tx);
    return true;
  });
}

/** False when the list or the entry is unknown. */
export async function deleteCallerListEntry(db: Db, asker: string, listId: string, pattern: string): Promise<boolean> {
  const { rows } = await sql`delete from caller_list_entry e using caller_list l, owner
    where l.id = e.list_id and owner.id = l.owner_id and ${inSubtree(asker)} and e.list_id = ${listId} and e.pattern = ${pattern}
    returning e.pattern`.execute(db);
  return rows.length > 0;
}

/** An entry as the routing of a call reads it. */
export interface ActiveEntry {
  readonly kind: CallerListKind;
  readonly pattern: string;
  readonly userId: string | null;
  /** Name of its list. */
  readonly list: string;
  readonly note: string;
  /** Steps above the company: 0 the company's own (or its user's), 1 its reseller's … */
  readonly level: number;
}

const MOST_PATTERNS = 2000;

/**
 * Entries that may concern a caller of the company, nearest owner first: those that equal one of the spellings of the number, and
 * all patterns (at most 2000).
 */
export async function callerListEntriesFor(
  db: Db,
  companyId: string,
  spellings: readonly string[],
  userId: string | null,
): Promise<ActiveEntry[]> {
  const { rows } = await sql<ActiveEntry>`
    select l.kind, e.pattern, l.user_id as "userId", l.name as list, e.note,
      array_length(company.path, 1) - array_position(company.path, l.owner_id) as level
    from owner company
    join caller_list l on l.owner_id = any(company.path) and (l.user_id is null or l.user_id = ${userId})
    join caller_list_entry e on e.list_id = l.id and (e.expires_at is null or e.expires_at > now())
      and (e.pattern = any(${[...spellings]}::text[]) or e.pattern !~ '^[+]?[0-9]+$')
    where company.id = ${companyId}
    order by l.user_id is null, level, e.pattern limit ${MOST_PATTERNS}`.execute(db);
  return rows;
}

/** An entry as a look-up reads it beside other things of the caller's company. */
export interface ListedPattern {
  readonly kind: CallerListKind;
  readonly pattern: string;
}

/**
 * Entries that may mean a caller, as JSON: those of one user (an SQL expression; null = of nobody) and, of the company and those above it,
 * those who are to be preferred. `owner` in scope is the company. Numbers are told apart by their last digits only: the reader asks
 * `listsOf` once he knows the country.
 */
export function listedPatterns(caller: string, userId: RawBuilder<unknown> | null) {
  const digits = caller.replace(/\D/g, '').slice(-6);
  const whose = userId === null ? sql`false` : sql`l.user_id = ${userId}`;
  return sql<ListedPattern[]>`coalesce((select json_agg(found) from (
    select l.kind, e.pattern from caller_list l join caller_list_entry e on e.list_id = l.id
    where l.owner_id = any(owner.path) and (${whose} or (l.user_id is null and l.kind = 'vip'))
      and (e.expires_at is null or e.expires_at > now())
      and (e.pattern ~ '[^0-9+]' or right(e.pattern, 6) = ${digits})
    order by l.user_id is null, e.pattern limit ${MOST_PATTERNS}) found), '[]')`;
}

/** The lists a caller is on, his number read in the company's country. */
export function listsOf(
  entries: readonly ListedPattern[],
  caller: string,
  settings: OwnerSettings,
): Set<CallerListKind> {
  const known = caller === '' ? [] : spellings(caller, localeOf(settings).country);
  if (known.length === 0) return new Set();
  return new Set(entries.filter(({ pattern }) => fitsPattern(pattern, known)).map(({ kind }) => kind));
}

/** Whether the company, or anybody above it, wants the caller to be preferred. */
export async function isVip(db: Db, companyId: string, caller: string): Promise<boolean> {
  if (caller === '') return false;
  const { rows } = await sql<{ entries: ListedPattern[]; settings: OwnerSettings }>`
    select owner.settings, ${listedPatterns(caller, null)} as entries from owner where owner.id = ${companyId}`.execute(
    db,
  );
  const row = rows[0];
  return row !== undefined && listsOf(row.entries, caller, row.settings).has('vip');
}

/** Name of the list of a kind that a user keeps himself. */
const ownName = (kind: CallerListKind): string => `own ${kind}`;

export interface OwnEntry extends CallerListEntry {
  readonly kind: CallerListKind;
}

/** What stands on a user's own lists, whoever made them. */
export async function ownCallers(db: Db, { companyId }: CompanyScope, userId: string): Promise<readonly OwnEntry[]> {
  const { rows } = await sql<OwnEntry>`
    select l.kind, e.pattern, e.note, e.expires_at as "expiresAt" from caller_list l join caller_list_entry e on e.list_id = l.id
    where l.owner_id = ${companyId} and l.user_id = ${userId}
    order by l.kind, e.pattern collate "C" limit ${MOST_PATTERNS}`.execute(db);
  return rows;
}

/** Replaces what stands on a user's own lists of a kind. */
export async function putOwnCallers(
  db: Db,
  { companyId }: CompanyScope,
  userId: string,
  kind: CallerListKind,
  entries: readonly CallerListEntry[],
): Promise<void> {
  await inTransaction(db, async (tx) => {
    // one at a time for a user, so that the first use makes one list
    await sql`select 1 from directory_user where id = ${userId} and company_id = ${companyId} for update`.execute(tx);
    await sql`delete from caller_list where owner_id = ${companyId} and user_id = ${userId} and kind = ${kind}`.execute(
      tx,
    );
    if (entries.length === 0) return;
    const list = { ownerId: companyId, userId, name: ownName(kind), kind };
    const made = await createCallerList(tx, companyId, uuidv7(), list);
    if (made) await putCallerListEntries(tx, companyId, made.id, entries);
  });
}
