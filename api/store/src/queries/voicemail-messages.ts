/** Messages of voicemail boxes: taken with their recording, counted for the lamps, mailed when the box says so. */
import type { Coordinates, RecordingPurpose } from '@callwright/engine';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { queueMail } from './mail.ts';
import { setMailboxCounts } from './presence.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export type MessageState = 'new' | 'old';

export interface VoicemailMessage {
  readonly id: string;
  readonly caller: Coordinates;
  readonly durationMs: number;
  readonly state: MessageState;
  readonly at: Date;
}

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

/** A message is in its box: part of storing its recording. */
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
  if (box.email === null) return;
  await queueMail(tx, companyId, {
    key: `voicemail/${id}`,
    template: 'voicemail',
    language: box.language,
    recipient: box.email,
    variables: {
      box: box.name,
      number: from.number,
      name: from.name,
      seconds: String(Math.round(durationMs / 1000)),
      at: new Date().toISOString(),
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
    select id, caller, duration_ms as "durationMs", state, created_at as at from voicemail_message
    where company_id = ${companyId} and box_id = ${boxId} order by state = 'old', created_at, id limit ${limit}`.execute(
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
    select id, caller, duration_ms as "durationMs", state, created_at as at from voicemail_message
    where company_id = ${companyId} and box_id = ${boxId} and id = ${id}`.execute(db);
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
