/** What the agents of a queue have done in a span of time, from the facts of calls and the times that agents were there. */
import { sql } from 'kysely';
import { queues } from './queues.ts';
import type { CompanyScope, Db } from './scope.ts';

export interface AgentStatistics {
  readonly userId: string;
  readonly extension: string;
  readonly name: string;
  readonly offered: number;
  readonly answered: number;
  readonly missed: number;
  /** Of conversations that have ended. */
  readonly talkMs: number;
  readonly loggedInMs: number;
  readonly pausedMs: number;
  /** Longest first. */
  readonly pauses: readonly { readonly reason: string; readonly ms: number; readonly times: number }[];
}

/** Agents in the order of the queue's list; null when the company has no such queue. */
export async function queueAgentStatistics(
  db: Db,
  scope: CompanyScope,
  queueId: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<AgentStatistics[] | null> {
  const { companyId } = scope;
  if (!(await queues.get(db, scope, queueId))) return null;
  const { rows } = await sql<AgentStatistics>`
    with facts as (
      select r.call_id, r.n, r.at, r.type, r.body->>'userId' as agent from call_record r
      where r.company_id = ${companyId} and r.stream = 'fact' and r.type like 'queue.%'
        and r.at >= ${from} and r.at < ${to} and r.body->>'queueId' = ${queueId}
        and r.type in ('queue.offered', 'queue.answered', 'queue.missed')),
    counts as (
      select f.agent, (count(*) filter (where f.type = 'queue.offered'))::int as offered,
        (count(*) filter (where f.type = 'queue.answered'))::int as answered,
        (count(*) filter (where f.type = 'queue.missed'))::int as missed,
        coalesce(sum(extract(epoch from talk.ended - f.at) * 1000) filter (where f.type = 'queue.answered'), 0)::float8 as talk
      from facts f left join lateral (
        select r.at as ended from call_record r
        where f.type = 'queue.answered' and r.call_id = f.call_id and r.company_id = ${companyId} and r.n > f.n
          and r.stream = 'fact' and r.type = 'party.left' and r.body->'coordinates'->>'id' = f.agent
        order by r.n limit 1) talk on true
      group by f.agent),
    times as (
      select user_id, queue_id, reason, greatest(began_at, ${from}) as began, least(coalesce(ended_at, now()), ${to}) as ended
      from queue_agent_time where company_id = ${companyId} and (queue_id is null or queue_id = ${queueId})
        and began_at < ${to} and coalesce(ended_at, now()) > ${from}),
    logged as (select user_id, sum(extract(epoch from ended - began)) * 1000 as ms from times where queue_id is not null group by user_id),
    paused as (
      select p.user_id, p.reason, p.began, sum(extract(epoch from least(p.ended, l.ended) - greatest(p.began, l.began))) * 1000 as ms
      from times p join times l on l.user_id = p.user_id and l.queue_id is not null and l.began < p.ended and l.ended > p.began
      where p.queue_id is null group by p.user_id, p.reason, p.began),
    reasons as (
      select user_id, sum(ms) as ms, jsonb_agg(jsonb_build_object('reason', reason, 'ms', round(ms), 'times', times) order by ms desc, reason) as list
      from (select user_id, reason, sum(ms) as ms, count(*) as times from paused group by user_id, reason) r group by user_id)
    select u.id as "userId", u.extension, trim(u.given_name || ' ' || u.family_name) as name,
      coalesce(c.offered, 0) as offered, coalesce(c.answered, 0) as answered, coalesce(c.missed, 0) as missed,
      round(coalesce(c.talk, 0))::float8 as "talkMs", round(coalesce(l.ms, 0))::float8 as "loggedInMs",
      round(coalesce(r.ms, 0))::float8 as "pausedMs", coalesce(r.list, '[]') as pauses
    from queue_member m
    join directory_user u on u.id = m.user_id and u.company_id = m.company_id and u.deleted_at is null
    left join counts c on c.agent = u.id::text
    left join logged l on l.user_id = u.id
    left join reasons r on r.user_id = u.id
    where m.company_id = ${companyId} and m.queue_id = ${queueId} order by m.position limit 500`.execute(db);
  return rows;
}
