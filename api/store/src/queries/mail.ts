/** Mail that is to be sent, as a row in the transaction of what it is about; and the servers by which owners send. */
import { sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import type { Db } from './scope.ts';
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

/** The owner's own; null = that of the nearest above him. The caller has checked that the owner is in his reach. */
export async function getMailServer(db: Db, ownerId: string): Promise<MailServerView | null> {
  const { rows } = await sql<MailServerView>`
    select host, port, security, username, sender, password_enc is not null as "hasPassword"
    from mail_server where owner_id = ${ownerId}`.execute(db);
  return rows[0] ?? null;
}

/** `password` sealed by `mailServerSeal`; undefined keeps the one there is. */
export async function putMailServer(
  db: Db,
  ownerId: string,
  server: MailServer,
  password: Buffer | null | undefined,
): Promise<MailServerView> {
  await sql`
    insert into mail_server (owner_id, host, port, security, username, password_enc, sender)
    values (${ownerId}, ${server.host}, ${server.port}, ${server.security}, ${server.username}, ${password ?? null}, ${server.sender})
    on conflict (owner_id) do update set host = excluded.host, port = excluded.port, security = excluded.security,
      username = excluded.username, sender = excluded.sender, updated_at = now(),
      password_enc = case when ${password === undefined} then mail_server.password_enc else excluded.password_enc end`.execute(
    db,
  );
  return (await getMailServer(db, ownerId))!;
}

export async function deleteMailServer(db: Db, ownerId: string): Promise<boolean> {
  const { rows } = await sql`delete from mail_server where owner_id = ${ownerId} returning owner_id`.execute(db);
  return rows.length > 0;
}
