/**
 * The outbox of mail: rows taken by one worker at a time. One that a worker has taken and not given back is due again after a while; the
 * mail's Message-ID is its row's id, so that whoever gets it twice can tell.
 */
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { type MailSecurity, type MailServer, mailServerSeal, type NewMail } from './mail.ts';
import { type Db, inTransaction } from './scope.ts';
import { transcriptSeal } from './transcripts.ts';
import { markMessage } from './voicemail-messages.ts';

export interface DueMail extends Omit<NewMail, 'deleteMessage'> {
  readonly id: string;
  readonly ownerId: string;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Name under which the owner appears: that of the nearest theme above him, else his own. */
  readonly brand: string;
  readonly timeZone: string;
  /** Null: neither the owner nor anybody above him has one. */
  readonly server: (MailServer & { readonly password: string | null; readonly trusted: boolean }) | null;
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
      taken.attempts, taken.created_at, coalesce(nullif((select t.theme->>'name' from owner_theme t where t.owner_id = any(owner.path) and t.theme->>'name' <> ''
        order by array_position(owner.path, t.owner_id) desc limit 1), ''), owner.name) as brand,
      coalesce(owner.settings->>'timeZone', 'UTC') as time_zone,
      server.host, server.port, server.security, server.username, server.password_enc, server.sender, server.owner_id as server_owner,
      server.kind = 'platform' as trusted, t.text_enc as transcript
    from taken join owner on owner.id = taken.owner_id
    left join lateral (
      select s.owner_id, o.kind, s.host, s.port, s.security, s.username, s.password_enc, s.sender
      from mail_server s join owner o on o.id = s.owner_id where s.owner_id = any(owner.path)
      order by array_position(owner.path, s.owner_id) desc limit 1
    ) server on true
    left join transcript t on t.company_id = taken.owner_id and taken.key = 'voicemail/' || t.message_id`.execute(db);
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
  readonly time_zone: string;
  readonly trusted: boolean;
  readonly server_owner: string | null;
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly username: string | null;
  readonly password_enc: Buffer | null;
  readonly sender: string;
  readonly transcript: Buffer | null;
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
    // sealed until it is sent
    variables: row.transcript
      ? { ...row.variables, transcript: keyring.openText(transcriptSeal(row.owner_id), row.transcript) }
      : row.variables,
    attachment: row.attachment,
    attempts: row.attempts,
    createdAt: row.created_at,
    brand: row.brand,
    timeZone: row.time_zone,
    server: serverOwner === null ? null : { host, port, security, username, password, sender, trusted: row.trusted },
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
