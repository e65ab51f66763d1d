/** Users of a company. */
import { sql } from 'kysely';
import { claimDialled, lockDialPlan } from './dial-plan.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';

export interface UserRow {
  readonly id: string;
  readonly number: number;
  readonly extension: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly email: string | null;
  readonly language: string | null;
  readonly outbound_number: string | null;
  readonly call_waiting: boolean;
  readonly created_at: Date;
  /** Any unexpired binding of any of the user's log-ins. */
  readonly registered: boolean;
}

export interface UserFields {
  readonly extension: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string | null;
  readonly language: string | null;
  readonly outboundNumber: string | null;
  readonly callWaiting: boolean;
}

const registered = sql<boolean>`exists (select 1 from registration r join sip_login l on l.id = r.sip_login_id
  where l.user_id = directory_user.id and r.expires_at > now())`;

function selectUsers(db: Db, scope: CompanyScope) {
  return db
    .selectFrom('directory_user')
    .select([
      'id',
      'number',
      'extension',
      'given_name',
      'family_name',
      'email',
      'language',
      'outbound_number',
      'call_waiting',
      'created_at',
    ])
    .select(registered.as('registered'))
    .where('company_id', '=', scope.companyId)
    .where('deleted_at', 'is', null);
}

function columns(fields: Partial<UserFields>) {
  const all = {
    extension: fields.extension,
    given_name: fields.givenName,
    family_name: fields.familyName,
    email: fields.email,
    language: fields.language,
    outbound_number: fields.outboundNumber,
    call_waiting: fields.callWaiting,
  };
  return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as Partial<typeof all>;
}

export async function getUser(db: Db, scope: CompanyScope, id: string): Promise<UserRow | null> {
  return (await selectUsers(db, scope).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** By positive number; `extension` narrows to one. */
export async function listUsers(
  db: Db,
  scope: CompanyScope,
  filter: { readonly after: number; readonly limit: number; readonly extension?: string },
): Promise<Page<UserRow>> {
  let query = selectUsers(db, scope)
    .where('number', '>', filter.after)
    .orderBy('number')
    .limit(filter.limit + 1);
  if (filter.extension !== undefined) query = query.where('extension', '=', filter.extension);
  return page(await query.execute(), filter.limit, (r) => String(r.number));
}

/** Throws `DialPlanTaken`. Repeating it with the same id returns what is there. */
export async function createUser(db: Db, scope: CompanyScope, id: string, fields: UserFields): Promise<UserRow> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const found = await getUser(tx, scope, id);
    if (found) return found;
    await claimDialled(tx, scope, fields.extension, id);
    const number = await nextNumber(tx, scope.companyId, 'user');
    await tx
      .insertInto('directory_user')
      .values({
        id,
        company_id: scope.companyId,
        number,
        extension: fields.extension,
        given_name: fields.givenName,
        family_name: fields.familyName,
        email: fields.email,
        language: fields.language,
        outbound_number: fields.outboundNumber,
        call_waiting: fields.callWaiting,
      })
      .execute();
    return (await getUser(tx, scope, id))!;
  });
}

export async function updateUser(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Partial<UserFields>,
): Promise<UserRow | null> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    if (!(await getUser(tx, scope, id))) return null;
    if (fields.extension !== undefined) await claimDialled(tx, scope, fields.extension, id);
    const changes = columns(fields);
    if (Object.keys(changes).length > 0) {
      await tx
        .updateTable('directory_user')
        .set(changes)
        .where('id', '=', id)
        .where('company_id', '=', scope.companyId)
        .execute();
    }
    return getUser(tx, scope, id);
  });
}

/** Takes the user out: log-ins disabled, bindings and group memberships gone; the row stays for CDRs. False when unknown. */
export async function deleteUser(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    if (!(await getUser(tx, scope, id))) return false;
    const now = new Date();
    await tx
      .updateTable('directory_user')
      .set({ deleted_at: now })
      .where('id', '=', id)
      .where('company_id', '=', scope.companyId)
      .execute();
    const logins = await tx
      .updateTable('sip_login')
      .set({ disabled_at: now })
      .where('user_id', '=', id)
      .where('company_id', '=', scope.companyId)
      .returning('id')
      .execute();
    const ids = logins.map((l) => l.id);
    if (ids.length > 0) await tx.deleteFrom('registration').where('sip_login_id', 'in', ids).execute();
    await tx.deleteFrom('ring_group_member').where('user_id', '=', id).execute();
    await tx
      .deleteFrom('routing_rule')
      .where('company_id', '=', scope.companyId)
      .where('destination_type', '=', 'user')
      .where('destination_id', '=', id)
      .execute();
    return true;
  });
}
