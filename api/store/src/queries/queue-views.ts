/** What can be seen of queues: who waits and who serves now, and what has been. */
import type { AgentState, Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import { queues } from './queues.ts';
import type { CompanyScope, Db } from './scope.ts';

export interface WaitingView {
  readonly callId: string;
  readonly calling: Coordinates;
  readonly enteredAt: Date;
  readonly priority: number;
  /** In the flow for a while, with the place kept. */
  readonly away: boolean;
  /** Agents ring for the caller. */
  readonly ringing: boolean;
}

export interface AgentView {
  readonly userId: string;
  readonly extension: string;
  readonly name: string;
  /** Null: he has never logged in anywhere. */
  readonly state: AgentState | null;
  /** Calls that occupy him. */
  readonly calls: readonly string[];
}

export interface QueueLive {
  /** In the order in which they are served. */
  readonly waiting: readonly WaitingView[];
  readonly agents: readonly AgentView[];
}

/** A queue now; null when the company has none of that id. */
export async function getQueueLive(db: Db, scope: CompanyScope, queueId: string): Promise<QueueLive | null> {
  const { companyId } = scope;
  if (!(await queues.get(db, scope, queueId))) return null;
  const { rows: waiting } = await sql<WaitingView>`
    select call.id as "callId", call.calling, to_timestamp((w->>'enteredAt')::bigint / 1000.0) as "enteredAt",
      (w->'needs'->>'priority')::int as priority, (w->>'away')::boolean as away,
      exists (select 1 from pool_occupation o where o.company_id = ${companyId}
        and o.grants @> jsonb_build_array(jsonb_build_object('callId', call.id::text)) and w->'offered' ? o.user_id::text) as ringing
    from pool_request r
    cross join lateral (select r.standing->'queue' as w) as standing
    join call on call.id::text = r.standing->>'callId' and call.company_id = r.company_id and call.state = 'started'
    where r.company_id = ${companyId} and w->>'queueId' = ${queueId}
    order by (w->>'enteredAt')::bigint - (w->'needs'->>'priority')::bigint * 60000, r.place limit 1000`.execute(db);
  const { rows: agents } = await sql<AgentView>`
    select u.id as "userId", u.extension, trim(u.given_name || ' ' || u.family_name) as name, s.state,
      coalesce((select array_agg(distinct one->>'callId') from pool_occupation o
        cross join lateral jsonb_array_elements(o.grants) as one
        where o.company_id = m.company_id and o.user_id = u.id), '{}') as calls
    from queue_member m
    join directory_user u on u.id = m.user_id and u.company_id = m.company_id and u.deleted_at is null
    left join queue_agent_state s on s.company_id = m.company_id and s.user_id = m.user_id
    where m.company_id = ${companyId} and m.queue_id = ${queueId} order by m.position limit 500`.execute(db);
  return { waiting, agents };
}

export interface QueueStatistics {
  /** Begin of the interval, as the clock of the company shows it (ISO 8601, no zone). */
  readonly from: string;
  /** Callers who came in. */
  readonly entered: number;
  /** Callers who could not: nobody there, or too many waiting. */
  readonly refused: number;
  readonly answered: number;
  /** Hung up while they waited. */
  readonly abandoned: number;
  /** Sent on by the longest wait or by the rules of staying, or left by a key. */
  readonly overflowed: number;
  readonly exited: number;
  /** Offers that an agent did not take. */
  readonly missed: number;
  /** Of the answered. */
  readonly waitMs: number;
  readonly longestWaitMs: number;
  readonly abandonedWaitMs: number;
  /** Answered, and abandoned, within the queue's service level. */
  readonly answeredInTime: number;
  readonly abandonedInTime: number;
}

const UNITS = { hour: 'hour', day: 'day', month: 'month' } as const;
export type StatisticsInterval = keyof typeof UNITS;

/**
 * What has been, by interval in the company's time zone, from the facts of calls: each counts where it happened. Null when the company
 * has no such queue.
 */
export async function queueStatistics(
  db: Db,
  scope: CompanyScope,
  queueId: string,
  span: { readonly from: Date; readonly to: Date; readonly by: StatisticsInterval },
): Promise<QueueStatistics[] | null> {
  const queue = await queues.get(db, scope, queueId);
  if (!queue) return null;
  const unit = UNITS[span.by];
  const why = (...names: string[]) => sql`type = 'queue.left' and body->>'why' = any(${names}::text[])`;
  const inTime = sql`waited <= ${queue.serviceLevelMs}`;
  const { rows } = await sql<QueueStatistics>`
    with zone as (select coalesce(settings->>'timeZone', 'UTC') as name from owner where id = ${scope.companyId}),
    facts as (select to_char(date_trunc(${unit}, r.at at time zone zone.name), 'YYYY-MM-DD"T"HH24:MI:SS') as "from", r.type, r.body, (r.body->>'waitedMs')::bigint as waited
      from call_record r cross join zone
      where r.company_id = ${scope.companyId} and r.stream = 'fact' and r.type like 'queue.%'
        and r.at >= ${span.from} and r.at < ${span.to} and r.body->>'queueId' = ${queueId})
    select "from",
      (count(*) filter (where type = 'queue.entered' and not (body->>'again')::boolean))::int as entered,
      (count(*) filter (where ${why('full')} or (${why('empty')} and waited < 1000)))::int as refused,
      (count(*) filter (where type = 'queue.answered'))::int as answered,
      (count(*) filter (where ${why('abandoned')}))::int as abandoned,
      (count(*) filter (where ${why('timeout', 'transferred', 'failed')} or (${why('empty')} and waited >= 1000)))::int as overflowed,
      (count(*) filter (where ${why('exit', 'callback')}))::int as exited,
      (count(*) filter (where type = 'queue.missed'))::int as missed,
      coalesce(sum(waited) filter (where type = 'queue.answered'), 0)::float8 as "waitMs",
      coalesce(max(waited) filter (where type = 'queue.answered'), 0)::float8 as "longestWaitMs",
      coalesce(sum(waited) filter (where ${why('abandoned')}), 0)::float8 as "abandonedWaitMs",
      (count(*) filter (where type = 'queue.answered' and ${inTime}))::int as "answeredInTime",
      (count(*) filter (where ${why('abandoned')} and ${inTime}))::int as "abandonedInTime"
    from facts group by "from" order by "from" limit 10000`.execute(db);
  return rows;
}
