/**
 * The outbox of mail: rows taken by one worker at a time. One that a worker has taken and not given back is due again after a while; the
 * mail's Message-ID is its row's id, so that whoever gets it twice can tell.
 */
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { type MailSecurity, type MailServer, mailServerSeal, type NewMail } from './mail.ts';
import { type Db, inTransaction } from './scope.ts';
import { markMessage } from './voicemail-messages.ts';

export interface DueMail extends Omit<NewMail, 'deleteMessage'> {
  readonly id: string;
  readonly ownerId: string;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Name under which the owner appears: his theme's, or the nearest above him. */
  readonly brand: string;
  /** Null: neither the owner nor anybody above him has one. */
  readonly server: (MailServer & { readonly password: string | null }) | null;
}

/** Takes due mails for `holdMs`; another worker gets them after that unless they were settled. */
export async function takeDueMail(db: Db, keyring: Keyring, holdMs: number, limit: number): Promise<DueMail[]> {
  const { rows } = await sql<Row>`
    with taken as (
      update mail set state = 'sending', attempts = attempts + 1, due_at = now() + make_interval(secs => ${holdMs / 1000})
      where id in (select id from mail where state in ('waiting','sending') and due_at <= now()
        order by due_at limit ${limit} for update skip locked)
      returning *
    )
    select taken.id, taken.owner_id, taken.key, taken.template, taken.language, taken.recipient, taken.variables, taken.attachment,
      taken.attempts, taken.created_at, owner.name as brand, server.*, server.owner_id as server_owner
    from taken join owner on owner.id = taken.owner_id
    left join lateral (
      select s.owner_id, s.host, s.port, s.security, s.username, s.password_enc, s.sender
      from mail_server s where s.owner_id = any(owner.path)
      order by array_position(owner.path, s.owner_id) desc limit 1
    ) server on true`.execute(db);
  return rows.map((row) => dueMail(keyring, row));
}

interface Row {
  readonly id: string;
  readonly owner_id: string;
  readonly key: string;
  readonly template: string;
  readonly language: string;
  readonly recipient: string;
  readonly variables: Record<string, string>;
  readonly attachment: string | null;
  readonly attempts: number;
  readonly created_at: Date;
  readonly brand: string;
  readonly server_owner: string | null;
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly username: string | null;
  readonly password_enc: Buffer | null;
  readonly sender: string;
}

function dueMail(keyring: Keyring, row: Row): DueMail {
  const { host, port, security, username, sender, server_owner: serverOwner, password_enc: sealed } = row;
  const password = serverOwner && sealed ? keyring.openText(mailServerSeal(serverOwner), sealed) : null;
  return {
    id: row.id,
    ownerId: row.owner_id,
    key: row.key,
    template: row.template,
    language: row.language,
    recipient: row.recipient,
    variables: row.variables,
    attachment: row.attachment,
    attempts: row.attempts,
    createdAt: row.created_at,
    brand: row.brand,
    server: serverOwner === null ? null : { host, port, security, username, password, sender },
  };
}

/** The server has taken it: the message leaves its box where the box says so. */
export async function mailSent(db: Db, id: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { rows } = await sql<{ owner_id: string; attachment: string | null; remove: boolean }>`
      update mail set state = 'sent', sent_at = now(), failure = null where id = ${id} and state = 'sending'
      returning owner_id, attachment, delete_message as remove`.execute(tx);
    const row = rows[0];
    if (!row?.remove || row.attachment === null) return;
    const box = await sql<{ box_id: string }>`select box_id from voicemail_message
      where company_id = ${row.owner_id} and id = ${row.attachment}`.execute(tx);
    if (box.rows[0]) await markMessage(tx, row.owner_id, box.rows[0].box_id, row.attachment, 'deleted');
  });
}

/** It was not taken. `againInMs` null: it never will be. `failure` is a code. */
export async function mailNotSent(db: Db, id: string, failure: string, againInMs: number | null): Promise<void> {
  await sql`update mail set failure = ${failure}, state = ${againInMs === null ? 'failed' : 'waiting'},
    due_at = now() + make_interval(secs => ${(againInMs ?? 0) / 1000}) where id = ${id} and state = 'sending'`.execute(
    db,
  );
}
