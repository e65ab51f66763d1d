/** Accounts, sessions and API keys. Look-ups by secret take the secret's hash; everything else takes the asking owner. */
import { sql } from 'kysely';
import type { OwnerKind } from './owners.ts';
import { UnknownReference } from './resource.ts';
import { type Db, inSubtree, nextNumber, notSuspended, type Page, page } from './scope.ts';

export type Role = 'platform' | 'reseller' | 'company' | 'supervisor' | 'agent' | 'user';

export interface AccountRow {
  readonly id: string;
  readonly number: number;
  readonly owner_id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
  readonly user_id: string | null;
}

/** Who is asking, as found by a key or a session. */
export interface Identity {
  /** Key or session. */
  readonly via: 'key' | 'session';
  /** Key id, or account id of a session. */
  readonly actorId: string;
  readonly ownerId: string;
  readonly ownerKind: OwnerKind;
  readonly homeCompany: string | null;
  readonly accountId: string | null;
  readonly role: Role;
  /** Narrower than the role, when set. */
  readonly scopes: readonly string[] | null;
  /** The directory user the account belongs to. */
  readonly userId: string | null;
}

const ACCOUNT = [
  'account.id',
  'account.number',
  'account.owner_id',
  'account.email',
  'account.name',
  'account.role',
  'account.disabled_at',
  'account.created_at',
  'account.user_id',
] as const;

export interface NewAccount {
  readonly id: string;
  readonly ownerId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string | null;
  /** The directory user this person is; of the owner, a company. */
  readonly userId?: string | null;
}

/** Throws `UnknownReference` unless the user is one of the company that owns the account. */
async function checkHolder(db: Db, ownerId: string, userId: string): Promise<void> {
  const user = await db
    .selectFrom('directory_user')
    .select('id')
    .where('id', '=', userId)
    .where('company_id', '=', ownerId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!user) throw new UnknownReference('userId');
}

/** Makes an account below (or of) the asking owner; null when the owner is outside the subtree. Throws 23505 on a taken e-mail. */
export async function createAccount(db: Db, asker: string, account: NewAccount): Promise<AccountRow | null> {
  const owner = await db
    .selectFrom('owner')
    .select('id')
    .where('id', '=', account.ownerId)
    .where(inSubtree(asker))
    .executeTakeFirst();
  if (!owner) return null;
  if (account.userId) await checkHolder(db, account.ownerId, account.userId);
  const number = await nextNumber(db, null, 'account');
  await db
    .insertInto('account')
    .values({
      id: account.id,
      number,
      owner_id: account.ownerId,
      email: account.email,
      name: account.name,
      role: account.role,
      password_hash: account.passwordHash,
      user_id: account.userId ?? null,
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  return getAccount(db, asker, account.id);
}

export async function getAccount(db: Db, asker: string, id: string): Promise<AccountRow | null> {
  const row = await db
    .selectFrom('account')
    .innerJoin('owner', 'owner.id', 'account.owner_id')
    .select(ACCOUNT)
    .where('account.id', '=', id)
    .where(inSubtree(asker))
    .executeTakeFirst();
  return (row as AccountRow | undefined) ?? null;
}

export async function listAccounts(db: Db, asker: string, after: number, limit: number): Promise<Page<AccountRow>> {
  const rows = await db
    .selectFrom('account')
    .innerJoin('owner', 'owner.id', 'account.owner_id')
    .select(ACCOUNT)
    .where(inSubtree(asker))
    .where('account.number', '>', after)
    .orderBy('account.number')
    .limit(limit + 1)
    .execute();
  return page(rows as AccountRow[], limit, (r) => String(r.number));
}

export interface AccountPatch {
  readonly name?: string;
  readonly disabled?: boolean;
  readonly passwordHash?: string;
  readonly role?: Role;
  readonly userId?: string | null;
}

/** Changes an account; a new password or disabling ends its sessions. */
export async function updateAccount(
  db: Db,
  asker: string,
  id: string,
  patch: AccountPatch,
): Promise<AccountRow | null> {
  const account = await getAccount(db, asker, id);
  if (!account) return null;
  if (patch.userId) await checkHolder(db, account.owner_id, patch.userId);
  const changes = {
    ...(patch.role === undefined ? {} : { role: patch.role }),
    ...(patch.userId === undefined ? {} : { user_id: patch.userId }),
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.disabled === undefined ? {} : { disabled_at: patch.disabled ? new Date() : null }),
    ...(patch.passwordHash === undefined ? {} : { password_hash: patch.passwordHash }),
  };
  if (Object.keys(changes).length > 0) await db.updateTable('account').set(changes).where('id', '=', id).execute();
  if (patch.disabled || patch.passwordHash !== undefined)
    await db.deleteFrom('session').where('account_id', '=', id).execute();
  return getAccount(db, asker, id);
}

/** The account's directory user, if it has one, is neither suspended nor deleted. */
const userActive = sql<boolean>`(account.user_id is null or exists (select 1 from directory_user u
  where u.id = account.user_id and u.suspended_at is null and u.deleted_at is null))`;

/** For log-in only: the account of an e-mail address on the whole platform, with its password hash. */
export async function findLogin(db: Db, email: string): Promise<{ id: string; passwordHash: string | null } | null> {
  const row = await db
    .selectFrom('account')
    .innerJoin('owner', 'owner.id', 'account.owner_id')
    .select(['account.id', 'account.password_hash'])
    .where(sql`lower(account.email)`, '=', email.toLowerCase())
    .where('account.disabled_at', 'is', null)
    .where(userActive)
    .where(notSuspended)
    .executeTakeFirst();
  return row ? { id: row.id, passwordHash: row.password_hash } : null;
}

export async function createSession(db: Db, idHash: Buffer, accountId: string, lifeMs: number): Promise<void> {
  await db
    .insertInto('session')
    .values({ id_hash: idHash, account_id: accountId, expires_at: new Date(Date.now() + lifeMs) })
    .execute();
}

/** Removes sessions that have ended by themselves. */
export async function purgeSessions(db: Db): Promise<void> {
  await db.deleteFrom('session').where('expires_at', '<', sql<Date>`now()`).execute();
}

export async function deleteSession(db: Db, idHash: Buffer): Promise<void> {
  await db.deleteFrom('session').where('id_hash', '=', idHash).execute();
}

const homeCompany = sql<string | null>`owner.settings->>'homeCompany'`;

/** Who holds this session; null when unknown, expired, disabled, or suspended anywhere above. */
export async function findSession(db: Db, idHash: Buffer): Promise<Identity | null> {
  const row = await db
    .selectFrom('session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .innerJoin('owner', 'owner.id', 'account.owner_id')
    .select([
      'account.id',
      'account.role',
      'account.user_id',
      'owner.id as ownerId',
      'owner.kind',
      homeCompany.as('homeCompany'),
    ])
    .where('session.id_hash', '=', idHash)
    .where('session.expires_at', '>', sql<Date>`now()`)
    .where('account.disabled_at', 'is', null)
    .where(userActive)
    .where(notSuspended)
    .executeTakeFirst();
  if (!row) return null;
  return {
    via: 'session',
    actorId: row.id,
    ownerId: row.ownerId,
    ownerKind: row.kind as OwnerKind,
    homeCompany: row.homeCompany,
    accountId: row.id,
    role: row.role as Role,
    scopes: null,
    userId: row.user_id,
  };
}

export interface ApiKeyRow {
  readonly id: string;
  readonly owner_id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string[] | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

export interface NewApiKey {
  readonly id: string;
  readonly ownerId: string;
  readonly accountId: string | null;
  readonly name: string;
  readonly keyHash: Buffer;
  readonly prefix: string;
  readonly scopes: readonly string[] | null;
}

const API_KEY = [
  'api_key.id',
  'api_key.owner_id',
  'api_key.name',
  'api_key.prefix',
  'api_key.scopes',
  'api_key.created_at',
  'api_key.last_used_at',
  'api_key.revoked_at',
] as const;

/** Makes a key for an owner in the asking owner's subtree; null outside it. */
export async function createApiKey(db: Db, asker: string, key: NewApiKey): Promise<ApiKeyRow | null> {
  const owner = await db
    .selectFrom('owner')
    .select('id')
    .where('id', '=', key.ownerId)
    .where(inSubtree(asker))
    .executeTakeFirst();
  if (!owner) return null;
  await db
    .insertInto('api_key')
    .values({
      id: key.id,
      owner_id: key.ownerId,
      account_id: key.accountId,
      name: key.name,
      key_hash: key.keyHash,
      prefix: key.prefix,
      scopes: key.scopes ? [...key.scopes] : null,
    })
    // a request taken up again after a crash: the first key was never shown, the new one takes its place
    .onConflict((c) => c.column('id').doUpdateSet({ key_hash: key.keyHash, prefix: key.prefix }))
    .execute();
  return getApiKey(db, asker, key.id);
}

async function getApiKey(db: Db, asker: string, id: string): Promise<ApiKeyRow | null> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('owner', 'owner.id', 'api_key.owner_id')
    .select(API_KEY)
    .where('api_key.id', '=', id)
    .where(inSubtree(asker))
    .executeTakeFirst();
  return (row as ApiKeyRow | undefined) ?? null;
}

export async function listApiKeys(
  db: Db,
  asker: string,
  after: string | null,
  limit: number,
): Promise<Page<ApiKeyRow>> {
  let query = db
    .selectFrom('api_key')
    .innerJoin('owner', 'owner.id', 'api_key.owner_id')
    .select(API_KEY)
    .where(inSubtree(asker))
    .orderBy('api_key.id')
    .limit(limit + 1);
  if (after) query = query.where('api_key.id', '>', after);
  return page((await query.execute()) as ApiKeyRow[], limit, (r) => r.id);
}

/** Revokes; false when unknown in the subtree. Revoking twice changes nothing. */
export async function revokeApiKey(db: Db, asker: string, id: string): Promise<boolean> {
  if (!(await getApiKey(db, asker, id))) return false;
  await db
    .updateTable('api_key')
    .set({ revoked_at: new Date() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return true;
}

/** Who holds this key; null when unknown, revoked, disabled, or suspended anywhere above. Notes its use at most once a minute. */
export async function findApiKey(db: Db, keyHash: Buffer): Promise<Identity | null> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('owner', 'owner.id', 'api_key.owner_id')
    .leftJoin('account', 'account.id', 'api_key.account_id')
    .select([
      'api_key.id',
      'api_key.scopes',
      'api_key.last_used_at',
      'account.id as accountId',
      'account.role',
      'account.disabled_at',
      'account.user_id',
      sql<boolean>`(account.id is null or ${userActive})`.as('active'),
      'owner.id as ownerId',
      'owner.kind',
      homeCompany.as('homeCompany'),
    ])
    .where('api_key.key_hash', '=', keyHash)
    .where('api_key.revoked_at', 'is', null)
    .where(notSuspended)
    .executeTakeFirst();
  if (!row || row.disabled_at || !row.active) return null;
  if (!row.last_used_at || Date.now() - row.last_used_at.getTime() > 60_000) {
    await db.updateTable('api_key').set({ last_used_at: new Date() }).where('id', '=', row.id).execute();
  }
  return {
    via: 'key',
    actorId: row.id,
    ownerId: row.ownerId,
    ownerKind: row.kind as OwnerKind,
    homeCompany: row.homeCompany,
    accountId: row.accountId,
    role: (row.role ?? row.kind) as Role,
    scopes: row.scopes,
    userId: row.user_id,
  };
}
