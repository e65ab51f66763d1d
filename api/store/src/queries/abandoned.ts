/** Calls and legs that nobody accounts for any more: their CDR is made of rows (design §4, moving a leg). */
import { type CallStart, type Coordinates, failedCdr, type JsonValue, type LegSummary } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { closeCall, lockRecords, storeRecords } from './calls.ts';
import { writeHistory } from './history-write.ts';
import { asCdr, outsideLegs } from './routing/spend.ts';
import { type Db, inTransaction } from './scope.ts';

export interface SilentCall {
  readonly id: string;
  readonly companyId: string;
}

/** Started calls that have had no open leg for this long; most of them still run. */
export async function silentCalls(db: Db, silentMs: number, limit: number): Promise<SilentCall[]> {
  const since = sql`now() - ${silentMs} * interval '1 millisecond'`;
  const { rows } = await sql<SilentCall>`
    select id, company_id as "companyId" from call
    where state = 'started' and started_at < ${since} and not exists (
      select 1 from leg where leg.call_id = call.id and (leg.state not in ('ended', 'released') or leg.ended_at > ${since}))
    order by started_at limit ${limit}`.execute(db);
  return rows;
}

interface LegRow {
  id: string;
  direction: 'inbound' | 'outbound';
  coordinates: Coordinates;
  created_at: Date;
  answered_at: Date | null;
  ended_at: Date | null;
  cause: LegSummary['cause'];
  sip_call_id: string | null;
  instance: string;
}

/** What a row says of its leg; it keeps neither codec nor who hung up. */
const summary = (row: LegRow, party: number): LegSummary => ({
  leg: row.id,
  party,
  direction: row.direction,
  coordinates: row.coordinates,
  startedAt: row.created_at.getTime(),
  ringingAt: null,
  answeredAt: row.answered_at?.getTime() ?? null,
  endedAt: row.ended_at?.getTime() ?? null,
  cause: row.cause,
  sipStatus: null,
  endedBy: null,
  codec: null,
  sipCallId: row.sip_call_id,
  instance: row.instance,
});

/** Ends a call whose workflow is gone: last record and CDR, cause `failed`. Nothing happens when it has ended meanwhile. */
export async function closeAbandonedCall(db: Db, keyring: Keyring, { id, companyId }: SilentCall): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockRecords(tx, id);
    const { rows } = await sql<{ start: CallStart; n: number; at: number }>`
      select start, (select coalesce(max(n), 0) + 1 from call_record where call_id = call.id)::int as n,
        (extract(epoch from now()) * 1000)::float8 as at
      from call where id = ${id} and company_id = ${companyId} and state = 'started' for update`.execute(tx);
    const call = rows[0];
    if (!call) return;
    const legs = await sql<LegRow>`select * from leg where call_id = ${id} and company_id = ${companyId}
      order by created_at, id`.execute(tx);
    const last = Math.max(...legs.rows.map((leg) => leg.ended_at?.getTime() ?? 0));
    const at = Math.round(last > 0 ? last : call.at);
    const cdr = failedCdr(
      call.start,
      legs.rows.map((leg, n) => summary(leg, n + 1)),
      at,
    );
    const record = { n: call.n, at, stream: 'fact' as const, type: 'call.ended', body: { type: 'call.ended', cdr } };
    await storeRecords(tx, keyring, { companyId, callId: id, records: [JSON.parse(JSON.stringify(record))] });
    await closeCall(tx, companyId, id);
    await sql`update leg set state = 'released' where call_id = ${id} and company_id = ${companyId} and state = 'ended'`.execute(
      tx,
    );
  });
}

/**
 * Adds to the CDR of an ended call what came to it too late to be in it: a leg that was moved to it in its last moment. How many
 * were added.
 */
export async function addLateLegs(db: Db, limit: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<LegRow & { call_id: string; legs: number }>`
      select leg.*, jsonb_array_length(call.cdr->'legs') as legs
      from leg join call on call.id = leg.call_id and call.company_id = leg.company_id
      where leg.state = 'ended' and call.state = 'ended'
        and not call.cdr->'legs' @> jsonb_build_array(jsonb_build_object('leg', leg.id))
      order by leg.ended_at limit ${limit} for update of call, leg`.execute(tx);
    for (const leg of rows) {
      const added = JSON.stringify([summary(leg, leg.legs + 1)]);
      const { rows: changed } = await sql<{ cdr: JsonValue; company_id: string }>`
        update call set cdr = jsonb_set(cdr, '{legs}', (cdr->'legs') || ${added}::jsonb)
        where id = ${leg.call_id} returning cdr, company_id`.execute(tx);
      await sql`update leg set state = 'released' where id = ${leg.id}`.execute(tx);
      const [call] = changed;
      const cdr = call ? asCdr(call.cdr) : null;
      if (call && cdr)
        await writeHistory(tx, call.company_id, leg.call_id, cdr, await outsideLegs(tx, call.company_id, cdr));
    }
    return rows.length;
  });
}
