/** Trunks as calls use them: which may be dialled through, whose an incoming request is, and their lines. */

import { sql } from 'kysely';
import type { OwnerSettings } from './owners.ts';
import { type Db, inTransaction } from './scope.ts';
import { TELEPHONY_TRUNK, type TelephonyTrunk } from './trunk-state.ts';
import { busyLines, usableBy } from './trunks.ts';

/** Of the named trunks those that the company may dial through, in no order. */
export async function trunksForCall(db: Db, companyId: string, ids: readonly string[]): Promise<TelephonyTrunk[]> {
  const { rows } = await sql<TelephonyTrunk>`
    select ${TELEPHONY_TRUNK} from trunk join trunk_state on trunk_state.trunk_id = trunk.id
    where trunk.id::text = any(${[...ids]}::text[]) and trunk.enabled and ${usableBy(companyId)}`.execute(db);
  return rows;
}

/** Where a request came from, as trunks are known by it. */
export interface RequestSource {
  readonly address: string;
  readonly port: number;
  /** Of the transports only UDP has a port that stays. */
  readonly udp: boolean;
  /** User part of its Request-URI: our Contact of one trunk, or a number. */
  readonly requestUser: string;
}

/** Trunks that a request may be of: the one whose Contact it is sent to, alone; else all whose address or block it comes from. */
export async function trunksOfRequest(db: Db, source: RequestSource): Promise<TelephonyTrunk[]> {
  const { address, port, udp, requestUser } = source;
  const { rows } = await sql<TelephonyTrunk>`
    select ${TELEPHONY_TRUNK} from trunk join trunk_state on trunk_state.trunk_id = trunk.id
    where trunk.enabled and (trunk.contact_user = ${requestUser}
      or ${udp ? `${address}:${port}` : address} = any(trunk_state.addresses)
      or exists (select 1 from unnest(trunk.sources) source where ${address}::inet <<= source::inet))
    order by trunk.contact_user = ${requestUser} desc, trunk.id limit 50`.execute(db);
  const named = rows.filter((row) => row.contactUser === requestUser);
  return named.length > 0 ? named : rows;
}

/** Whose a call through a trunk is. */
export interface TrunkCallOwner {
  readonly trunkId: string;
  readonly companyId: string;
  readonly settings: OwnerSettings;
  /** The company's number as it is kept; null: the call was for none of its numbers. */
  readonly number: string | null;
}

/**
 * The company that a number called through one of these trunks belongs to: one in the subtree of the trunk's owner that has the number,
 * else the owner itself where it is a company. Null: nobody below the trunks' owners has it. A suspended company
 * is found like any other: its callers are told so.
 */
export async function companyOfTrunkCall(
  db: Db,
  trunkIds: readonly string[],
  spellings: readonly string[],
): Promise<TrunkCallOwner | null> {
  const { rows } = await sql<TrunkCallOwner>`
    select trunk.id as "trunkId", owner.id as "companyId", owner.settings, n.dialled as number
    from trunk join owner on owner.path @> array[trunk.owner_id] and owner.kind = 'company' and owner.deleted_at is null
    left join phone_number n on n.company_id = owner.id and n.kind = 'did' and n.dialled = any(${[...spellings]}::text[])
    where trunk.id = any(${[...trunkIds]}::uuid[]) and (n.id is not null or trunk.owner_id = owner.id)
    order by (n.id is not null) desc, cardinality(owner.path), trunk.id limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Country and numbers for the outside of whoever calls: by the extension shown, the user's own number. */
export async function presentationOf(
  db: Db,
  companyId: string,
  shown: string,
): Promise<{
  readonly settings: OwnerSettings;
  readonly outboundNumber: string | null;
  readonly isExtension: boolean;
}> {
  const { rows } = await sql<{ settings: OwnerSettings; outbound_number: string | null; user_id: string | null }>`
    select owner.settings, u.outbound_number, u.id as user_id from owner
    left join directory_user u on u.company_id = owner.id and u.extension = ${shown} and u.deleted_at is null
    where owner.id = ${companyId}`.execute(db);
  const row = rows[0];
  return {
    settings: row?.settings ?? {},
    outboundNumber: row?.outbound_number ?? null,
    isExtension: row?.user_id != null,
  };
}

/**
 * Takes a line of the trunk for a leg, whichever instances ask at once: never more than its limit. False when all are taken.
 * A leg that moves on to another trunk gives the first one's line back by the same row. `beyond` takes one more than there are.
 */
export async function takeLine(
  db: Db,
  companyId: string,
  legId: string,
  trunkId: string,
  beyond = false,
): Promise<boolean> {
  // nobody counts the lines of a trunk without a limit
  const taken = await sql`update leg set trunk_id = ${trunkId}
    where id = ${legId} and company_id = ${companyId} and state not in ('ended', 'released')
      and exists (select 1 from trunk where id = ${trunkId} and (max_calls is null or ${beyond}))`.execute(db);
  if (taken.numAffectedRows === 1n) return true;
  return inTransaction(db, async (tx) => {
    // one at a time per trunk, so that two who count cannot both find the last line free
    const { rows } = await sql<{
      max_calls: number | null;
    }>`select max_calls from trunk where id = ${trunkId} for no key update`.execute(tx);
    const [trunk] = rows;
    if (!trunk) return false;
    if (trunk.max_calls !== null) {
      const counted = await sql<{
        busy: number;
      }>`select ${busyLines} as busy from trunk where trunk.id = ${trunkId}`.execute(tx);
      if ((counted.rows[0]?.busy ?? 0) >= trunk.max_calls) return false;
    }
    const { numAffectedRows } = await sql`update leg set trunk_id = ${trunkId}
      where id = ${legId} and company_id = ${companyId} and state not in ('ended', 'released')`.execute(tx);
    return numAffectedRows === 1n;
  });
}

/** One call more in this second; false when the trunk's bucket is empty. A trunk without a rate has no bucket. */
export async function takeToken(db: Db, trunkId: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    with filled as (
      select s.trunk_id, trunk.calls_per_second as rate,
        least(greatest(1, ceil(trunk.calls_per_second)),
          s.tokens + extract(epoch from clock_timestamp() - s.tokens_at) * trunk.calls_per_second)::real as tokens
      from trunk_state s join trunk on trunk.id = s.trunk_id where s.trunk_id = ${trunkId} for update of s
    ), taken as (
      update trunk_state set tokens = filled.tokens - 1, tokens_at = clock_timestamp()
      from filled where trunk_state.trunk_id = filled.trunk_id and filled.rate is not null and filled.tokens >= 1
      returning 1
    )
    select (exists (select 1 from taken) or exists (select 1 from filled where rate is null)) as taken`.execute(db);
  return rows[0]?.taken ?? false;
}
