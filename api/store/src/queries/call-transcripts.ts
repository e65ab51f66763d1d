/** Transcripts of what calls and flows have recorded: a row with the recording where the company wants them, taken by one worker at a time. */
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { writeEvents } from './presence.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';
import {
  type DueRow,
  type DueTranscript,
  NEAREST_RECOGNISER,
  openDue,
  RECOGNISER_COLUMNS,
  transcriptSeal,
} from './transcripts.ts';

/** Part of storing a recording: there is to be a transcript when the company wants it and somebody can make it. */
export async function wantTranscript(tx: Db, companyId: string, recordingId: string): Promise<void> {
  await sql`insert into call_transcript (recording_id, company_id)
    select ${recordingId}, owner.id from owner where owner.id = ${companyId} and owner.settings->>'transcribeCalls' = 'true'
      and exists (select 1 from recogniser r where r.owner_id = any(owner.path))
    on conflict (recording_id) do nothing`.execute(tx);
}

/** Takes due ones for `holdMs`; another worker gets them after that unless they were settled. */
export async function takeDueCallTranscripts(
  db: Db,
  keyring: Keyring,
  holdMs: number,
  limit: number,
): Promise<DueTranscript[]> {
  const { rows } = await sql<DueRow>`
    with taken as (
      update call_transcript set state = 'asking', attempts = attempts + 1, due_at = now() + make_interval(secs => ${holdMs / 1000})
      where recording_id in (select recording_id from call_transcript where state in ('waiting','asking') and due_at <= now()
        order by due_at limit ${limit} for update skip locked)
      returning *
    )
    select 'call' as kind, taken.recording_id as "recordingId", taken.company_id as "companyId", taken.attempts,
      taken.created_at as "createdAt", coalesce(owner.settings->>'language', 'en') as language,
      ${RECOGNISER_COLUMNS}
    from taken join owner on owner.id = taken.company_id
    ${NEAREST_RECOGNISER}`.execute(db);
  return rows.map((row) => openDue(keyring, row));
}

type Which = Pick<DueTranscript, 'recordingId' | 'companyId'>;

/** The text is kept, sealed for its company, which is told. */
export async function callTranscriptDone(
  db: Db,
  keyring: Keyring,
  { recordingId, companyId }: Which,
  { text, language }: { readonly text: string; readonly language: string | null },
): Promise<void> {
  const sealed = keyring.seal(transcriptSeal(companyId), text);
  await settle(
    db,
    { recordingId, companyId },
    sql`state = 'done', text_enc = ${sealed}, language = ${language}, failure = null`,
  );
}

/** There is none yet; `againInMs` null: there will be none. `failure` is a code. */
export async function callTranscriptFailed(
  db: Db,
  which: Which,
  failure: string,
  againInMs: number | null,
): Promise<void> {
  const state = againInMs === null ? 'failed' : 'waiting';
  const due = sql`now() + make_interval(secs => ${(againInMs ?? 0) / 1000})`;
  await settle(db, which, sql`failure = ${failure}, state = ${state}, due_at = ${due}`);
}

async function settle(db: Db, { recordingId, companyId }: Which, set: ReturnType<typeof sql>): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { rows } = await sql<{ state: string }>`update call_transcript set ${set}
      where recording_id = ${recordingId} and company_id = ${companyId} and state = 'asking' returning state`.execute(
      tx,
    );
    const [settled] = rows;
    if (!settled || settled.state === 'waiting') return;
    const { rows: of } = await sql<{ callId: string; kind: string; durationMs: number | null }>`
      select call_id as "callId", kind, duration_ms as "durationMs" from recording
      where id = ${recordingId} and company_id = ${companyId}`.execute(tx);
    const body = { recordingId, ...of[0]!, state: settled.state };
    await writeEvents(tx, [{ ownerId: companyId, type: 'recording.transcribed', body }]);
  });
}

export interface CallTranscript {
  readonly state: 'waiting' | 'done' | 'failed';
  /** Sealed by `transcriptSeal`; null until it is done. */
  readonly text: Buffer | null;
  /** As the recogniser heard it. */
  readonly language: string | null;
  /** Code of the last failure. */
  readonly failure: string | null;
}

/** Null when the recording has none, or is not there. */
export async function getCallTranscript(
  db: Db,
  { companyId }: CompanyScope,
  recordingId: string,
): Promise<CallTranscript | null> {
  const { rows } = await sql<CallTranscript>`
    select case t.state when 'asking' then 'waiting' else t.state end as state, t.text_enc as text, t.language, t.failure
    from call_transcript t join recording r on r.id = t.recording_id and r.company_id = t.company_id and r.state = 'stored'
    where t.company_id = ${companyId} and t.recording_id = ${recordingId}`.execute(db);
  return rows[0] ?? null;
}
