/** Messages of voicemail boxes: taken with their recording, counted for the lamps, mailed when the box says so. */
import type { Coordinates, JsonValue, RecordingPurpose } from '@callwright/engine';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { queueMail } from './mail.ts';
import { setMailboxCounts, writeEvents } from './presence.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export type MessageState = 'new' | 'old';

export interface VoicemailMessage {
  readonly id: string;
  readonly caller: Coordinates;
  readonly durationMs: number;
  readonly state: MessageState;
  readonly at: Date;
  /** Null: none is made. */
  readonly transcript: 'waiting' | 'done' | 'failed' | null;
  /** Sealed by `transcriptSeal`. */
  readonly transcriptText: Buffer | null;
}

const MESSAGE = sql`m.id, m.caller, m.duration_ms as "durationMs", m.state, m.created_at as at,
  case t.state when 'asking' then 'waiting' else t.state end as transcript, t.text_enc as "transcriptText"`;
const MESSAGES = sql`voicemail_message m left join transcript t on t.message_id = m.id and t.company_id = m.company_id`;

/** Locks the box, so that counts are told in the order in which they came about. */
async function lockBox(tx: Transaction<Database>, companyId: string, boxId: string) {
  const { rows } = await sql<{
    id: string;
    email: string | null;
    attach: boolean;
    remove: boolean;
    language: string;
    name: string;
  }>`
    select box.id, box.email, box.email_attach as attach, box.email_delete as remove, box.name,
      coalesce(box.language, owner.settings->>'language', 'en') as language
    from voicemail_box box join owner on owner.id = box.company_id
    where box.company_id = ${companyId} and box.id = ${boxId} for no key update of box`.execute(tx);
  return rows[0] ?? null;
}

async function recount(tx: Transaction<Database>, companyId: string, boxId: string): Promise<void> {
  const { rows } = await sql<{ fresh: number; old: number }>`
    select count(*) filter (where state = 'new')::int as fresh, count(*) filter (where state = 'old')::int as old
    from voicemail_message where company_id = ${companyId} and box_id = ${boxId}`.execute(tx);
  await setMailboxCounts(tx, companyId, boxId, rows[0]!);
}

/** A message is in its box: part of storing its recording. Its mail waits for the transcript where there is to be one. */
export async function takeMessage(
  tx: Transaction<Database>,
  companyId: string,
  id: string,
  { boxId, from }: Extract<RecordingPurpose, { type: 'voicemail' }>,
  durationMs: number,
): Promise<void> {
  const box = await lockBox(tx, companyId, boxId);
  if (!box) return;
  await sql`insert into voicemail_message (id, company_id, box_id, caller, duration_ms)
    values (${id}, ${companyId}, ${boxId}, ${JSON.stringify(from)}, ${durationMs}) on conflict (id) do nothing`.execute(
    tx,
  );
  await recount(tx, companyId, boxId);
  await tellMessage(tx, companyId, id);
  const { rows } = await sql`insert into transcript (message_id, company_id)
    select ${id}, box.company_id from voicemail_box box join owner on owner.id = box.company_id
    where box.company_id = ${companyId} and box.id = ${boxId} and box.transcribe
      and exists (select 1 from recogniser r where r.owner_id = any(owner.path))
    on conflict (message_id) do nothing returning message_id`.execute(tx);
  if (rows.length === 0) await mailMessage(tx, companyId, id);
}

/** The company's events say that a message has come. */
async function tellMessage(tx: Transaction<Database>, companyId: string, id: string): Promise<void> {
  const { rows } = await sql<{ body: Readonly<Record<string, JsonValue>> }>`
    select jsonb_build_object('messageId', m.id, 'boxId', m.box_id, 'userId', box.user_id, 'callId', r.call_id,
      'number', m.caller->>'number', 'name', coalesce(m.caller->>'name', ''), 'durationMs', m.duration_ms) as body
    from voicemail_message m join voicemail_box box on box.id = m.box_id and box.company_id = m.company_id
    join recording r on r.id = m.id and r.company_id = m.company_id
    where m.company_id = ${companyId} and m.id = ${id}`.execute(tx);
  await writeEvents(
    tx,
    rows.map(({ body }) => ({ ownerId: companyId, type: 'voicemail.received', body })),
  );
}

interface MailedMessage {
  readonly boxId: string;
  readonly caller: Coordinates;
  readonly durationMs: number;
  readonly at: Date;
}

/** Queues the mail of a message, once, where its box has an address. */
export async function mailMessage(tx: Transaction<Database>, companyId: string, id: string): Promise<void> {
  const { rows } = await sql<MailedMessage>`
    select box_id as "boxId", caller, duration_ms as "durationMs", created_at as at from voicemail_message
    where company_id = ${companyId} and id = ${id}`.execute(tx);
  const message = rows[0];
  const box = message && (await lockBox(tx, companyId, message.boxId));
  if (!box || box.email === null) return;
  await queueMail(tx, companyId, {
    key: `voicemail/${id}`,
    template: 'voicemail',
    language: box.language,
    recipient: box.email,
    variables: {
      box: box.name,
      number: message.caller.number,
      name: message.caller.name,
      seconds: String(Math.round(message.durationMs / 1000)),
      at: message.at.toISOString(),
    },
    attachment: box.attach ? id : null,
    deleteMessage: box.remove,
  });
}

/** New ones first, the oldest first among each. Null when the company has no such box. */
export async function listMessages(
  db: Db,
  companyId: string,
  boxId: string,
  limit: number,
): Promise<VoicemailMessage[] | null> {
  const box = await sql`select id from voicemail_box where company_id = ${companyId} and id = ${boxId}
    and deleted_at is null`.execute(db);
  if (box.rows.length === 0) return null;
  const { rows } = await sql<VoicemailMessage>`
    select ${MESSAGE} from ${MESSAGES}
    where m.company_id = ${companyId} and m.box_id = ${boxId} order by m.state = 'old', m.created_at, m.id limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** A message of the box; null when it has none of that id. */
export async function getMessage(
  db: Db,
  { companyId }: CompanyScope,
  boxId: string,
  id: string,
): Promise<VoicemailMessage | null> {
  const { rows } = await sql<VoicemailMessage>`
    select ${MESSAGE} from ${MESSAGES}
    where m.company_id = ${companyId} and m.box_id = ${boxId} and m.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Heard, unheard or deleted; its box's lamps follow. False when the box has no such message. */
export async function markMessage(
  db: Db,
  companyId: string,
  boxId: string,
  id: string,
  as: MessageState | 'deleted',
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    if (!(await lockBox(tx, companyId, boxId))) return false;
    const { rows } =
      as === 'deleted'
        ? await sql`delete from voicemail_message where company_id = ${companyId} and box_id = ${boxId} and id = ${id}
            returning id`.execute(tx)
        : await sql`update voicemail_message set state = ${as},
              heard_at = case when ${as} = 'old' then coalesce(heard_at, now()) end
            where company_id = ${companyId} and box_id = ${boxId} and id = ${id} returning id`.execute(tx);
    if (rows.length === 0) return false;
    if (as === 'deleted')
      await sql`update recording set state = 'discarded' where company_id = ${companyId} and id = ${id}`.execute(tx);
    await recount(tx, companyId, boxId);
    return true;
  });
}

/** Deletes at most `batch` messages older than their box, or else the company, keeps them; answers how many. */
export async function purgeMessages(db: Db, companyId: string, before: Date | null, batch: number): Promise<number> {
  const { rows } = await sql<{ id: string; box_id: string }>`
    select m.id, m.box_id from voicemail_message m join voicemail_box box on box.id = m.box_id
    where m.company_id = ${companyId} and m.created_at <
      coalesce(now() - make_interval(days => box.retention_days), ${before}::timestamptz) limit ${batch}`.execute(db);
  for (const row of rows) await markMessage(db, companyId, row.box_id, row.id, 'deleted');
  return rows.length;
}
