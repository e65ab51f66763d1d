/** A flow as its calls live it: where those of the moment are, and how often each way of a revision was taken. */
import type { Coordinates, FlowLayout, RevisionClosure } from '@callwright/engine';
import { sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';

export interface LiveCallRow {
  readonly id: string;
  readonly number: number;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly calling: Coordinates;
  readonly called: Coordinates;
  readonly started_at: Date;
  readonly revision: string;
  readonly version: number | null;
  readonly node: string | null;
  readonly since: Date | null;
  /** Number of the record that says where it is; 0 = none does. */
  readonly step: number;
}

/** The kinds of facts that `call_record_step` holds. */
const STEPS = sql`r.stream = 'fact' and r.type in ('node.entered', 'node.left', 'flow.changed')`;

/** Calls that are in the flow now, newest first: those that began in it and have not left it, and those that were led to it. */
export async function liveCallsOf(db: Db, scope: CompanyScope, flowId: string, limit: number): Promise<LiveCallRow[]> {
  const { rows } = await sql<LiveCallRow>`
    select c.id, c.number::float8 as number, c.direction, c.calling, c.called, coalesce(c.started_at, c.created_at) as started_at,
      v.hash as revision, v.number as version,
      case when step.type = 'node.entered' then step.node end as node,
      case when step.type = 'node.entered' then step.at end as since, coalesce(step.n, 0) as step
    from call c
    left join lateral (
      select r.body->>'revision' as revision, true as changed from call_record r
      where r.call_id = c.id and ${STEPS} and r.type = 'flow.changed' order by r.n desc limit 1) flow on true
    join revision v on v.company_id = c.company_id and v.flow_id = ${flowId}
      and v.hash = case when flow.changed then flow.revision else c.revision_hash end
    left join lateral (
      select r.type, r.body->>'node' as node, r.at, r.n from call_record r
      where r.call_id = c.id and ${STEPS} order by r.n desc limit 1) step on true
    where c.company_id = ${scope.companyId} and c.state = 'started'
    order by c.number desc limit ${limit}`.execute(db);
  return rows;
}

export interface HeatRow {
  readonly type: 'node.entered' | 'node.left';
  readonly node: string;
  readonly outcome: string | null;
  readonly count: number;
}

/**
 * Steps of the newest `limit` calls that were in a revision in that time, added up; nodes of sub-flows are not told apart. `calls` = visits
 * counted. Reads the steps of those calls alone.
 */
export async function heatOf(
  db: Db,
  scope: CompanyScope,
  hash: string,
  { from, to, limit }: { readonly from: Date; readonly to: Date; readonly limit: number },
): Promise<{ readonly calls: number; readonly steps: readonly HeatRow[] }> {
  const { rows } = await sql<HeatRow & { calls: number }>`
    with visit as (
      select call_id, first from (
        select id as call_id, 0 as first, created_at as at from call
        where company_id = ${scope.companyId} and revision_hash = ${hash} and created_at >= ${from} and created_at < ${to}
        union all
        select r.call_id, r.n, r.at from call_record r
        where r.company_id = ${scope.companyId} and r.stream = 'fact' and r.type = 'flow.changed'
          and r.body->>'revision' = ${hash} and r.at >= ${from} and r.at < ${to}
      ) found order by at desc limit ${limit}
    ), span as (
      select visit.call_id, visit.first, (
        select min(r.n) from call_record r
        where r.call_id = visit.call_id and ${STEPS} and r.type = 'flow.changed' and r.n > visit.first) as until
      from visit
    ), step as (
      select r.type, r.body->>'node' as node, r.body->>'outcome' as outcome from span
      join call_record r on r.call_id = span.call_id and ${STEPS} and r.type <> 'flow.changed'
        and r.n > span.first and (span.until is null or r.n < span.until)
    )
    select 'calls' as type, '' as node, null as outcome, count(*)::int as count from visit
    union all
    select type, node, outcome, count(*)::int from step where position('/' in node) = 0 group by type, node, outcome`.execute(
    db,
  );
  const calls = rows.find(({ type }) => (type as string) === 'calls')?.count ?? 0;
  return { calls, steps: rows.filter(({ type }) => (type as string) !== 'calls') };
}

export interface FoundRevision {
  readonly hash: string;
  readonly number: number | null;
  readonly flow_id: string;
  readonly name: string;
  readonly title: string;
  readonly closure: RevisionClosure;
  readonly layout: FlowLayout | null;
}

/** A revision of the company by its hash, published or tried, with the flow it is of. */
export async function findRevision(db: Db, scope: CompanyScope, hash: string): Promise<FoundRevision | null> {
  const { rows } = await sql<FoundRevision>`
    select v.hash, v.number, v.flow_id, f.name, f.title, v.closure, v.layout from revision v
    join flow f on f.id = v.flow_id and f.company_id = v.company_id
    where v.company_id = ${scope.companyId} and v.hash = ${hash}`.execute(db);
  return rows[0] ?? null;
}
