/** The directory service (LDAP) that phones search in: of a company, or of one user instead. Only the way there is kept; we do not ask it. */
import { sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import type { CompanyScope, Db } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export interface LdapFields {
  readonly hostname: string;
  /** Null: the usual one of the security. */
  readonly port: number | null;
  readonly security: 'none' | 'starttls' | 'tls';
  readonly username: string;
  readonly domain: string;
}

export interface LdapConnection extends LdapFields {
  /** Null: the company's. */
  readonly userId: string | null;
  readonly passwordEnc: Buffer | null;
}

export const ldapSeal = (companyId: string): SealContext => ({ owner: companyId, purpose: 'ldap-password' });

/** The user's own, else the company's; null when neither has one. `exactly`: the one asked for only. */
export async function getLdapConnection(
  db: Db,
  { companyId }: CompanyScope,
  userId: string | null,
  exactly = false,
): Promise<LdapConnection | null> {
  const { rows } = await sql<LdapConnection>`
    select user_id as "userId", hostname, port, security, username, domain, password_enc as "passwordEnc" from ldap_connection
    where company_id = ${companyId} and (user_id is not distinct from ${userId}::uuid or (user_id is null and not ${exactly}))
    order by user_id nulls last limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Sets it; `passwordEnc` undefined leaves the password as it is. False when the company has no such user. */
export async function putLdapConnection(
  db: Db,
  { companyId }: CompanyScope,
  userId: string | null,
  fields: LdapFields & { readonly passwordEnc?: Buffer | null },
): Promise<boolean> {
  const { hostname, port, security, username, domain, passwordEnc } = fields;
  const { rows } = await sql`
    insert into ldap_connection (id, company_id, user_id, hostname, port, security, username, domain, password_enc)
    select ${uuidv7()}::uuid, ${companyId}::uuid, ${userId}::uuid, ${hostname}, ${port}::int, ${security}, ${username}, ${domain},
      ${passwordEnc ?? null}::bytea
    where ${userId}::uuid is null or exists (select 1 from directory_user
      where id = ${userId} and company_id = ${companyId} and deleted_at is null)
    on conflict (company_id, user_id) do update set hostname = excluded.hostname, port = excluded.port, security = excluded.security,
      username = excluded.username, domain = excluded.domain, updated_at = now(),
      password_enc = case when ${passwordEnc === undefined} then ldap_connection.password_enc else excluded.password_enc end
    returning id`.execute(db);
  return rows.length > 0;
}

/** False when there was none. */
export async function deleteLdapConnection(
  db: Db,
  { companyId }: CompanyScope,
  userId: string | null,
): Promise<boolean> {
  const { rows } = await sql`delete from ldap_connection
    where company_id = ${companyId} and user_id is not distinct from ${userId}::uuid returning id`.execute(db);
  return rows.length > 0;
}
