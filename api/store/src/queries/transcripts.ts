/**
 * Transcripts of messages: a row with the message, taken by one worker at a time. The message's mail waits for it, and goes without it when
 * it comes to nothing.
 */
import { sql } from 'kysely';
import type { Keyring, SealContext } from '../crypto.ts';
import { type Recogniser, recogniserSeal } from './recognisers.ts';
import { type Db, inTransaction } from './scope.ts';
import { mailMessage } from './voicemail-messages.ts';

export const transcriptSeal = (companyId: string): SealContext => ({ owner: companyId, purpose: 'transcript' });

export interface DueTranscript {
  /** Of a message in a box, or of what a call has recorded. */
  readonly kind: 'message' | 'call';
  /** Of a message its own id, too. */
  readonly recordingId: string;
  readonly companyId: string;
  /** Of the box, or the company. */
  readonly language: string;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Null: neither the company nor anybody above it has one any more. `trusted`: the platform's own. */
  readonly recogniser: (Recogniser & { readonly key: string | null; readonly trusted: boolean }) | null;
}

/** A row of a due transcript with the nearest recogniser. */
export interface DueRow extends Omit<DueTranscript, 'recogniser'>, Recogniser {
  readonly owner: string | null;
  readonly ownerKind: string | null;
  readonly key: Buffer | null;
}

/** What `DueRow` has of `NEAREST_RECOGNISER`. */
export const RECOGNISER_COLUMNS = sql`r.owner_id as owner, r.kind as "ownerKind", r.provider, r.url, r.model, r.key_enc as key`;

/** Joins that of the row's `owner`, or of the next above him who has one. */
export const NEAREST_RECOGNISER = sql`left join lateral (
      select s.*, o.kind from recogniser s join owner o on o.id = s.owner_id where s.owner_id = any(owner.path)
      order by array_position(owner.path, s.owner_id) desc limit 1
    ) r on true`;

export function openDue(keyring: Keyring, row: DueRow): DueTranscript {
  const { owner, ownerKind, provider, url, model, key, ...due } = row;
  if (owner === null) return { ...due, recogniser: null };
  const opened = key && keyring.openText(recogniserSeal(owner), key);
  return { ...due, recogniser: { provider, url, model, key: opened, trusted: ownerKind === 'platform' } };
}

/** Takes due ones for `holdMs`; another worker gets them after that unless they were settled. */
export async function takeDueTranscripts(
  db: Db,
  keyring: Keyring,
  holdMs: number,
  limit: number,
): Promise<DueTranscript[]> {
  const { rows } = await sql<DueRow>`
    with taken as (
      update transcript set state = 'asking', attempts = attempts + 1, due_at = now() + make_interval(secs => ${holdMs / 1000})
      where message_id in (select message_id from transcript where state in ('waiting','asking') and due_at <= now()
        order by due_at limit ${limit} for update skip locked)
      returning *
    )
    select 'message' as kind, taken.message_id as "recordingId", taken.company_id as "companyId", taken.attempts, taken.created_at as "createdAt",
      coalesce(box.language, u.language, owner.settings->>'language', 'en') as language,
      ${RECOGNISER_COLUMNS}
    from taken join owner on owner.id = taken.company_id
    join voicemail_message m on m.id = taken.message_id join voicemail_box box on box.id = m.box_id
    left join directory_user u on u.id = box.user_id
    ${NEAREST_RECOGNISER}`.execute(db);
  return rows.map((row) => openDue(keyring, row));
}

/** The text is kept, sealed for its company, and the message mailed. */
export async function transcriptDone(
  db: Db,
  keyring: Keyring,
  { recordingId: messageId, companyId }: Pick<DueTranscript, 'recordingId' | 'companyId'>,
  { text, language }: { readonly text: string; readonly language: string | null },
): Promise<void> {
  const sealed = keyring.seal(transcriptSeal(companyId), text);
  await inTransaction(db, async (tx) => {
    const { rows } =
      await sql`update transcript set state = 'done', text_enc = ${sealed}, language = ${language}, failure = null
      where message_id = ${messageId} and company_id = ${companyId} and state = 'asking' returning message_id`.execute(
        tx,
      );
    if (rows.length > 0) await mailMessage(tx, companyId, messageId);
  });
}

/** There is none yet; `againInMs` null: there will be none, and the message is mailed as it is. `failure` is a code. */
export async function transcriptFailed(
  db: Db,
  { recordingId: messageId, companyId }: Pick<DueTranscript, 'recordingId' | 'companyId'>,
  failure: string,
  againInMs: number | null,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { rows } =
      await sql`update transcript set failure = ${failure}, state = ${againInMs === null ? 'failed' : 'waiting'},
        due_at = now() + make_interval(secs => ${(againInMs ?? 0) / 1000})
      where message_id = ${messageId} and company_id = ${companyId} and state = 'asking' returning message_id`.execute(
        tx,
      );
    if (rows.length > 0 && againInMs === null) await mailMessage(tx, companyId, messageId);
  });
}
