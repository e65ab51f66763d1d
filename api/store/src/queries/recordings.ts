/**
 * Recordings: a row before the file is begun, and what follows from it in the same transaction in which the file is known to be whole. Both
 * steps may be repeated: the operation's id finds the row, a row that has left `recording` is not finished again.
 */
import type { RecordingPurpose } from '@callwright/engine';
import { sql } from 'kysely';
import { wantTranscript } from './call-transcripts.ts';
import { writeEvents } from './presence.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';
import { uuidv7 } from './uuid.ts';
import { takeMessage } from './voicemail-messages.ts';

export interface BeginningRecording {
  readonly companyId: string;
  readonly op: string;
  readonly callId: string;
  readonly legId: string;
  readonly instance: string;
  readonly purpose: RecordingPurpose;
}

/** Id of the recording that this operation makes; the same one when it is asked again. */
export async function beginRecording(db: Db, recording: BeginningRecording): Promise<string> {
  const { companyId, op, callId, legId, instance, purpose } = recording;
  const { rows } = await sql<{ id: string }>`
    insert into recording (id, company_id, op, call_id, leg_id, kind, instance, purpose)
    values (${uuidv7()}, ${companyId}, ${op}, ${callId}, ${legId}, ${purpose.type}, ${instance}, ${JSON.stringify(purpose)})
    on conflict (company_id, op) do update set op = excluded.op returning id`.execute(db);
  return rows[0]!.id;
}

export interface FinishedFile {
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly durationMs: number;
  /** Why it ended. */
  readonly ended: string;
  /** Its sound, where it may become a prompt. */
  readonly content: Buffer | null;
}

/** The file is whole and in its place: the recording is stored, a message is in its box. False when that was done before. */
export async function recordingStored(db: Db, companyId: string, id: string, file: FinishedFile): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ purpose: RecordingPurpose }>`
      update recording set state = 'stored', bytes = ${file.bytes}, sha256 = ${file.sha256}, duration_ms = ${file.durationMs},
        ended = ${file.ended}, ended_at = now()
      where id = ${id} and company_id = ${companyId} and state = 'recording' returning purpose`.execute(tx);
    const purpose = rows[0]?.purpose;
    if (purpose && file.content) {
      await sql`insert into prompt_content (hash, bytes, duration_ms)
        values (${file.sha256.toString('hex')}, ${file.content}, ${file.durationMs}) on conflict (hash) do nothing`.execute(
        tx,
      );
    }
    if (purpose?.type === 'voicemail') await takeMessage(tx, companyId, id, purpose, file.durationMs);
    if (purpose?.type === 'call' || purpose?.type === 'flow') {
      await wantTranscript(tx, companyId, id);
      await tell(tx, companyId, 'recording.stored', id, null);
      // what there was is kept, and is not all
      if (file.ended === 'disk-full') await tell(tx, companyId, 'recording.failed', id, file.ended);
    }
    return purpose !== undefined;
  });
}

/** Nothing worth keeping was recorded (`discarded`), or it could not be kept (`failed`). `why` is a code. */
export async function recordingEnded(
  db: Db,
  companyId: string,
  id: string,
  state: 'discarded' | 'failed',
  why: string,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { rows } = await sql<{ kind: string }>`update recording set state = ${state}, ended = ${why}, ended_at = now()
      where id = ${id} and company_id = ${companyId} and state = 'recording' returning kind`.execute(tx);
    if (rows[0] && state === 'failed') await tell(tx, companyId, 'recording.failed', id, why);
  });
}

/** The company's events tell of what is stored, or could not be. */
async function tell(tx: Db, companyId: string, type: string, id: string, code: string | null): Promise<void> {
  const { rows } = await sql<{ callId: string; kind: string; durationMs: number | null }>`
    select call_id as "callId", kind, duration_ms as "durationMs" from recording
    where id = ${id} and company_id = ${companyId}`.execute(tx);
  const body = { recordingId: id, ...rows[0]!, ...(code === null ? {} : { code }) };
  await writeEvents(tx, [{ ownerId: companyId, type, body }]);
}

export interface LeftRecording {
  readonly id: string;
  readonly companyId: string;
  readonly kind: string;
}

/** Recordings whose media instance is lost while their file was written. */
export async function leftRecordings(db: Db, limit: number): Promise<LeftRecording[]> {
  const { rows } = await sql<LeftRecording>`
    select r.id, r.company_id as "companyId", r.kind from recording r
    where r.state = 'recording' and exists (
      select 1 from media_instance m where m.instance = r.instance and m.state = 'lost' and m.lost_at < now() - interval '5 seconds')
    limit ${limit}`.execute(db);
  return rows;
}

/** Recordings that were deleted and whose file may still be there. */
export async function discardedRecordings(db: Db, limit: number): Promise<LeftRecording[]> {
  const { rows } = await sql<LeftRecording>`
    select id, company_id as "companyId", kind from recording where state = 'discarded' order by id limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** The file of a discarded recording is gone. */
export async function forgetRecording(db: Db, { id, companyId }: LeftRecording): Promise<void> {
  await sql`delete from recording where id = ${id} and company_id = ${companyId} and state = 'discarded'`.execute(db);
}

export interface RecordingView {
  readonly id: string;
  readonly callId: string;
  readonly kind: string;
  readonly state: string;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  /** Hexadecimal. */
  readonly sha256: string | null;
  readonly ended: string | null;
  readonly startedAt: Date;
  /** Null: nobody has listened to it. */
  readonly heardAt: Date | null;
  /** Whether what was said is to be read; null: nobody writes it down. */
  readonly transcript: 'waiting' | 'done' | 'failed' | null;
}

const VIEW = sql`id, call_id as "callId", kind, state, duration_ms as "durationMs", bytes::float8 as bytes,
  encode(sha256, 'hex') as sha256, ended, started_at as "startedAt", heard_at as "heardAt",
  (select case t.state when 'asking' then 'waiting' else t.state end from call_transcript t
    where t.recording_id = recording.id and t.company_id = recording.company_id) as transcript`;

/** Newest first; `before` = id of the last one of the page before. Messages and greetings are not among them: they have owners of their own. */
export async function listRecordings(
  db: Db,
  { companyId }: CompanyScope,
  filter: { readonly before: string | null; readonly limit: number; readonly callId?: string },
): Promise<RecordingView[]> {
  const { rows } = await sql<RecordingView>`
    select ${VIEW} from recording
    where company_id = ${companyId} and kind in ('flow','call') and state <> 'discarded'
      and (${filter.before}::uuid is null or id < ${filter.before}::uuid)
      and (${filter.callId ?? null}::uuid is null or call_id = ${filter.callId ?? null}::uuid)
    order by id desc limit ${filter.limit}`.execute(db);
  return rows;
}

/**
 * Recordings of calls that the user of a box took part in, newest first, where the box lists them; of a box that is nobody's, those of
 * the company's calls. Null when there is no such box. With `id` that one alone.
 */
export async function listBoxRecordings(
  db: Db,
  { companyId }: CompanyScope,
  boxId: string,
  filter: { readonly before: string | null; readonly limit: number; readonly id?: string },
): Promise<RecordingView[] | null> {
  const { rows: boxes } = await sql<{ userId: string | null; lists: boolean }>`
    select user_id as "userId", list_recordings as lists from voicemail_box
    where company_id = ${companyId} and id = ${boxId} and deleted_at is null`.execute(db);
  const box = boxes[0];
  if (!box) return null;
  if (!box.lists) return [];
  const { rows } = await sql<RecordingView>`
    select ${VIEW} from recording
    where company_id = ${companyId} and kind = 'call' and state = 'stored'
      and (${filter.before}::uuid is null or id < ${filter.before}::uuid)
      and (${filter.id ?? null}::uuid is null or id = ${filter.id ?? null}::uuid)
      and ${ofBox(box.userId)}
    order by id desc limit ${filter.limit}`.execute(db);
  return rows;
}

/** Whether a recording is of a call that the user took part in; of a box that is nobody's, of any. */
const ofBox = (userId: string | null) =>
  userId === null
    ? sql`true`
    : sql`exists (select 1 from cdr_leg l where l.company_id = recording.company_id and l.call_id = recording.call_id
        and l.user_id = ${userId})`;

/** Somebody listens to it; the first time counts. */
export async function recordingHeard(db: Db, { companyId }: CompanyScope, id: string): Promise<void> {
  await sql`update recording set heard_at = now()
    where id = ${id} and company_id = ${companyId} and kind = 'call' and heard_at is null`.execute(db);
}

export interface BoxCounts {
  readonly newMessages: number;
  readonly oldMessages: number;
  readonly newRecordings: number;
}

/** What a box holds; null when there is no such box. Recordings are those of its user's calls; of a box that is nobody's, the company's. */
export async function countBox(db: Db, { companyId }: CompanyScope, boxId: string): Promise<BoxCounts | null> {
  const { rows: boxes } = await sql<{ userId: string | null; newMessages: number; oldMessages: number }>`
    select box.user_id as "userId", coalesce(m.new_messages, 0) as "newMessages", coalesce(m.old_messages, 0) as "oldMessages"
    from voicemail_box box left join mailbox_state m on m.box_id = box.id and m.company_id = box.company_id
    where box.company_id = ${companyId} and box.id = ${boxId} and box.deleted_at is null`.execute(db);
  const box = boxes[0];
  if (!box) return null;
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from recording
    where company_id = ${companyId} and kind = 'call' and state = 'stored' and heard_at is null and ${ofBox(box.userId)}`.execute(
    db,
  );
  const { newMessages, oldMessages } = box;
  return { newMessages, oldMessages, newRecordings: rows[0]!.count };
}

/** Whether there are recordings of the company's calls that nobody has listened to. */
export async function hasNewRecordings(db: Db, { companyId }: CompanyScope): Promise<boolean> {
  const { rows } = await sql`select 1 from recording
    where company_id = ${companyId} and kind = 'call' and state = 'stored' and heard_at is null limit 1`.execute(db);
  return rows.length > 0;
}

/** A recording of the company that a flow or a call has made. */
export async function getRecording(db: Db, { companyId }: CompanyScope, id: string): Promise<RecordingView | null> {
  const { rows } = await sql<RecordingView>`
    select ${VIEW} from recording where company_id = ${companyId} and id = ${id} and kind in ('flow','call')
      and state <> 'discarded'`.execute(db);
  return rows[0] ?? null;
}

/** Its file follows. False when there is none. */
export async function deleteRecording(db: Db, { companyId }: CompanyScope, id: string): Promise<boolean> {
  const { rows } = await sql`update recording set state = 'discarded'
    where company_id = ${companyId} and id = ${id} and kind in ('flow','call') and state in ('stored','failed') returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/** Deletes at most `batch` recordings of calls and flows from before `before`; answers how many. */
export async function purgeRecordings(db: Db, companyId: string, before: Date, batch: number): Promise<number> {
  const { rows } = await sql`
    update recording set state = 'discarded' where id in (
      select id from recording where company_id = ${companyId} and kind in ('flow','call') and state in ('stored','failed')
        and started_at < ${before} limit ${batch} for update skip locked) returning id`.execute(db);
  return rows.length;
}
