/** Contacts of address books: written many at a time, found by name, by number, by what another application calls them. */
import type { JsonValue } from '@callwright/engine';
import { toE164 } from '@callwright/engine/numbers';
import { type RawBuilder, sql } from 'kysely';
import { seenBy } from './phonebooks.ts';
import { UnknownReference } from './resource.ts';
import { type CompanyScope, type Db, inTransaction, type Page, page } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export const CONTACT_NUMBER_KINDS = ['office', 'home', 'mobile', 'mobile2', 'sms', 'fax', 'other'] as const;
export type ContactNumberKind = (typeof CONTACT_NUMBER_KINDS)[number];

export interface ContactNumber {
  readonly kind: ContactNumberKind;
  /** As written. */
  readonly number: string;
}

export interface ContactFields {
  readonly givenName: string;
  readonly familyName: string;
  readonly organisation: string;
  readonly email: string | null;
  readonly address: string;
  readonly notes: string;
  readonly favourite: boolean;
  readonly numbers: readonly ContactNumber[];
  readonly data: Readonly<Record<string, JsonValue>>;
}

/** How another application names it: unique in the company. */
export interface ExternalName {
  readonly scheme: string;
  readonly value: string;
}

export interface ContactRow extends Omit<ContactFields, 'numbers'> {
  readonly id: string;
  readonly number: number;
  readonly phonebookId: string;
  readonly numbers: readonly (ContactNumber & { readonly e164: string | null })[];
  readonly external: ExternalName | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const SELECTED = sql`c.id, c.number, c.phonebook_id as "phonebookId", c.given_name as "givenName",
  c.family_name as "familyName", c.organisation, c.email, c.address, c.notes, c.favourite, c.data,
  c.created_at as "createdAt", c.updated_at as "updatedAt",
  coalesce((select jsonb_agg(jsonb_build_object('kind', n.kind, 'number', n.number, 'e164', n.e164) order by n.position)
    from contact_number n where n.contact_id = c.id and n.company_id = c.company_id), '[]') as numbers,
  (select jsonb_build_object('scheme', x.scheme, 'value', x.value) from external_id x
    where x.owner_id = c.company_id and x.entity_type = 'contact' and x.entity_id = c.id
    order by x.scheme, x.value limit 1) as external`;

/**
 * Books that are nobody's own, and the asking user's (null: an asker who is no user). A user's own book is shown to nobody else; undefined
 * is for processes that act for the user.
 */
const openTo = (asker: string | null | undefined) =>
  asker === undefined ? sql`` : sql`and (b.kind <> 'private' or b.user_id = ${asker})`;

export async function getContact(
  db: Db,
  scope: CompanyScope,
  id: string,
  asker?: string | null,
): Promise<ContactRow | null> {
  const { rows } = await sql<ContactRow>`select ${SELECTED} from contact c
    join phonebook b on b.id = c.phonebook_id and b.company_id = c.company_id
    where c.company_id = ${scope.companyId} and c.id = ${id} ${openTo(asker)}`.execute(db);
  return rows[0] ?? null;
}

/** Contacts by what other applications call them. */
export async function getContactsByExternal(
  db: Db,
  scope: CompanyScope,
  names: readonly ExternalName[],
): Promise<(ContactRow & { readonly external: ExternalName })[]> {
  const { rows } = await sql<ContactRow & { external: ExternalName }>`
    select ${SELECTED}, jsonb_build_object('scheme', named.scheme, 'value', named.value) as external from external_id named
    join jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as asked(scheme text, value text)
      on asked.scheme = named.scheme and asked.value = named.value
    join contact c on c.id = named.entity_id and c.company_id = named.owner_id
    where named.owner_id = ${scope.companyId} and named.entity_type = 'contact'`.execute(db);
  return rows;
}

export interface ContactFilter {
  readonly after: number;
  readonly limit: number;
  readonly phonebookId?: string | undefined;
  /** Part of a name, organisation, e-mail address or number. */
  readonly search?: string | undefined;
  /** Only books that this user sees. */
  readonly seenByUser?: string | undefined;
  /** Leaves out the own books of all users but this one; null: of all. */
  readonly asker?: string | null | undefined;
}

const likeText = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** By positive number. */
export async function listContacts(db: Db, scope: CompanyScope, filter: ContactFilter): Promise<Page<ContactRow>> {
  const conditions: RawBuilder<unknown>[] = [];
  if (filter.phonebookId !== undefined) conditions.push(sql`and c.phonebook_id = ${filter.phonebookId}`);
  if (filter.seenByUser !== undefined) conditions.push(sql`and ${seenBy(scope, filter.seenByUser)}`);
  if (filter.search) {
    const like = likeText(filter.search);
    const digits = filter.search.replace(/[^0-9]/g, '');
    const byNumber =
      digits.length >= 3
        ? sql`or exists (select 1 from contact_number n where n.contact_id = c.id
      and (n.number like ${`%${digits}%`} or n.e164 like ${`%${digits}%`}))`
        : sql``;
    conditions.push(sql`and (c.given_name || ' ' || c.family_name ilike ${like} or c.organisation ilike ${like}
      or c.email ilike ${like} ${byNumber})`);
  }
  const { rows } = await sql<ContactRow>`select ${SELECTED} from contact c
    join phonebook b on b.id = c.phonebook_id and b.company_id = c.company_id
    where c.company_id = ${scope.companyId} and c.number > ${filter.after} ${sql.join([openTo(filter.asker), ...conditions], sql` `)}
    order by c.number limit ${filter.limit + 1}`.execute(db);
  return page(rows, filter.limit, (row) => String(row.number));
}

/**
 * Who has this number, best first: the user's preferred book, the user's own, the department's, the company's. Without a user only
 * the company's books are looked into.
 */
export async function findContactsByNumber(
  db: Db,
  scope: CompanyScope,
  asked: {
    readonly number: string;
    readonly country?: string | undefined;
    readonly userId?: string | null;
    readonly limit?: number;
    /** As of `ContactFilter`. */
    readonly asker?: string | null | undefined;
  },
): Promise<ContactRow[]> {
  const e164 = toE164(asked.number, asked.country);
  const user = asked.userId ?? null;
  const seen = user === null ? sql`b.kind = 'company'` : seenBy(scope, user);
  const { rows } = await sql<ContactRow>`select ${SELECTED} from contact c
    join phonebook b on b.id = c.phonebook_id and b.company_id = c.company_id
    where c.company_id = ${scope.companyId} and ${seen} ${openTo(asked.asker)} and c.id in (
      select n.contact_id from contact_number n
      where n.company_id = ${scope.companyId} and (n.number = ${asked.number} or n.e164 = ${e164}))
    order by b.id = (select phonebook_id from directory_user u where u.id = ${user} and u.company_id = ${scope.companyId}) desc nulls last,
      array_position(array['private','department','company'], b.kind), c.number
    limit ${asked.limit ?? 10}`.execute(db);
  return rows;
}

export interface ContactWrite {
  /** Of a new contact, or of the one to change; null: as `external` says, else new. */
  readonly id: string | null;
  readonly fields: ContactFields;
  readonly external: ExternalName | null;
}

export interface ContactWritten {
  readonly id: string;
  readonly act: 'insert' | 'update';
}

const NUMBERS_A_CONTACT = 20;

/**
 * Writes contacts into a book of the company: one that is known by its id or external name is overwritten, the others are new. One
 * transaction; the answers are in the order given. Throws `UnknownReference` when the book is not the company's, 23505 when an id
 * belongs to somebody else or an external name to another contact.
 */
export async function writeContacts(
  db: Db,
  scope: CompanyScope,
  phonebookId: string,
  country: string | undefined,
  writes: readonly ContactWrite[],
): Promise<ContactWritten[]> {
  return inTransaction(db, async (tx) => {
    // one writer of a company's contacts at a time: two batches cannot both find a name new
    await sql`select pg_advisory_xact_lock(hashtextextended(${`contact:${scope.companyId}`}, 0))`.execute(tx);
    const { rows: book } =
      await sql`select 1 from phonebook where company_id = ${scope.companyId} and id = ${phonebookId}`.execute(tx);
    if (book.length === 0) throw new UnknownReference('phonebookId');
    const targets = await resolveTargets(tx, scope, writes);
    await writeRows(tx, scope, phonebookId, targets);
    await writeNumbers(tx, scope, country, targets);
    await writeNames(tx, scope, targets);
    return targets.map(({ id, known }) => ({ id, act: known ? 'update' : 'insert' }));
  });
}

interface Target {
  readonly id: string;
  readonly known: boolean;
  readonly write: ContactWrite;
}

const nameKey = ({ scheme, value }: ExternalName): string => JSON.stringify([scheme, value]);

async function resolveTargets(tx: Db, scope: CompanyScope, writes: readonly ContactWrite[]): Promise<Target[]> {
  const names = writes.flatMap((w) => (w.external ? [w.external] : []));
  const { rows: named } = await sql<ExternalName & { id: string }>`
    select x.scheme, x.value, x.entity_id as id from external_id x
    join jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as asked(scheme text, value text)
      on asked.scheme = x.scheme and asked.value = x.value
    where x.owner_id = ${scope.companyId} and x.entity_type = 'contact'`.execute(tx);
  const byName = new Map(named.map((row) => [nameKey(row), row.id]));
  const ids = writes.flatMap((w) => (w.id ? [w.id] : []));
  const { rows: there } = await sql<{ id: string }>`
    select id from contact where company_id = ${scope.companyId} and id = any(${ids}::uuid[])`.execute(tx);
  const known = new Set([...there.map((r) => r.id), ...byName.values()]);
  return writes.map((write) => {
    const id = write.id ?? (write.external ? byName.get(nameKey(write.external)) : undefined) ?? uuidv7();
    const isKnown = known.has(id);
    known.add(id);
    if (write.external) byName.set(nameKey(write.external), id);
    return { id, known: isKnown, write };
  });
}

async function writeRows(tx: Db, scope: CompanyScope, phonebookId: string, targets: readonly Target[]): Promise<void> {
  const fresh = targets.filter((t) => !t.known);
  const first = await takeNumbers(tx, scope, fresh.length);
  const row = ({ id, write: { fields } }: Target, number: number | null) => ({
    id,
    number,
    ...fields,
    numbers: undefined,
  });
  const inserted = fresh.map((target, i) => row(target, first + i));
  await sql`insert into contact (id, company_id, phonebook_id, number, given_name, family_name, organisation, email, address, notes, favourite, data)
    select r.id, ${scope.companyId}, ${phonebookId}, r.number, r."givenName", r."familyName", r.organisation, r.email, r.address, r.notes,
      r.favourite, r.data
    from jsonb_to_recordset(${JSON.stringify(inserted)}::jsonb) as r(id uuid, number bigint, "givenName" text, "familyName" text,
      organisation text, email text, address text, notes text, favourite boolean, data jsonb)`.execute(tx);
  // the last of several writes of one contact counts
  const last = new Map(targets.filter((t) => t.known).map((t) => [t.id, row(t, null)]));
  await sql`update contact c set phonebook_id = ${phonebookId}, given_name = r."givenName", family_name = r."familyName",
      organisation = r.organisation, email = r.email, address = r.address, notes = r.notes, favourite = r.favourite, data = r.data,
      updated_at = now()
    from jsonb_to_recordset(${JSON.stringify([...last.values()])}::jsonb) as r(id uuid, "givenName" text, "familyName" text,
      organisation text, email text, address text, notes text, favourite boolean, data jsonb)
    where c.company_id = ${scope.companyId} and c.id = r.id`.execute(tx);
}

/** Takes `count` positive numbers at once; answers the first. */
async function takeNumbers(tx: Db, scope: CompanyScope, count: number): Promise<number> {
  if (count === 0) return 0;
  const { rows } = await sql<{ first: number }>`
    insert into number_block (owner_id, type, next) values (${scope.companyId}, 'contact', ${1 + count})
    on conflict (owner_id, type) do update set next = number_block.next + ${count}
    returning next - ${count} as first`.execute(tx);
  return Number(rows[0]!.first);
}

async function writeNumbers(
  tx: Db,
  scope: CompanyScope,
  country: string | undefined,
  targets: readonly Target[],
): Promise<void> {
  const last = new Map(targets.map((t) => [t.id, t.write.fields.numbers]));
  await sql`delete from contact_number where company_id = ${scope.companyId}
    and contact_id = any(${[...last.keys()]}::uuid[])`.execute(tx);
  const numbers = [...last].flatMap(([id, list]) =>
    list.slice(0, NUMBERS_A_CONTACT).map(({ kind, number }, position) => ({
      id,
      position,
      kind,
      number,
      e164: toE164(number, country),
    })),
  );
  await sql`insert into contact_number (contact_id, company_id, position, kind, number, e164)
    select r.id, ${scope.companyId}, r.position, r.kind, r.number, r.e164
    from jsonb_to_recordset(${JSON.stringify(numbers)}::jsonb) as r(id uuid, position int, kind text, number text, e164 text)`.execute(
    tx,
  );
}

async function writeNames(tx: Db, scope: CompanyScope, targets: readonly Target[]): Promise<void> {
  const names = new Map(
    targets.flatMap(({ id, write: { external } }) =>
      external ? [[nameKey(external), { id, ...external }] as const] : [],
    ),
  );
  await sql`insert into external_id (owner_id, scheme, value, entity_type, entity_id)
    select ${scope.companyId}, r.scheme, r.value, 'contact', r.id
    from jsonb_to_recordset(${JSON.stringify([...names.values()])}::jsonb) as r(id uuid, scheme text, value text)
    where not exists (select 1 from external_id x where x.owner_id = ${scope.companyId} and x.scheme = r.scheme
      and x.value = r.value and x.entity_type = 'contact' and x.entity_id = r.id)`.execute(tx);
}

/** False when unknown. */
export async function deleteContact(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } =
      await sql`delete from contact where company_id = ${scope.companyId} and id = ${id} returning id`.execute(tx);
    await sql`delete from external_id where owner_id = ${scope.companyId} and entity_type = 'contact' and entity_id = ${id}`.execute(
      tx,
    );
    return rows.length > 0;
  });
}
