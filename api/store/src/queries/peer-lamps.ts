/** What peers are to be told of our boxes: an outbox in which only the last state of a box counts. Triggers fill it (migration 0051). */
import { sql } from 'kysely';
import type { Db } from './scope.ts';
import { TELEPHONY_TRUNK, type TelephonyTrunk } from './trunk-state.ts';
import { usableBy } from './trunks.ts';

/** A state that a peer has not acknowledged. */
export interface DuePeerLamp {
  readonly id: number;
  readonly companyId: string;
  readonly trunkId: string;
  /** Name of the box at the peer. */
  readonly account: string;
  readonly fresh: number;
  readonly old: number;
  readonly version: number;
}

/** Longest pause between two attempts, seconds. */
const LONGEST_PAUSE = 3600;

/**
 * Takes what is due at the trunks that the SIP server's instance holds, but what is under way there already; nobody else takes it for
 * `seconds`, after which it is due again unless it was answered.
 */
export async function takePeerLamps(
  db: Db,
  server: string,
  {
    limit,
    seconds,
    underWay,
  }: { readonly limit: number; readonly seconds: number; readonly underWay: readonly number[] },
): Promise<DuePeerLamp[]> {
  const { rows } = await sql<DuePeerLamp>`
    with due as (
      select lamp.id from peer_lamp lamp
      join trunk on trunk.id = lamp.trunk_id and trunk.enabled
      join trunk_state on trunk_state.trunk_id = trunk.id
      where lamp.told < lamp.version and (lamp.retry_at is null or lamp.retry_at <= now())
        and regexp_replace(trunk_state.instance, '[.][0-9]+$', '') = ${server} and lamp.id <> all(${[...underWay]}::bigint[])
        and exists (select 1 from owner company where company.id = lamp.company_id and trunk.owner_id = any(company.path)
          and (trunk.owner_id = company.id or trunk.shared))
      order by lamp.retry_at nulls first limit ${limit} for update of lamp skip locked
    )
    update peer_lamp set attempts = least(attempts + 1, 1000), retry_at = now() + make_interval(secs => ${seconds})
    from due where peer_lamp.id = due.id
    returning peer_lamp.id, company_id as "companyId", trunk_id as "trunkId", account, new_messages as fresh, old_messages as old, version`.execute(
    db,
  );
  return rows;
}

/** The trunk of a lamp, as it is now; null when it is gone, or no more the company's to use. */
export async function trunkOfPeerLamp(
  db: Db,
  { companyId, trunkId }: Pick<DuePeerLamp, 'companyId' | 'trunkId'>,
): Promise<TelephonyTrunk | null> {
  const { rows } = await sql<TelephonyTrunk>`
    select ${TELEPHONY_TRUNK} from trunk join trunk_state on trunk_state.trunk_id = trunk.id
    where trunk.id = ${trunkId} and trunk.enabled and ${usableBy(companyId)}`.execute(db);
  return rows[0] ?? null;
}

/**
 * The peer has acknowledged this version: it is not told of it again; a later one is due at once. The row of a box that names the peer no
 * more has done its work.
 */
export async function peerLampTold(db: Db, { id, companyId, version }: DuePeerLamp, sipStatus: number): Promise<void> {
  await sql`update peer_lamp set told = greatest(told, ${version}::bigint), attempts = 0, retry_at = null, sip_status = ${sipStatus}
    where id = ${id} and company_id = ${companyId}`.execute(db);
  await sql`delete from peer_lamp where id = ${id} and company_id = ${companyId} and leaving and told = version`.execute(
    db,
  );
}

/**
 * The peer has refused, or nobody has answered (null): again after 2, 4, 8 … seconds, an hour at most. A state that has changed meanwhile
 * waits no longer than it would have. A box that names the peer no more is given up after a day of trying.
 */
export async function peerLampFailed(
  db: Db,
  { id, companyId, version }: DuePeerLamp,
  sipStatus: number | null,
): Promise<void> {
  await sql`update peer_lamp set sip_status = ${sipStatus},
      retry_at = case when version = ${version}::bigint
        then now() + make_interval(secs => least(${LONGEST_PAUSE}, power(2, least(attempts, 20)))) else retry_at end
    where id = ${id} and company_id = ${companyId}`.execute(db);
  await sql`delete from peer_lamp where id = ${id} and company_id = ${companyId} and leaving and attempts > 35`.execute(
    db,
  );
}
