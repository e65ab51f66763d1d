/** SIP log-ins as the registrar and the digest check need them, and the contacts registered under them. */
import { sql } from 'kysely';
import type { OwnerSettings } from './owners.ts';
import { type Db, notSuspended } from './scope.ts';

/** A log-in with its user and company. */
/** In what its phones are to talk. */
export interface CodecWish {
  /** Names as SDP has them, best first. */
  readonly codecs: readonly string[];
  /** Nothing else is offered or taken; else they come first. */
  readonly forced: boolean;
}

export interface SipLogin {
  readonly id: string;
  readonly username: string;
  readonly realm: string;
  readonly companyId: string;
  readonly settings: OwnerSettings;
  /** The user, the company or somebody above it is suspended: the log-in is known, and may do nothing. */
  readonly suspended: boolean;
  /** The one thing it may dial, and it may do nothing else; null = no such limit. */
  readonly onlyDials: string | null;
  readonly ha1Md5Enc: Buffer;
  readonly ha1Sha256Enc: Buffer;
  readonly user: {
    readonly id: string;
    readonly number: number;
    readonly extension: string;
    readonly name: string;
    readonly language: string | null;
    readonly outboundNumber: string | null;
    readonly codecs: CodecWish | null;
  } | null;
}

interface SipLoginRow {
  id: string;
  username: string;
  realm: string;
  company_id: string;
  settings: OwnerSettings;
  suspended: boolean;
  only_dials: string | null;
  ha1_md5_enc: Buffer;
  ha1_sha256_enc: Buffer;
  user_id: string | null;
  number: number;
  extension: string;
  name: string;
  language: string | null;
  outbound_number: string | null;
  codecs: string[] | null;
  codec_mode: string | null;
}

/** The enabled log-in of that name; null when there is none. */
export async function findSipLogin(db: Db, username: string): Promise<SipLogin | null> {
  const { rows } = await sql<SipLoginRow>`
    select l.id, l.username, l.realm, l.company_id, owner.settings, l.only_dials, l.ha1_md5_enc, l.ha1_sha256_enc, u.id as user_id, u.number, u.extension,
      (u.suspended_at is not null or not ${notSuspended}) as suspended,
      trim(u.given_name || ' ' || u.family_name) as name, u.language, u.outbound_number, u.codecs, u.codec_mode
    from sip_login l
    join owner on owner.id = l.company_id
    left join directory_user u on u.id = l.user_id and u.deleted_at is null
    where l.username = ${username} and l.disabled_at is null and (l.expires_at is null or l.expires_at > now())
      and (l.user_id is null or u.id is not null)`.execute(db);
  const row = rows[0];
  if (!row) return null;
  return {
    id: row.id,
    username: row.username,
    realm: row.realm,
    companyId: row.company_id,
    settings: row.settings,
    suspended: row.suspended,
    onlyDials: row.only_dials,
    ha1Md5Enc: row.ha1_md5_enc,
    ha1Sha256Enc: row.ha1_sha256_enc,
    user: row.user_id
      ? {
          id: row.user_id,
          number: row.number,
          extension: row.extension,
          name: row.name,
          language: row.language,
          outboundNumber: row.outbound_number,
          codecs: wishOf(row.codecs, row.codec_mode),
        }
      : null,
  };
}

const wishOf = (codecs: string[] | null, mode: string | null): CodecWish | null =>
  codecs === null || codecs.length === 0 ? null : { codecs, forced: mode === 'forced' };

/** Whether the name is an enabled log-in, or a contact is registered from this very address and port. */
export async function isKnownPhone(db: Db, username: string, received: string): Promise<boolean> {
  const { rows } = await sql`select 1 from sip_login where username = ${username} and disabled_at is null
    union all select 1 from registration where received = ${received} and expires_at > now() limit 1`.execute(db);
  return rows.length > 0;
}

/** Whether any of the subjects is shut out for guessing (`guard.ts`). */
export async function anyBanned(db: Db, subjects: readonly string[]): Promise<boolean> {
  const { rows } =
    await sql`select 1 from guard where subject = any(${[...subjects]}::text[]) and banned_until > now()`.execute(db);
  return rows.length > 0;
}

export interface Contact {
  readonly contact: string;
  /** `<protocol>:<address>:<port>` the REGISTER came from. */
  readonly received: string;
  readonly path: string | null;
  readonly expiresAt: Date;
  /** Preference, 0 to 1; higher ones are rung first. */
  readonly q: number;
}

export interface NewContact {
  readonly contact: string;
  /** Seconds; 0 removes it. */
  readonly expires: number;
  /** 1 when absent. */
  readonly q?: number;
  /** Instance and flow (RFC 5626 §4.1): another contact of the same flow is replaced. */
  readonly flow?: { readonly instanceId: string; readonly regId: number } | null;
  /** The request came from elsewhere than the contact says. */
  readonly natted?: boolean;
}

export interface RegisterInput {
  readonly loginId: string;
  readonly received: string;
  readonly path: string | null;
  readonly instance: string;
  readonly userAgent: string;
  readonly sipCallId: string;
  readonly cseq: number;
  /** `all` removes every contact (`Contact: *`). */
  readonly contacts: readonly NewContact[] | 'all';
  readonly maxContacts: number;
}

export type RegisterAnswer =
  | { readonly status: 'ok'; readonly contacts: readonly Contact[] }
  /** A CSeq not above the one stored for the same Call-ID (RFC 3261 §10.3, step 7): nothing was changed. */
  | { readonly status: 'out-of-order' }
  | { readonly status: 'too-many' };

class Undo extends Error {
  readonly answer: RegisterAnswer;
  constructor(answer: RegisterAnswer) {
    super('undone');
    this.answer = answer;
  }
}

/** All changes of one REGISTER, or none (RFC 3261 §10.3). */
export async function register(db: Db, input: RegisterInput): Promise<RegisterAnswer> {
  try {
    return await db.transaction().execute(async (tx) => {
      // one REGISTER of a log-in at a time
      await sql`select 1 from sip_login where id = ${input.loginId} for update`.execute(tx);
      if (input.contacts === 'all') await removeContacts(tx, input);
      else for (const contact of input.contacts) await bindContact(tx, input, contact);
      const contacts = await contactsOfLogin(tx, input.loginId);
      if (contacts.length > input.maxContacts) throw new Undo({ status: 'too-many' });
      if (contacts.length > 0) await noteRegistration(tx, input);
      return { status: 'ok', contacts };
    });
  } catch (error) {
    if (error instanceof Undo) return error.answer;
    throw error;
  }
}

/** Kept after the contacts are gone: when and from where the log-in was last registered. */
async function noteRegistration(tx: Db, { loginId, userAgent, received }: RegisterInput): Promise<void> {
  await sql`update sip_login set last_registered_at = now(), last_user_agent = ${userAgent},
    last_address = ${received.replace(/^[a-z]+:/, '')} where id = ${loginId}`.execute(tx);
}

async function removeContacts(tx: Db, input: RegisterInput): Promise<void> {
  const { rows } = await sql`select 1 from registration where sip_login_id = ${input.loginId}
    and call_id = ${input.sipCallId} and cseq >= ${input.cseq} and expires_at > now()`.execute(tx);
  if (rows.length > 0) throw new Undo({ status: 'out-of-order' });
  await sql`delete from registration where sip_login_id = ${input.loginId}`.execute(tx);
}

async function bindContact(tx: Db, input: RegisterInput, asked: NewContact): Promise<void> {
  const { contact, expires, q = 1, flow = null, natted = false } = asked;
  const { loginId, sipCallId, cseq } = input;
  const { rows } = await sql`select 1 from registration where sip_login_id = ${loginId} and contact = ${contact}
    and call_id = ${sipCallId} and cseq >= ${cseq} and expires_at > now()`.execute(tx);
  if (rows.length > 0) throw new Undo({ status: 'out-of-order' });
  if (expires === 0) {
    await sql`delete from registration where sip_login_id = ${loginId} and contact = ${contact}`.execute(tx);
    return;
  }
  if (flow) {
    await sql`delete from registration where sip_login_id = ${loginId} and instance_id = ${flow.instanceId} and reg_id = ${flow.regId}
      and contact <> ${contact}`.execute(tx);
  }
  await sql`
    insert into registration (sip_login_id, contact, received, path, instance, user_agent, call_id, cseq, expires_at, q, instance_id, reg_id,
      natted)
    values (${loginId}, ${contact}, ${input.received}, ${input.path}, ${input.instance}, ${input.userAgent}, ${sipCallId}, ${cseq},
      now() + make_interval(secs => ${expires}), ${q}, ${flow?.instanceId ?? null}, ${flow?.regId ?? null}, ${natted})
    on conflict (sip_login_id, contact) do update set received = excluded.received, path = excluded.path,
      instance = excluded.instance, user_agent = excluded.user_agent, call_id = excluded.call_id, cseq = excluded.cseq,
      expires_at = excluded.expires_at, q = excluded.q, instance_id = excluded.instance_id, reg_id = excluded.reg_id,
      natted = excluded.natted, silent = 0,
      -- a phone that has started anew has forgotten its lamp
      lamp_told = case when registration.call_id = excluded.call_id then registration.lamp_told else -1 end`.execute(
    tx,
  );
}

/** Unexpired contacts of a log-in. */
export async function contactsOfLogin(db: Db, loginId: string): Promise<Contact[]> {
  const { rows } = await sql<Contact>`select contact, received, path, expires_at as "expiresAt", q from registration
    where sip_login_id = ${loginId} and expires_at > now() order by registered_at, contact`.execute(db);
  return rows;
}

/** A place where a user is rung. */
export interface UserContact extends Contact {
  readonly wish: CodecWish | null;
}

/** Where to ring a user of the company: every unexpired contact of the user's log-ins, or of those named. */
export async function contactsOfUser(
  db: Db,
  companyId: string,
  userId: string,
  loginIds: readonly string[] | undefined,
): Promise<UserContact[]> {
  const { rows } = await sql<Contact & { codecs: string[] | null; codecMode: string | null }>`
    select r.contact, r.received, r.path, r.expires_at as "expiresAt", r.q, u.codecs, u.codec_mode as "codecMode"
    from registration r
    join sip_login l on l.id = r.sip_login_id and l.disabled_at is null
    join directory_user u on u.id = l.user_id and u.deleted_at is null
    where l.company_id = ${companyId} and u.id::text = ${userId} and r.expires_at > now()
      and (${loginIds === undefined} or l.id::text = any(${[...(loginIds ?? [])]}::text[]))
    order by r.q desc, r.registered_at, r.contact`.execute(db);
  return rows.map(({ codecs, codecMode, ...contact }) => ({ ...contact, wish: wishOf(codecs, codecMode) }));
}

/** Removes contacts that ran out an hour ago or more. */
export async function purgeContacts(db: Db): Promise<void> {
  await sql`delete from registration where expires_at < now() - interval '1 hour'`.execute(db);
}

/** A binding behind a NAT that is to be asked, so that its way stays open. */
export interface NattedContact {
  readonly loginId: string;
  readonly contact: string;
  readonly received: string;
}

/** Bindings behind NATs that this SIP server's phones made and that were not asked for `seconds`; they count as asked from now on. */
export async function takeNatted(db: Db, server: string, seconds: number, limit: number): Promise<NattedContact[]> {
  const { rows } = await sql<NattedContact>`
    with due as (
      select sip_login_id, contact from registration
      where natted and regexp_replace(instance, '[.][0-9]+$', '') = ${server} and expires_at > now()
        and coalesce(asked_at, registered_at) < now() - make_interval(secs => ${seconds})
      order by asked_at nulls first limit ${limit} for update skip locked
    )
    update registration r set asked_at = now() from due
    where r.sip_login_id = due.sip_login_id and r.contact = due.contact
    returning r.sip_login_id as "loginId", r.contact, r.received`.execute(db);
  return rows;
}

/** What a binding behind a NAT has said; one that has been silent `most` times in a row is taken away. */
export async function noteNatted(
  db: Db,
  { loginId, contact, received }: NattedContact,
  answered: boolean,
  most: number,
): Promise<void> {
  await sql`update registration set silent = case when ${answered} then 0 else silent + 1 end
    where sip_login_id = ${loginId} and contact = ${contact} and received = ${received}`.execute(db);
  if (answered) return;
  await sql`delete from registration
    where sip_login_id = ${loginId} and contact = ${contact} and received = ${received} and silent >= ${most}`.execute(
    db,
  );
}
