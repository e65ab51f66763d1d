/** Trunks as telephony keeps them alive: who holds which, what it must know to register there, and what it found. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';
import type { TrunkFields, TrunkState } from './trunks.ts';

/** A trunk as telephony uses it. `secretEnc` is sealed with `trunkSeal(ownerId)`. */
export interface TelephonyTrunk extends Omit<TrunkFields, 'shared'> {
  readonly id: string;
  readonly ownerId: string;
  readonly number: number;
  readonly secretEnc: Buffer | null;
  readonly contactUser: string;
  readonly version: number;
  readonly state: TrunkState;
  readonly addresses: readonly string[];
  /** Route that its registrar asks us to take (RFC 3608). */
  readonly serviceRoute: string | null;
}

/** Columns of `TelephonyTrunk`; tables `trunk` and `trunk_state` are in scope. */
export const TELEPHONY_TRUNK = sql`trunk.id, trunk.owner_id as "ownerId", trunk.number, trunk.name, trunk.kind, trunk.mode, trunk.enabled, trunk.host,
  trunk.port, trunk.transport, trunk.proxies, trunk.auth_user, trunk.secret_enc as "secretEnc", trunk.realm, trunk.from_user, trunk.from_domain,
  trunk.register_seconds, trunk.options_seconds, trunk.contact_user as "contactUser", trunk.sources, trunk.trusted, trunk.codecs,
  trunk.codecs_forced, trunk.max_calls, trunk.calls_per_second, trunk.caller_id, trunk.default_number, trunk.default_name, trunk.identity,
  trunk.number_form, trunk.outbound_strip, trunk.outbound_prefix, trunk.called_from, trunk.inbound_strip, trunk.inbound_prefix,
  trunk.tell_diversion, trunk.version, trunk_state.state, trunk_state.addresses,
  trunk_state.service_route as "serviceRoute"`;

/**
 * Renews the trunks that the instance holds and takes those nobody does (never held, lease run out, holder lost), `limit` at most;
 * ids and versions of all it holds now. Two instances never get the same trunk.
 */
export async function holdTrunks(
  db: Db,
  instance: string,
  leaseSeconds: number,
  limit: number,
): Promise<{ readonly id: string; readonly version: number }[]> {
  const { rows } = await sql<{ id: string; version: number }>`
    with free as (
      select trunk_id from trunk_state
      where instance = ${instance} or instance is null or held_until < now()
        or not exists (select 1 from media_instance m where m.instance = trunk_state.instance and m.state = 'alive')
      order by (instance = ${instance}) desc nulls last, trunk_id limit ${limit}
      for update skip locked
    ), held as (
      update trunk_state set instance = ${instance}, held_until = now() + make_interval(secs => ${leaseSeconds})
      from free where trunk_state.trunk_id = free.trunk_id
      returning trunk_state.trunk_id
    )
    select trunk.id, trunk.version from held join trunk on trunk.id = held.trunk_id`.execute(db);
  return rows;
}

/** Gives all trunks of an instance back. */
export async function letGoTrunks(db: Db, instance: string): Promise<void> {
  await sql`update trunk_state set instance = null, held_until = null where instance = ${instance}`.execute(db);
}

/** Trunks that an instance holds, by id. */
export async function heldTrunks(db: Db, instance: string, ids: readonly string[]): Promise<TelephonyTrunk[]> {
  const { rows } = await sql<TelephonyTrunk>`
    select ${TELEPHONY_TRUNK} from trunk join trunk_state on trunk_state.trunk_id = trunk.id
    where trunk_state.instance = ${instance} and trunk.id = any(${[...ids]}::uuid[])`.execute(db);
  return rows;
}

export interface TrunkFinding {
  readonly state: TrunkState;
  readonly sipStatus: number | null;
  readonly expiresAt: Date | null;
  /** Where its host was found; absent: as before. */
  readonly addresses?: readonly string[];
  /** Absent: as before. */
  readonly serviceRoute?: string | null;
}

/** Writes what the holder found; false when another instance holds the trunk now. `since` moves only with the state. */
export async function reportTrunk(
  db: Db,
  instance: string,
  trunkId: string,
  { state, sipStatus, expiresAt, addresses, serviceRoute }: TrunkFinding,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update trunk_state set
      since = case when state = ${state} then since else now() end, state = ${state}, sip_status = ${sipStatus}, expires_at = ${expiresAt},
      addresses = coalesce(${addresses ? [...addresses] : null}::text[], addresses),
      service_route = case when ${serviceRoute === undefined} then service_route else ${serviceRoute ?? null} end
    where trunk_id = ${trunkId} and instance = ${instance}`.execute(db);
  return numAffectedRows === 1n;
}
