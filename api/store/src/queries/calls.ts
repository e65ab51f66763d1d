/**
 * What is written of calls while they run: their records, their end; and what io must see to: rows whose workflow does not run,
 * commands that have not arrived, calls and legs of a lost media instance.
 */
import type { CallRecord, CallStart, ControlAction, JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { openStart } from './commands.ts';
import { writeHistory } from './history-write.ts';
import { asCdr, chargeCall, outsideLegs } from './routing/spend.ts';
import { type Db, inTransaction, notSuspended } from './scope.ts';

const PURPOSE = 'call-record';
/** Channel that is told when something was stored of a call whose company has partners to be told. */
export const PARTNER_NOTICES = 'callwright_partner_facts';

export interface RecordBatch {
  readonly companyId: string;
  readonly callId: string;
  readonly records: readonly CallRecord[];
}

/**
 * Writes records keyed (call, number); one already there stays as it is. Whoever reads in the order of arrival gets them in the order
 * of their numbers: one that comes before its turn waits. Personal values (`body.pii`) are encrypted per company and kept apart from
 * the body. In a transaction it must be the first that writes: see `lock_records`.
 */
export async function storeRecords(db: Db, keyring: Keyring, batch: RecordBatch): Promise<void> {
  const { companyId, callId } = batch;
  if (batch.records.length === 0) return;
  const rows = batch.records
    .toSorted((a, b) => a.n - b.n)
    .map((record) => {
      const { body, pii } = parted(record.body);
      const sealed =
        pii === undefined ? null : keyring.seal({ owner: companyId, purpose: PURPOSE }, JSON.stringify(pii));
      return { ...record, body: JSON.stringify(body), sealed };
    });
  await sql`
    select store_records(${callId}, ${companyId}, ${rows.map((r) => r.n)}::int[], ${rows.map((r) => r.at)}::float8[],
      ${rows.map((r) => r.stream)}::text[], ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.body)}::text[],
      ${rows.map((r) => r.sealed)}::bytea[]),
      (select pg_notify(${PARTNER_NOTICES}, '') from partner_cursor where company_id = ${companyId})`.execute(db);
}

/** Keeps others from storing records of the call until the transaction ends; to be called before it writes anything. */
export async function lockRecords(tx: Db, callId: string): Promise<void> {
  await sql`select lock_records(${callId})`.execute(tx);
}

function parted(body: JsonValue): { body: JsonValue; pii: JsonValue | undefined } {
  if (body === null || typeof body !== 'object' || Array.isArray(body) || !('pii' in body))
    return { body, pii: undefined };
  const { pii, ...rest } = body;
  return { body: rest, pii };
}

/** Personal values of a record, as they stood under `pii`; null when it has none. */
export function openRecordPii(keyring: Keyring, companyId: string, sealed: Uint8Array | null): JsonValue {
  if (!sealed) return null;
  return JSON.parse(keyring.openText({ owner: companyId, purpose: PURPOSE }, sealed)) as JsonValue;
}

/**
 * Closes a call's row with the CDR of its stored `call.ended` record, charges it and writes its history. Repeating it changes nothing. All
 * stand or fall together: call it in a transaction.
 */
export async function closeCall(db: Db, companyId: string, callId: string): Promise<void> {
  await lockRecords(db, callId);
  const { rows } = await sql<{ cdr: JsonValue }>`
    update call set state = 'ended',
      started_at = coalesce(call.started_at, call.created_at),
      ended_at = coalesce(to_timestamp((ended.cdr->>'endedAt')::float8 / 1000), now()),
      disposition = ended.cdr->>'disposition',
      cdr = ended.cdr
    from (select (
      select body->'cdr' from call_record
      where call_id = ${callId} and company_id = ${companyId} and type = 'call.ended' order by n desc limit 1
    ) as cdr) ended
    where id = ${callId} and company_id = ${companyId} and state <> 'ended' returning call.cdr`.execute(db);
  if (!rows[0]) return;
  // what a gap has held up: nobody is left to fill it
  await sql`select hand_out_records(${callId}, 2147483647)`.execute(db);
  const cdr = asCdr(rows[0].cdr);
  if (!cdr) return;
  const outside = await outsideLegs(db, companyId, cdr);
  await chargeCall(db, companyId, cdr, outside);
  await writeHistory(db, companyId, callId, cdr, outside);
}

/** Those of the calls that are over (ended or refused), or that the company never had. */
export async function callsOver(db: Db, companyId: string, callIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${[...callIds]}::text[]) as asked (id)
    left join call on call.id::text = asked.id and call.company_id = ${companyId}
    where call.id is null or call.state in ('ended', 'refused')`.execute(db);
  return rows.map((row) => row.id);
}

export interface WaitingCall {
  readonly id: string;
  readonly companyId: string;
  readonly start: CallStart;
  /** The company, or somebody above it, was suspended after the row was made. */
  readonly suspended: boolean;
}

/**
 * Rows whose workflow is not known to run. Inbound ones are telephony's to start or refuse within seconds; they are left over only
 * when it died.
 */
export async function waitingCalls(
  db: Db,
  keyring: Keyring,
  olderThanMs: number,
  inboundOlderThanMs: number,
  limit: number,
): Promise<WaitingCall[]> {
  const { rows } = await sql<WaitingCall & { sealed: Buffer | null }>`
    select call.id, company_id as "companyId", start, variables_enc as sealed, not ${notSuspended} as suspended
    from call join owner on owner.id = call.company_id
    where state = 'waiting'
      and call.created_at < now() - ${olderThanMs} * interval '1 millisecond'
      and (start->'inbound' = 'null'::jsonb or call.created_at < now() - ${inboundOlderThanMs} * interval '1 millisecond')
    order by call.created_at limit ${limit}`.execute(db);
  return rows.map(({ id, companyId, start, sealed, suspended }) => ({
    id,
    companyId,
    suspended,
    start: openStart(keyring, companyId, start, sealed),
  }));
}

export interface WaitingControl {
  readonly id: string;
  readonly callId: string;
  readonly companyId: string;
  readonly by: { readonly type: string; readonly id: string };
  readonly action: ControlAction;
}

/** Commands kept but not known to have reached their call. */
export async function waitingControls(db: Db, olderThanMs: number, limit: number): Promise<WaitingControl[]> {
  const { rows } = await sql<WaitingControl>`
    select id, call_id as "callId", company_id as "companyId", json_build_object('type', by_type, 'id', by_id) as by, action
    from call_control
    where delivered_at is null and created_at < now() - ${olderThanMs} * interval '1 millisecond'
    order by created_at limit ${limit}`.execute(db);
  return rows;
}

/** Whether an instance counts as lost; one that never booted does. */
export async function instanceIsLost(db: Db, instance: string): Promise<boolean> {
  const { rows } = await sql<{ state: string }>`select state from media_instance where instance = ${instance}`.execute(
    db,
  );
  return rows[0]?.state !== 'alive';
}

export interface Lease {
  readonly instance: string;
  /** Changes with each renewal. */
  readonly renewed: string;
}

/** Leases of the instances that count as alive. */
export async function leases(db: Db): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    select instance, renewed_at::text as renewed from media_instance where state = 'alive'`.execute(db);
  return rows;
}

export interface AffectedCall {
  readonly callId: string;
  readonly companyId: string;
  readonly instance: string;
  /** How long the instance has been known to be lost. */
  readonly lostMs: number;
}

/**
 * Calls that hold an open leg on a lost instance, then those that run and have not released one of its legs: the row may have been ended
 * by a successor, or by the instance in its last moment, without the call ever being told.
 */
export async function callsOfLostInstances(db: Db, limit: number): Promise<AffectedCall[]> {
  const { rows } = await sql<AffectedCall>`
    select leg.call_id as "callId", leg.company_id as "companyId", leg.instance,
      (extract(epoch from now() - min(media_instance.lost_at)) * 1000)::float8 as "lostMs"
    from leg join media_instance on media_instance.instance = leg.instance and media_instance.state = 'lost'
    where leg.state not in ('ended', 'released')
      or leg.state = 'ended' and exists (select 1 from call where call.id = leg.call_id and call.state = 'started')
    group by 1, 2, 3
    order by bool_and(leg.state = 'ended'), max(leg.ended_at) desc
    limit ${limit}`.execute(db);
  return rows;
}

/** The call knows that the instance is lost, and no successor has ended its legs: the rows end here. */
export async function endLostLegs(db: Db, { callId, companyId, instance }: AffectedCall): Promise<void> {
  await sql`update leg set state = 'ended', ended_at = now(), cause = 'media-lost'
    where call_id = ${callId} and company_id = ${companyId} and instance = ${instance}
      and state not in ('ended', 'released')`.execute(db);
}

/**
 * Runs `work` in one transaction unless another process is at it: several io workers see to the same rows, one at a time. False when
 * another was.
 */
export async function asTheOnly(db: Db, task: string, work: (tx: Db) => Promise<void>): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext(${`callwright/${task}`})) as mine`.execute(tx);
    if (!rows[0]?.mine) return false;
    await work(tx);
    return true;
  });
}
