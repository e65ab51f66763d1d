/** Users of a company: who they are, where they are, what callers meet, what they may. */
import { toE164 } from '@callwright/engine/numbers';
import { type RawBuilder, sql } from 'kysely';
import { companyResource, type Entity, forgetEntity, type Patch } from './resource.ts';
import { type CompanyScope, type Db, inTransaction, type Page, page } from './scope.ts';

/** What callers of a user meet. */
export const USER_MODES = ['normal', 'dnd', 'away', 'divert'] as const;
export type UserMode = (typeof USER_MODES)[number];

export const USER_NUMBER_KINDS = ['office', 'home', 'mobile', 'fax'] as const;
export type UserNumberKind = (typeof USER_NUMBER_KINDS)[number];
/** A user's other numbers as written; null removes one. */
export type UserNumbers = { readonly [K in UserNumberKind]?: string | null | undefined };

interface UserColumns {
  readonly extension: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string | null;
  readonly language: string | null;
  /** Number shown to the outside. */
  readonly outboundNumber: string | null;
  readonly callWaiting: boolean;
  readonly siteId: string | null;
  readonly departmentId: string | null;
  /** What colleagues read beside the name. */
  readonly phrase: string;
  readonly mode: UserMode;
  /** Then the mode is normal again; null: until changed. */
  readonly modeUntil: Date | null;
  readonly modeNote: string;
  /** Where mode divert leads. */
  readonly divertNumber: string | null;
  /** Preferred address book. */
  readonly phonebookId: string | null;
  readonly pinHash: string | null;
  readonly suspendedAt: Date | null;
  /** Calls at the same time; null: the company's setting. */
  readonly maxCalls: number | null;
  /** Shown to colleagues. */
  readonly visible: boolean;
  readonly recordCalls: boolean;
  readonly pickupRight: boolean;
  readonly faxRight: boolean;
  /** No calls beyond what the plan includes. */
  readonly planOnly: boolean;
  readonly blockPremium: boolean;
  /** Callers hear this prompt instead of the ring tone. */
  readonly ringbackPromptId: string | null;
  readonly codecMode: 'preferred' | 'forced' | null;
  readonly codecs: readonly string[] | null;
  /** He is mailed of the calls that he misses. */
  readonly missedCallMail: boolean;
}

export interface UserFields extends UserColumns {
  readonly numbers: UserNumbers;
}

/** What a new user must have; the rest has defaults. */
export type NewUserFields = Pick<UserFields, 'extension'> & Patch<UserFields>;

export interface UserRow extends Entity<UserColumns> {
  /** Any unexpired binding of any of the user's log-ins. */
  readonly registered: boolean;
  readonly numbers: { readonly [K in UserNumberKind]?: string };
}

const rows = companyResource<UserColumns>({
  table: 'directory_user',
  type: 'user',
  columns: {
    extension: 'extension',
    givenName: 'given_name',
    familyName: 'family_name',
    email: 'email',
    language: 'language',
    outboundNumber: 'outbound_number',
    callWaiting: 'call_waiting',
    siteId: 'site_id',
    departmentId: 'department_id',
    phrase: 'phrase',
    mode: 'user_mode',
    modeUntil: 'mode_until',
    modeNote: 'mode_note',
    divertNumber: 'divert_number',
    phonebookId: 'phonebook_id',
    pinHash: 'pin_hash',
    suspendedAt: 'suspended_at',
    maxCalls: 'max_calls',
    visible: 'visible',
    recordCalls: 'record_calls',
    pickupRight: 'pickup_right',
    faxRight: 'fax_right',
    planOnly: 'plan_only',
    blockPremium: 'block_premium',
    ringbackPromptId: 'ringback_prompt_id',
    codecMode: 'codec_mode',
    codecs: 'codecs',
    missedCallMail: 'missed_call_mail',
  },
  references: { siteId: 'site', departmentId: 'department', phonebookId: 'phonebook', ringbackPromptId: 'prompt' },
  dialled: 'extension',
  soft: true,
});

/** A mode whose time is over is normal again. */
const inForce = <T extends Entity<UserColumns>>(row: T): T =>
  row.modeUntil && row.modeUntil.getTime() <= Date.now()
    ? { ...row, mode: 'normal', modeUntil: null, modeNote: '' }
    : row;

async function whole(db: Db, scope: CompanyScope, users: readonly Entity<UserColumns>[]): Promise<UserRow[]> {
  if (users.length === 0) return [];
  const { rows: more } = await sql<{ id: string; registered: boolean; numbers: UserRow['numbers'] | null }>`
    select u.id,
      exists (select 1 from registration r join sip_login l on l.id = r.sip_login_id
        where l.user_id = u.id and r.expires_at > now()) as registered,
      (select jsonb_object_agg(n.kind, n.number) from user_number n where n.user_id = u.id) as numbers
    from directory_user u where u.company_id = ${scope.companyId} and u.id = any(${users.map((u) => u.id)}::uuid[])`.execute(
    db,
  );
  const byId = new Map(more.map((m) => [m.id, m]));
  return users.map((user) => ({
    ...inForce(user),
    registered: byId.get(user.id)?.registered ?? false,
    numbers: byId.get(user.id)?.numbers ?? {},
  }));
}

export async function getUser(db: Db, scope: CompanyScope, id: string): Promise<UserRow | null> {
  const found = await rows.get(db, scope, id);
  return found ? (await whole(db, scope, [found]))[0]! : null;
}

export interface UserFilter {
  readonly after: number;
  readonly limit: number;
  readonly extension?: string | undefined;
  readonly departmentId?: string | undefined;
  readonly siteId?: string | undefined;
  /** Only those shown to colleagues. */
  readonly visible?: true | undefined;
  /** Part of name, e-mail address or extension. */
  readonly search?: string | undefined;
}

/** By positive number. */
export async function listUsers(db: Db, scope: CompanyScope, filter: UserFilter): Promise<Page<UserRow>> {
  const conditions: RawBuilder<unknown>[] = [];
  const { after, limit, extension, departmentId, siteId, search } = filter;
  if (extension !== undefined) conditions.push(sql`and extension = ${extension}`);
  if (departmentId !== undefined) conditions.push(sql`and department_id = ${departmentId}`);
  if (siteId !== undefined) conditions.push(sql`and site_id = ${siteId}`);
  if (filter.visible) conditions.push(sql`and visible and suspended_at is null`);
  if (search) {
    const like = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(
      sql`and (given_name || ' ' || family_name ilike ${like} or email ilike ${like} or extension like ${like})`,
    );
  }
  const found = await rows.select(db, scope, { after, limit }, conditions);
  return page(await whole(db, scope, found), limit, (r) => String(r.number));
}

async function writeNumbers(tx: Db, scope: CompanyScope, userId: string, numbers: UserNumbers): Promise<void> {
  const { rows: owner } = await sql<{ country: string | null }>`
    select settings->>'country' as country from owner where id = ${scope.companyId}`.execute(tx);
  for (const [kind, number] of Object.entries(numbers)) {
    if (number === undefined) continue;
    await sql`delete from user_number where company_id = ${scope.companyId} and user_id = ${userId} and kind = ${kind}`.execute(
      tx,
    );
    if (number === null) continue;
    const e164 = toE164(number, owner[0]?.country ?? undefined);
    await tx
      .insertInto('user_number')
      .values({ user_id: userId, company_id: scope.companyId, kind, number, e164 })
      .execute();
  }
}

/** Throws `DialPlanTaken`, `UnknownReference`. Repeating it with the same id returns what is there. */
export async function createUser(db: Db, scope: CompanyScope, id: string, fields: NewUserFields): Promise<UserRow> {
  return inTransaction(db, async (tx) => {
    const { numbers = {}, ...own } = fields;
    // fields left out take the table's defaults
    await rows.create(tx, scope, id, own as UserColumns);
    await writeNumbers(tx, scope, id, numbers);
    return (await getUser(tx, scope, id))!;
  });
}

/** Throws like `createUser`; null when unknown. A suspended user's phones are unregistered. */
export async function updateUser(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Patch<UserFields>,
): Promise<UserRow | null> {
  return inTransaction(db, async (tx) => {
    const { numbers = {}, ...own } = fields;
    // a mode set anew stands until changed, unless a time is given with it
    const changes = own.mode !== undefined && own.modeUntil === undefined ? { ...own, modeUntil: null } : own;
    if (!(await rows.update(tx, scope, id, changes))) return null;
    await writeNumbers(tx, scope, id, numbers);
    if (fields.suspendedAt) await unregister(tx, scope, id);
    return getUser(tx, scope, id);
  });
}

async function unregister(tx: Db, scope: CompanyScope, userId: string): Promise<void> {
  await sql`delete from registration r using sip_login l where l.id = r.sip_login_id
    and l.company_id = ${scope.companyId} and l.user_id = ${userId}`.execute(tx);
}

/**
 * Takes the user out: log-ins and accounts disabled, devices, bindings, group memberships, own lists and address books gone, the
 * mailbox closed; the row stays for CDRs. False when unknown.
 */
export async function deleteUser(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { companyId } = scope;
    await tx.selectFrom('owner').select('id').where('id', '=', companyId).forNoKeyUpdate().execute();
    const boxes = await tx
      .selectFrom('voicemail_box')
      .select('id')
      .where('company_id', '=', companyId)
      .where('user_id', '=', id)
      .where('deleted_at', 'is', null)
      .execute();
    if (!(await rows.remove(tx, scope, id))) return false;
    await unregister(tx, scope, id);
    await sql`update sip_login set disabled_at = now() where company_id = ${companyId} and user_id = ${id}`.execute(tx);
    await sql`delete from device where company_id = ${companyId} and user_id = ${id}`.execute(tx);
    await sql`delete from ring_group_member m using ring_group g
      where g.id = m.group_id and g.company_id = ${companyId} and m.user_id = ${id}`.execute(tx);
    await sql`delete from caller_list where owner_id = ${companyId} and user_id = ${id}`.execute(tx);
    await sql`delete from external_id x using contact c, phonebook b
      where b.company_id = ${companyId} and b.user_id = ${id} and c.phonebook_id = b.id
        and x.owner_id = ${companyId} and x.entity_type = 'contact' and x.entity_id = c.id`.execute(tx);
    await sql`delete from phonebook where company_id = ${companyId} and user_id = ${id}`.execute(tx);
    await sql`update voicemail_box set deleted_at = now() where company_id = ${companyId} and user_id = ${id} and deleted_at is null`.execute(
      tx,
    );
    for (const box of boxes) await forgetEntity(tx, scope, 'voicemail', box.id);
    await sql`delete from session s using account a where a.id = s.account_id and a.owner_id = ${companyId} and a.user_id = ${id}`.execute(
      tx,
    );
    await sql`update account set disabled_at = coalesce(disabled_at, now()) where owner_id = ${companyId} and user_id = ${id}`.execute(
      tx,
    );
    return true;
  });
}
