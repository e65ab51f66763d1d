/** What a replay reads: calls of a flow that are over, all their records with personal values, and revisions by hash. */
import type { CallRecord, Coordinates, JsonValue, RevisionClosure } from '@callwright/engine';
import type { Keyring } from '../crypto.ts';
import { openRecordPii } from './calls.ts';
import { type CompanyScope, type Db, type Page, page } from './scope.ts';

export interface FinishedCall {
  readonly id: string;
  readonly number: number;
  readonly revision_hash: string;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  readonly created_at: Date;
}

/** Newest first; `before` is a call number. */
export async function finishedCallsOf(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  filter: { readonly before: number | null; readonly limit: number; readonly from: Date; readonly to: Date },
): Promise<Page<FinishedCall>> {
  let query = db
    .selectFrom('call')
    .select(['id', 'number', 'revision_hash', 'calling', 'called', 'created_at'])
    .where('company_id', '=', scope.companyId)
    .where('state', '=', 'ended')
    .where('created_at', '>=', filter.from)
    .where('created_at', '<', filter.to)
    .where((e) =>
      e(
        'revision_hash',
        'in',
        e.selectFrom('revision').select('hash').where('company_id', '=', scope.companyId).where('flow_id', '=', flowId),
      ),
    )
    .orderBy('number', 'desc')
    .limit(filter.limit + 1);
  if (filter.before !== null) query = query.where('number', '<', filter.before);
  return page((await query.execute()) as unknown as FinishedCall[], filter.limit, (r) => String(r.number));
}

/**
 * The records of a call as the engine made them, personal values in place; null when there are more than `most`. Throws `CryptoError` for
 * values that this installation's key does not open.
 */
export async function wholeRecords(
  db: Db,
  keyring: Keyring,
  scope: CompanyScope,
  callId: string,
  most: number,
): Promise<CallRecord[] | null> {
  const rows = await db
    .selectFrom('call_record')
    .select(['n', 'at', 'stream', 'type', 'body', 'pii_enc'])
    .where('company_id', '=', scope.companyId)
    .where('call_id', '=', callId)
    .orderBy('n')
    .limit(most + 1)
    .execute();
  if (rows.length > most) return null;
  return rows.map(({ n, at, stream, type, body, pii_enc }) => {
    const pii = openRecordPii(keyring, scope.companyId, pii_enc);
    const whole = pii === null ? body : { ...(body as { [key: string]: JsonValue }), pii };
    return { n, at: new Date(at).getTime(), stream, type, body: whole as JsonValue } as CallRecord;
  });
}

/** A revision of the company with everything it pins; null when it has none of that hash. */
export async function closureByHash(db: Db, scope: CompanyScope, hash: string): Promise<RevisionClosure | null> {
  const row = await db
    .selectFrom('revision')
    .select('closure')
    .where('company_id', '=', scope.companyId)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return (row?.closure as unknown as RevisionClosure | undefined) ?? null;
}
