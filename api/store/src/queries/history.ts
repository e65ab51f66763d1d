/** Reading history: ended calls and legs by who, when and how; calls of a user; calls that run now. */
import type { Coordinates, JsonValue } from '@callwright/engine';
import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import type { CdrLegTable, CdrTable } from '../schema/history.ts';
import type { Database } from '../schema.ts';
import { type CompanyScope, type Db, type Page, page } from './scope.ts';

/** All undefined: every call. Dates bound the beginning of the call. */
export interface HistoryFilter {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** A party that rang, talked or called, in whatever role. */
  readonly userId?: string | undefined;
  /** Group or queue through which the call went, or which it was for. */
  readonly groupId?: string | undefined;
  readonly trunkId?: string | undefined;
  /** Number of a party, as dialled or received. */
  readonly number?: string | undefined;
  readonly disposition?: string | undefined;
  readonly direction?: string | undefined;
  readonly internal?: boolean | undefined;
  readonly externalId?: string | undefined;
  readonly callingType?: string | undefined;
  readonly callingId?: string | undefined;
  readonly calledType?: string | undefined;
  readonly calledId?: string | undefined;
  readonly connectedType?: string | undefined;
  readonly connectedId?: string | undefined;
}

/** Contact of the books as it was when the call ended. */
export interface HistoryContact {
  readonly id: string;
  readonly number: number;
  readonly givenName: string;
  readonly familyName: string;
  readonly organisation: string;
}

type Row = Selectable<CdrTable> & { readonly ref_number: number | null };
type LegRow = Selectable<CdrLegTable> & { readonly call_number: number; readonly external_id: string | null };

const triple = (
  type: string,
  id: string | null,
  entityNumber: number | null,
  number: string,
  name: string,
): Coordinates => ({
  type,
  id,
  entityNumber,
  number,
  name,
});

const contact = (json: JsonValue | null): HistoryContact | null => json as unknown as HistoryContact | null;

/** Of a user's own book only the user learns. */
function contactFor(json: JsonValue | null, self: boolean): HistoryContact | null {
  const seen = json as unknown as (HistoryContact & { readonly private?: boolean }) | null;
  if (seen === null || (seen.private && !self)) return null;
  const { private: _private, ...shown } = seen;
  return shown;
}

function callOf(row: Row) {
  return {
    id: row.call_id,
    number: row.number,
    direction: row.direction as 'inbound' | 'outbound' | 'internal',
    internal: row.internal,
    externalId: row.external_id,
    startedAt: row.started_at,
    answeredAt: row.answered_at,
    connectedAt: row.connected_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    ringMs: row.ring_ms,
    queueMs: row.queue_ms,
    ivrMs: row.ivr_ms,
    talkMs: row.talk_ms,
    holdMs: row.hold_ms,
    billableMs: row.billable_ms,
    disposition: row.disposition,
    cause: row.cause,
    endedBy: row.ended_by as 'calling' | 'called' | 'platform',
    failingSide: row.failing_side as 'calling' | 'called' | 'platform' | null,
    refused: row.refused,
    calling: triple(row.calling_type, row.calling_id, row.calling_entity, row.calling_number, row.calling_name),
    called: triple(row.called_type, row.called_id, row.called_entity, row.called_number, row.called_name),
    connected:
      row.connected_type === null
        ? null
        : triple(
            row.connected_type,
            row.connected_id,
            row.connected_entity,
            row.connected_number ?? '',
            row.connected_name ?? '',
          ),
    callingContact: contact(row.calling_contact),
    calledContact: contact(row.called_contact),
    connectedContact: contact(row.connected_contact),
    fromCallId: row.from_call_id,
    toCallId: row.to_call_id,
    /** Number of the call a leg came from, else of the one it went to. */
    refNumber: row.ref_number === null ? null : Number(row.ref_number),
    trunkIn: row.trunk_in_id === null ? null : { id: row.trunk_in_id, name: row.trunk_in_name ?? '' },
    trunkOut: row.trunk_out_id === null ? null : { id: row.trunk_out_id, name: row.trunk_out_name ?? '' },
    destination:
      row.destination_class === null
        ? null
        : { country: row.destination_country, class: row.destination_class, label: row.destination_label ?? '' },
    costMicros: row.cost_micros,
    chargedUserId: row.charged_user_id,
    codec: row.codec,
    recorded: row.recorded,
    revision: row.revision,
    path: row.path as string[],
  };
}
export type HistoryCall = ReturnType<typeof callOf>;

function legOf(row: LegRow, self: boolean) {
  return {
    id: row.id,
    callId: row.call_id,
    callNumber: row.call_number,
    externalId: row.external_id,
    leg: row.leg,
    party: row.party,
    way: row.way as 'in' | 'out',
    who: triple(row.type, row.entity_id, row.entity, row.number, row.name),
    remote: triple(row.remote_type, row.remote_id, row.remote_entity, row.remote_number, row.remote_name),
    remoteContact: contactFor(row.remote_contact, self),
    group: row.group_id === null ? null : { type: row.group_type ?? '', id: row.group_id, name: row.group_name ?? '' },
    startedAt: row.started_at,
    ringingAt: row.ringing_at,
    answeredAt: row.answered_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    ringMs: row.ring_ms,
    talkMs: row.talk_ms,
    holdMs: row.hold_ms,
    billableMs: row.billable_ms,
    disposition: row.disposition,
    missed: row.missed,
    cause: row.cause,
    sipStatus: row.sip_status,
    endedBy: row.ended_by as 'remote' | 'local' | 'network' | null,
    codec: row.codec,
    trunk: row.trunk_id === null ? null : { id: row.trunk_id, name: row.trunk_name ?? '' },
    destination:
      row.destination_class === null ? null : { country: row.destination_country, class: row.destination_class },
    costMicros: row.cost_micros,
    chargedUserId: row.charged_user_id,
  };
}
export type HistoryLeg = ReturnType<typeof legOf>;

const refNumber = sql<number | null>`(select number from call ref where ref.company_id = cdr.company_id
  and ref.id = coalesce(cdr.from_call_id, cdr.to_call_id))`.as('ref_number');

type Where = ExpressionBuilder<Database, 'cdr'>;

function conditions(eb: Where, scope: CompanyScope, filter: HistoryFilter) {
  const { companyId } = scope;
  const legs = (condition: ReturnType<typeof sql>) =>
    sql<boolean>`exists (select 1 from cdr_leg l where l.call_id = cdr.call_id and l.company_id = ${companyId} and ${condition})`;
  const all = [eb('cdr.company_id', '=', companyId)];
  const equal = (column: keyof CdrTable, value: string | boolean | undefined): void => {
    if (value !== undefined) all.push(eb(sql.ref(`cdr.${column}`), '=', value) as never);
  };
  if (filter.from) all.push(eb('cdr.started_at', '>=', filter.from));
  if (filter.to) all.push(eb('cdr.started_at', '<', filter.to));
  equal('disposition', filter.disposition);
  equal('direction', filter.direction);
  equal('internal', filter.internal);
  equal('external_id', filter.externalId);
  equal('calling_type', filter.callingType);
  equal('calling_id', filter.callingId);
  equal('called_type', filter.calledType);
  equal('called_id', filter.calledId);
  equal('connected_type', filter.connectedType);
  equal('connected_id', filter.connectedId);
  if (filter.userId !== undefined) all.push(legs(sql`l.user_id = ${filter.userId}`) as never);
  if (filter.groupId !== undefined)
    all.push(
      sql<boolean>`(cdr.called_id = ${filter.groupId} or ${legs(sql`l.group_id = ${filter.groupId}`)})` as never,
    );
  if (filter.trunkId !== undefined)
    all.push(sql<boolean>`${filter.trunkId} in (cdr.trunk_in_id, cdr.trunk_out_id)` as never);
  if (filter.number !== undefined)
    all.push(
      sql<boolean>`(${filter.number} in (cdr.calling_number, cdr.called_number, cdr.connected_number)
      or ${legs(sql`l.number = ${filter.number}`)})` as never,
    );
  return eb.and(all);
}

/** Newest first; `before` is the number of the last call of the page before. */
export async function listHistory(
  db: Db,
  scope: CompanyScope,
  filter: HistoryFilter & { readonly before: number | null; readonly limit: number; readonly skip?: number },
): Promise<Page<HistoryCall>> {
  let query = db
    .selectFrom('cdr')
    .selectAll('cdr')
    .select(refNumber)
    .where((eb) => conditions(eb, scope, filter))
    .orderBy('cdr.number', 'desc')
    .limit(filter.limit + 1)
    .offset(filter.skip ?? 0);
  if (filter.before !== null) query = query.where('cdr.number', '<', filter.before);
  return page((await query.execute()).map(callOf), filter.limit, (row) => String(row.number));
}

/** One ended call with its legs in the order of their beginning; null when the company has none such. */
export async function getHistory(
  db: Db,
  scope: CompanyScope,
  callId: string,
): Promise<(HistoryCall & { readonly legs: readonly HistoryLeg[] }) | null> {
  const row = await db
    .selectFrom('cdr')
    .selectAll('cdr')
    .select(refNumber)
    .where('cdr.company_id', '=', scope.companyId)
    .where('cdr.call_id', '=', callId)
    .executeTakeFirst();
  if (!row) return null;
  const legs = await selectLegs(db, scope).where('cdr_leg.call_id', '=', callId).orderBy('cdr_leg.id').execute();
  return { ...callOf(row), legs: legs.map((leg) => legOf(leg, false)) };
}

const selectLegs = (db: Db, { companyId }: CompanyScope) =>
  db
    .selectFrom('cdr_leg')
    .innerJoin('cdr', 'cdr.call_id', 'cdr_leg.call_id')
    .selectAll('cdr_leg')
    .select(['cdr.number as call_number', 'cdr.external_id as external_id'])
    .where('cdr_leg.company_id', '=', companyId)
    .where('cdr.company_id', '=', companyId);

export interface UserHistoryFilter {
  /** The user asks, who sees the contacts of the own book. */
  readonly self: boolean;
  /** Id of the last line of the page before. */
  readonly before: number | null;
  readonly limit: number;
  readonly skip?: number;
  readonly way?: 'in' | 'out' | undefined;
  readonly missed?: boolean | undefined;
  readonly disposition?: string | undefined;
  /** Of the other party. */
  readonly number?: string | undefined;
  readonly externalId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Calls of a user, one line a leg of his, also those that only rang; newest first. */
export async function listUserHistory(
  db: Db,
  scope: CompanyScope,
  userId: string,
  filter: UserHistoryFilter,
): Promise<Page<HistoryLeg>> {
  let query = selectLegs(db, scope)
    .where('cdr_leg.user_id', '=', userId)
    .orderBy('cdr_leg.id', 'desc')
    .limit(filter.limit + 1)
    .offset(filter.skip ?? 0);
  if (filter.before !== null) query = query.where('cdr_leg.id', '<', filter.before);
  if (filter.way) query = query.where('cdr_leg.way', '=', filter.way);
  if (filter.missed !== undefined) query = query.where('cdr_leg.missed', '=', filter.missed);
  if (filter.disposition) query = query.where('cdr_leg.disposition', '=', filter.disposition);
  if (filter.number !== undefined) query = query.where('cdr_leg.remote_number', '=', filter.number);
  if (filter.externalId !== undefined) query = query.where('cdr.external_id', '=', filter.externalId);
  if (filter.from) query = query.where('cdr_leg.started_at', '>=', filter.from);
  if (filter.to) query = query.where('cdr_leg.started_at', '<', filter.to);
  return page(
    (await query.execute()).map((row) => legOf(row, filter.self)),
    filter.limit,
    (row) => String(row.id),
  );
}

export interface LiveCall {
  readonly id: string;
  readonly number: number;
  readonly externalId: string | null;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly startedAt: Date;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  /** Who talks with the caller, or did last. */
  readonly connected: Coordinates | null;
  readonly codec: string | null;
  readonly recording: boolean;
}

/** Calls that run, oldest first. What they have come to is read from their records. */
export async function listLiveCalls(
  db: Db,
  scope: CompanyScope,
  filter: { readonly callId?: string | undefined; readonly externalId?: string | undefined; readonly limit: number },
): Promise<readonly LiveCall[]> {
  const { rows } = await sql<LiveCall>`
    select c.id, c.number, c.external_id as "externalId", c.direction, coalesce(c.started_at, c.created_at) as "startedAt",
      c.calling, c.called, talk.connected, media.codec, coalesce(sound.type like '%.started' or sound.type like '%.resumed', false) as recording
    from call c
    left join lateral (
      select added.body->'coordinates' as connected from call_record r
      join lateral (select body from call_record a where a.call_id = r.call_id and a.company_id = ${scope.companyId} and a.type = 'party.added'
        and a.body->'party' = r.body->'b' order by a.n desc limit 1) added on true
      where r.call_id = c.id and r.company_id = ${scope.companyId} and r.type = 'parties.connected' order by r.n desc limit 1
    ) talk on true
    left join lateral (
      select r.body->'body'->>'codec' as codec from call_record r
      where r.call_id = c.id and r.company_id = ${scope.companyId} and r.stream = 'event' and r.body->'body'->>'codec' is not null order by r.n limit 1
    ) media on true
    left join lateral (
      select r.type from call_record r
      where r.call_id = c.id and r.company_id = ${scope.companyId} and r.stream = 'fact' and r.type like 'recording.%' order by r.n desc limit 1
    ) sound on true
    where c.company_id = ${scope.companyId} and c.state = 'started'
      and (${filter.callId ?? null}::uuid is null or c.id = ${filter.callId ?? null})
      and (${filter.externalId ?? null}::text is null or c.external_id = ${filter.externalId ?? null})
    order by c.number limit ${filter.limit}`.execute(db);
  return rows;
}
