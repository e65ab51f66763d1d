/** What an account changes of itself: the browser's phone, greetings of the own box, the own password. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { NewSipLogin } from './devices.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber } from './scope.ts';
import { uuidv7 } from './uuid.ts';
import { type GreetingState, getGreetings, setGreetings } from './voicemail-boxes.ts';

/** A log-in as it is stored. */
export interface SessionLogin {
  readonly username: string;
  readonly realm: string;
  readonly secretEnc: Buffer;
}

/** The log-in of a session's browser phone, made on first use; null when the session or the user is gone. */
export async function sessionLogin(
  db: Db,
  { companyId }: CompanyScope,
  userId: string,
  sessionHash: Buffer,
  login: NewSipLogin,
): Promise<SessionLogin | null> {
  return inTransaction(db, async (tx) => {
    // the account may have become another user's since
    await sql`delete from sip_login where session_hash = ${sessionHash} and user_id is distinct from ${userId}`.execute(
      tx,
    );
    await sql`insert into sip_login (id, company_id, user_id, username, realm, secret_enc, ha1_md5_enc, ha1_sha256_enc, expires_at, session_hash)
      select ${login.loginId}, u.company_id, u.id, ${login.username}, ${login.realm}, ${login.secret.secretEnc}, ${login.secret.ha1Md5Enc},
        ${login.secret.ha1Sha256Enc}, s.expires_at, s.id_hash
      from session s, directory_user u
      where s.id_hash = ${sessionHash} and s.expires_at > now() and u.id = ${userId} and u.company_id = ${companyId} and u.deleted_at is null
      on conflict (session_hash) where session_hash is not null do nothing`.execute(tx);
    const { rows } = await sql<SessionLogin>`select username, realm, secret_enc as "secretEnc" from sip_login
      where session_hash = ${sessionHash} and company_id = ${companyId} and user_id = ${userId}`.execute(tx);
    return rows[0] ?? null;
  });
}

export interface GreetingView {
  readonly kind: GreetingState;
  readonly durationMs: number;
}

/** Greetings of a box with their lengths. */
export async function greetingsOfBox(db: Db, { companyId }: CompanyScope, boxId: string): Promise<GreetingView[]> {
  const { rows } = await sql<GreetingView>`
    select g.state as kind, c.duration_ms as "durationMs" from voicemail_greeting g
    join prompt p on p.id = g.prompt_id and p.company_id = ${companyId}
    join prompt_content c on c.hash = p.content_hash
    where g.company_id = ${companyId} and g.box_id = ${boxId} order by g.state`.execute(db);
  return rows;
}

/** The WAV of a greeting; null when the box has none of this kind. */
export async function readGreeting(
  db: Db,
  { companyId }: CompanyScope,
  boxId: string,
  kind: GreetingState,
): Promise<Buffer | null> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select c.bytes from voicemail_greeting g join prompt p on p.id = g.prompt_id and p.company_id = ${companyId}
    join prompt_content c on c.hash = p.content_hash
    where g.company_id = ${companyId} and g.box_id = ${boxId} and g.state = ${kind}`.execute(db);
  return rows[0]?.bytes ?? null;
}

/** The sound becomes a prompt of the company, of the name that a greeting recorded by telephone has, and the box's greeting. */
export async function keepOwnGreeting(
  db: Db,
  scope: CompanyScope,
  boxId: string,
  kind: GreetingState,
  sound: { readonly wav: Buffer; readonly durationMs: number },
): Promise<void> {
  const hash = createHash('sha256').update(sound.wav).digest('hex');
  await inTransaction(db, async (tx) => {
    await sql`insert into prompt_content (hash, bytes, duration_ms) values (${hash}, ${sound.wav}, ${sound.durationMs})
      on conflict (hash) do nothing`.execute(tx);
    const { rows } = await sql<{ id: string }>`
      insert into prompt (id, company_id, number, name, content_hash)
      values (${uuidv7()}, ${scope.companyId}, ${await nextNumber(tx, scope.companyId, 'prompt')}, ${`voicemail-${boxId}-${kind}`}, ${hash})
      on conflict (company_id, name) do update set content_hash = excluded.content_hash, text = null, updated_at = now()
      returning id`.execute(tx);
    const before = (await getGreetings(tx, scope, boxId)) ?? {};
    await setGreetings(tx, scope, boxId, { ...before, [kind]: rows[0]!.id });
  });
}

/** False: the box has no such greeting. A prompt that was made for it goes with it. */
export async function dropGreeting(
  db: Db,
  { companyId }: CompanyScope,
  boxId: string,
  kind: GreetingState,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { numAffectedRows } = await sql`delete from voicemail_greeting
      where company_id = ${companyId} and box_id = ${boxId} and state = ${kind}`.execute(tx);
    await sql`delete from prompt p where p.company_id = ${companyId} and p.name = ${`voicemail-${boxId}-${kind}`}
      and not exists (select 1 from voicemail_greeting g where g.prompt_id = p.id)`.execute(tx);
    return numAffectedRows === 1n;
  });
}

/** E-mail address and password hash of an account, to check who changes it; null when it is disabled or gone. */
export async function passwordOf(db: Db, accountId: string): Promise<{ email: string; hash: string | null } | null> {
  const { rows } = await sql<{ email: string; hash: string | null }>`select email, password_hash as hash from account
    where id = ${accountId} and disabled_at is null`.execute(db);
  return rows[0] ?? null;
}

/** A new password of one's own; sessions other than the one named end. */
export async function changeOwnPassword(
  db: Db,
  accountId: string,
  passwordHash: string,
  keptSession: Buffer,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql`update account set password_hash = ${passwordHash} where id = ${accountId}`.execute(tx);
    await sql`delete from session where account_id = ${accountId} and id_hash <> ${keptSession}`.execute(tx);
  });
}
