/** Calls that are up with their legs, and ended calls by what other programs ask for. */
import type { Cdr, Coordinates } from '@callwright/engine';
import { type RawBuilder, sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';
import { busyLines, usableBy } from './trunks.ts';

export interface LegOfCall {
  readonly leg: string;
  /** Positive integer of the party, unique on the platform. */
  readonly party: number;
  readonly role: string;
  readonly coordinates: Coordinates;
  readonly answered: boolean;
  /** Number of the trunk it goes through. */
  readonly trunk: number | null;
}

export interface CallWithLegs {
  readonly id: string;
  readonly number: number;
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  /** In the order of their parties. */
  readonly legs: readonly LegOfCall[];
  readonly recorded: boolean;
  /** Of the leg that was answered first; null before. */
  readonly codec: string | null;
}

/** Calls of the company that have not ended, newest first; or the one of that number. */
export async function listCallsWithLegs(
  db: Db,
  { companyId }: CompanyScope,
  filter: { readonly limit: number; readonly number?: number },
): Promise<CallWithLegs[]> {
  const only = filter.number === undefined ? sql`` : sql`and call.number = ${filter.number}`;
  const { rows } = await sql<CallWithLegs>`
    select call.id, call.number, call.external_id as "externalId", call.created_at as "createdAt", call.calling, call.called,
      coalesce((
        select jsonb_agg(jsonb_build_object('leg', leg.id, 'party', r.body->'party', 'role', r.body->'role',
          'coordinates', r.body->'coordinates', 'answered', leg.state = 'answered', 'trunk', trunk.number) order by r.n)
        from leg
        join call_record r on r.call_id = call.id and r.company_id = call.company_id and r.type = 'party.added'
          and r.body->>'leg' = leg.id and r.body->>'role' <> 'supervising'
        left join trunk on trunk.id = leg.trunk_id
        where leg.call_id = call.id and leg.company_id = call.company_id and leg.state not in ('ended', 'released')), '[]') as legs,
      coalesce((select r.type <> 'recording.stopped' from call_record r where r.call_id = call.id and r.company_id = call.company_id
        and r.type in ('recording.started', 'recording.resumed', 'recording.paused', 'recording.stopped')
        order by r.n desc limit 1), false) as recorded,
      (select r.body->'body'->>'codec' from call_record r where r.call_id = call.id and r.company_id = call.company_id
        and r.stream = 'event' and r.type = 'leg' and r.body->'body'->>'type' = 'answered' order by r.n limit 1) as codec
    from call where call.company_id = ${companyId} and call.state in ('waiting', 'started') ${only}
    order by call.number desc limit ${filter.limit}`.execute(db);
  return rows;
}

/** Who a party of a call was: of one of these types, with this number in the company (of somebody outside: of the trunk), by this number. */
export interface PartyFilter {
  readonly types?: readonly string[];
  readonly entity?: number;
  readonly number?: string;
}

export interface AccountFilter {
  readonly limit: number;
  readonly offset: number;
  /** Took part with a leg. */
  readonly userId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly externalId?: string | undefined;
  readonly number?: number | undefined;
  readonly parties?: { readonly [role in PartyRole]?: PartyFilter } | undefined;
}
type PartyRole = 'calling' | 'called' | 'connected';

export interface CallAccountRow {
  readonly id: string;
  readonly cdr: Cdr;
  readonly queueMs: number;
  /** Number of the call that a leg came from. */
  readonly fromNumber: number | null;
}

/** Types of parties that are reached through a trunk. */
const OUTSIDE = ['number', 'trunk', 'sip', 'peer'];

function partyCondition(role: PartyRole, { types, entity, number }: PartyFilter): RawBuilder<unknown> {
  const column = (name: string) => sql.ref(`c.${role}_${name}`);
  const outside = types?.some((type) => OUTSIDE.includes(type)) === true;
  const parts = [
    ...(types === undefined ? [] : [sql`and ${column('type')} = any(${[...types]}::text[])`]),
    ...(number === undefined ? [] : [sql`and ${column('number')} = ${number}`]),
    ...(entity === undefined
      ? []
      : [
          outside
            ? // whoever calls may have been called by us
              sql`and exists (select 1 from trunk where trunk.id::text in (c.trunk_in_id, c.trunk_out_id) and trunk.number = ${entity})`
            : sql`and ${column('entity')} = ${entity}`,
        ]),
  ];
  return sql.join([sql``, ...parts], sql` `);
}

/** Accounts of ended calls of the company, newest first. */
export async function listCallAccounts(
  db: Db,
  { companyId }: CompanyScope,
  filter: AccountFilter,
): Promise<CallAccountRow[]> {
  const conditions: RawBuilder<unknown>[] = [];
  if (filter.userId !== undefined)
    conditions.push(sql`and exists (select 1 from cdr_leg where cdr_leg.call_id = c.call_id
      and cdr_leg.company_id = c.company_id and cdr_leg.user_id = ${filter.userId})`);
  if (filter.from) conditions.push(sql`and c.started_at >= ${filter.from}`);
  if (filter.to) conditions.push(sql`and c.started_at <= ${filter.to}`);
  if (filter.externalId !== undefined) conditions.push(sql`and c.external_id = ${filter.externalId}`);
  if (filter.number !== undefined) conditions.push(sql`and c.number = ${filter.number}`);
  for (const [role, party] of Object.entries(filter.parties ?? {}))
    conditions.push(partyCondition(role as PartyRole, party));
  const { rows } = await sql<CallAccountRow>`
    select call.id, call.cdr, c.queue_ms::float8 as "queueMs",
      (select number from call f where f.id = c.from_call_id and f.company_id = c.company_id) as "fromNumber"
    from cdr c join call on call.id = c.call_id and call.company_id = c.company_id
    where c.company_id = ${companyId} and call.cdr is not null ${sql.join([sql``, ...conditions], sql` `)}
    order by c.number desc limit ${filter.limit} offset ${filter.offset}`.execute(db);
  return rows;
}

export interface TrunkLines {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly state: string;
  /** Null: no limit. */
  readonly maxCalls: number | null;
  readonly busyLines: number;
  /** Null for a trunk that belongs to somebody above. */
  readonly address: string | null;
}

/** Trunks that the company may dial through, its own first, with their lines. */
export async function listTrunkLines(db: Db, { companyId }: CompanyScope): Promise<TrunkLines[]> {
  const { rows } = await sql<TrunkLines>`
    select trunk.id, trunk.number, trunk.name, trunk.kind, trunk.enabled, s.state, trunk.max_calls as "maxCalls",
      ${busyLines} as "busyLines",
      case when trunk.owner_id = ${companyId} then trunk.host || ':' || coalesce(trunk.port, 5060) end as address
    from trunk join trunk_state s on s.trunk_id = trunk.id where ${usableBy(companyId)}
    order by trunk.owner_id = ${companyId} desc, trunk.number limit 500`.execute(db);
  return rows;
}

/** Ids of the company's boxes that hold new messages. */
export async function boxesWithMessages(db: Db, { companyId }: CompanyScope): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select box_id as id from mailbox_state where company_id = ${companyId} and new_messages > 0`.execute(db);
  return new Set(rows.map(({ id }) => id));
}
