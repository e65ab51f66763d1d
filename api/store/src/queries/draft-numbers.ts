/** The numbers by which drafts are called, as routing asks for them. */
import type { Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import type { Db } from './scope.ts';

/** Name of the feature action that leads to drafts. */
export const TRY_DRAFT = 'try-draft';

/** Id of the draft behind the digits dialled after the code; null when there is none, or its time is over. */
export async function draftByCode(db: Db, companyId: string, code: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from draft_call
    where company_id = ${companyId} and code = ${code} and expires_at > now()`.execute(db);
  return rows[0]?.id ?? null;
}

export interface FoundDraft {
  readonly coordinates: Coordinates;
  readonly revision: string;
}

/** A draft that can be called now, as its flow. */
export async function findDraft(db: Db, companyId: string, id: string): Promise<FoundDraft | null> {
  const { rows } = await sql<{ id: string; number: number; name: string; title: string; revision: string }>`
    select flow.id, flow.number, flow.name, flow.title, d.revision_hash as revision
    from draft_call d join flow on flow.id = d.flow_id and flow.company_id = d.company_id and flow.deleted_at is null
    where d.company_id = ${companyId} and d.id = ${id} and d.expires_at > now()`.execute(db);
  const row = rows[0];
  if (!row) return null;
  const { number, name, title, revision } = row;
  return {
    coordinates: { type: 'flow', id: row.id, entityNumber: Number(number), number: '', name: title || name },
    revision,
  };
}
