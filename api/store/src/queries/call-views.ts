/** What views read of calls: lists, details, records in order and in order of arrival. Personal values stay sealed. */
import type { Cdr, Coordinates, JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import { type CompanyScope, type Db, type Page, page } from './scope.ts';

export interface CallView {
  readonly id: string;
  readonly number: number;
  readonly external_id: string | null;
  readonly direction: string;
  readonly state: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly disposition: string | null;
  readonly revision_hash: string;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  readonly cdr: Cdr | null;
}

const CALL = [
  'id',
  'number',
  'external_id',
  'direction',
  'state',
  'created_at',
  'started_at',
  'ended_at',
  'disposition',
  'revision_hash',
  'calling',
  'called',
  'cdr',
] as const;

export interface CallFilter {
  /** Number of the last call of the page before. */
  readonly before: number | null;
  readonly limit: number;
  readonly state?: 'waiting' | 'started' | 'refused' | 'ended';
  readonly direction?: 'inbound' | 'outbound' | 'internal';
  readonly disposition?: string;
  readonly externalId?: string;
  /** Number of the calling or called party. */
  readonly party?: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** Newest first. */
export async function listCallViews(db: Db, scope: CompanyScope, filter: CallFilter): Promise<Page<CallView>> {
  let query = db
    .selectFrom('call')
    .select(CALL)
    .where('company_id', '=', scope.companyId)
    .orderBy('number', 'desc')
    .limit(filter.limit + 1);
  if (filter.before !== null) query = query.where('number', '<', filter.before);
  if (filter.state) query = query.where('state', '=', filter.state);
  if (filter.direction) query = query.where('direction', '=', filter.direction);
  if (filter.disposition) query = query.where('disposition', '=', filter.disposition);
  if (filter.externalId) query = query.where('external_id', '=', filter.externalId);
  if (filter.from) query = query.where('created_at', '>=', filter.from);
  if (filter.to) query = query.where('created_at', '<', filter.to);
  if (filter.party !== undefined) {
    const party = filter.party;
    query = query.where(sql<boolean>`(calling->>'number' = ${party} or called->>'number' = ${party})`);
  }
  return page((await query.execute()) as unknown as CallView[], filter.limit, (r) => String(r.number));
}

export async function getCallView(db: Db, scope: CompanyScope, id: string): Promise<CallView | null> {
  const row = await db
    .selectFrom('call')
    .select(CALL)
    .where('company_id', '=', scope.companyId)
    .where('id', '=', id)
    .executeTakeFirst();
  return (row as unknown as CallView | undefined) ?? null;
}

export interface RecordView {
  readonly n: number;
  readonly at: Date;
  readonly stream: 'fact' | 'event';
  readonly type: string;
  readonly body: JsonValue;
  /** There are personal values that are not shown. */
  readonly masked: boolean;
}

const masked = sql<boolean>`pii_enc is not null`.as('masked');

/** Records of a call by number. */
export async function listRecordViews(
  db: Db,
  scope: CompanyScope,
  callId: string,
  filter: { readonly after: number; readonly limit: number; readonly stream?: 'fact' | 'event' },
): Promise<Page<RecordView>> {
  let query = db
    .selectFrom('call_record')
    .select(['n', 'at', 'stream', 'type', 'body', masked])
    .where('company_id', '=', scope.companyId)
    .where('call_id', '=', callId)
    .where('n', '>', filter.after)
    .orderBy('n')
    .limit(filter.limit + 1);
  if (filter.stream) query = query.where('stream', '=', filter.stream);
  return page((await query.execute()) as RecordView[], filter.limit, (r) => String(r.n));
}

/** Place in the order of arrival: transaction and sequence, compared in that order. */
export interface Arrival {
  readonly tx: string;
  readonly seq: number;
}

export interface ArrivedRecord extends RecordView, Arrival {
  readonly company_id: string;
  readonly call_id: string;
}

/**
 * Facts of companies after a place in the order of arrival. Stops before the oldest transaction still running: what is read is
 * complete, so a reader that goes on from the last place misses nothing, however late a row commits.
 */
export async function arrivedFacts(
  db: Db,
  companyIds: readonly string[],
  after: Arrival,
  limit: number,
): Promise<ArrivedRecord[]> {
  if (companyIds.length === 0) return [];
  const { rows } = await sql<ArrivedRecord>`
    select company_id, call_id, n, at, stream, type, body, pii_enc is not null as masked, tx::text as tx, seq
    from call_record
    where company_id = any(${companyIds}::uuid[]) and stream = 'fact'
      and (tx, seq) > (${after.tx}::xid8, ${after.seq}::bigint)
      and tx < pg_snapshot_xmin(pg_current_snapshot())
    order by tx, seq limit ${limit}`.execute(db);
  return rows;
}

/** The place at which a reader who wants only what comes from now on begins. */
export async function arrivalNow(db: Db): Promise<Arrival> {
  const { rows } = await sql<{ tx: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as tx`.execute(db);
  return { tx: rows[0]?.tx ?? '0', seq: 0 };
}

/** Live media instance with the most room, for a call that we place; null when none takes calls. */
export async function roomiestInstance(db: Db, freshMs: number): Promise<string | null> {
  const { rows } = await sql<{ instance: string }>`
    select instance from media_instance
    where state = 'alive' and renewed_at > now() - make_interval(secs => ${freshMs / 1000})
      and (max_calls = 0 or calls < max_calls)
    order by case when max_calls = 0 then 0 else calls::float8 / max_calls end, calls, random() limit 1`.execute(db);
  return rows[0]?.instance ?? null;
}

/** Names of the media instances whose lease was renewed within `freshMs`. */
export async function aliveInstances(db: Db, freshMs: number): Promise<string[]> {
  const { rows } = await sql<{ instance: string }>`
    select instance from media_instance
    where state = 'alive' and renewed_at > now() - make_interval(secs => ${freshMs / 1000}) order by instance`.execute(
    db,
  );
  return rows.map((r) => r.instance);
}
