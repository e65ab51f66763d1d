/** Mail that is to be sent, as a row in the transaction of what it is about; and the servers by which owners send. */
import { sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import { type Db, inSubtree } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export interface NewMail {
  /** What it is about: once per owner. */
  readonly key: string;
  readonly template: string;
  readonly language: string;
  readonly recipient: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Id of the recording that goes along. */
  readonly attachment: string | null;
  readonly deleteMessage?: boolean;
}

/** Puts a mail into the outbox, once per key. */
export async function queueMail(db: Db, ownerId: string, mail: NewMail): Promise<void> {
  await sql`
    insert into mail (id, owner_id, key, template, language, recipient, variables, attachment, delete_message)
    values (${uuidv7()}, ${ownerId}, ${mail.key}, ${mail.template}, ${mail.language}, ${mail.recipient},
      ${JSON.stringify(mail.variables)}, ${mail.attachment}, ${mail.deleteMessage ?? false})
    on conflict (owner_id, key) do nothing`.execute(db);
}

export const mailServerSeal = (ownerId: string): SealContext => ({ owner: ownerId, purpose: 'mail-password' });

export type MailSecurity = 'none' | 'starttls' | 'tls';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `starttls`: the connection must become safe before anything is said; `tls`: it is from its start. */
  readonly security: MailSecurity;
  readonly username: string | null;
  /** From address. */
  readonly sender: string;
}

/** A server with the sealed password, as the settings show it: whether there is one, never which. */
export interface MailServerView extends MailServer {
  readonly hasPassword: boolean;
}

/** The owner lies in the asking one's subtree. */
const inReach = (asker: string, ownerId: string) =>
  sql`exists (select 1 from owner where owner.id = ${ownerId} and ${inSubtree(asker)})`;

/** The owner's own; null when he uses that of the nearest above him, or is out of the asking owner's reach. */
export async function getMailServer(db: Db, asker: string, ownerId: string): Promise<MailServerView | null> {
  const { rows } = await sql<MailServerView>`
    select host, port, security, username, sender, password_enc is not null as "hasPassword"
    from mail_server where owner_id = ${ownerId} and ${inReach(asker, ownerId)}`.execute(db);
  return rows[0] ?? null;
}

/** `password` sealed by `mailServerSeal`; undefined keeps the one there is. Null when the owner is out of reach. */
export async function putMailServer(
  db: Db,
  asker: string,
  ownerId: string,
  server: MailServer,
  password: Buffer | null | undefined,
): Promise<MailServerView | null> {
  const { host, port, security, username, sender } = server;
  await sql`
    insert into mail_server (owner_id, host, port, security, username, password_enc, sender)
    select ${ownerId}::uuid, ${host}, ${port}, ${security}, ${username}, ${password ?? null}::bytea, ${sender}
    where ${inReach(asker, ownerId)}
    on conflict (owner_id) do update set host = excluded.host, port = excluded.port, security = excluded.security,
      username = excluded.username, sender = excluded.sender, updated_at = now(),
      password_enc = case when ${password === undefined} then mail_server.password_enc else excluded.password_enc end`.execute(
    db,
  );
  return getMailServer(db, asker, ownerId);
}

/** False when the owner has none of his own, or is out of reach. */
export async function deleteMailServer(db: Db, asker: string, ownerId: string): Promise<boolean> {
  const { rows } = await sql`delete from mail_server where owner_id = ${ownerId} and ${inReach(asker, ownerId)}
    returning owner_id`.execute(db);
  return rows.length > 0;
}
