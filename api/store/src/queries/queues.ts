/** Queues, their agents, and what a call must know of one when its caller comes. */
import type { IoResult, Prompt, Queue, QueueStaffing, QueueStrategyName } from '@callwright/engine';
import { sql } from 'kysely';
import { isVip } from './caller-lists.ts';
import { NOT_FOUND } from './destinations/destination-type.ts';
import { type UserRow, userCoordinates } from './destinations/user.ts';
import { FULL_NAME } from './reach.ts';
import { checkReferences, companyResource } from './resource.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export interface QueueFields {
  readonly name: string;
  readonly extension: string | null;
  readonly strategy: QueueStrategyName;
  /** Queues with a higher weight are served first by agents of several. */
  readonly weight: number;
  readonly ringMs: number;
  readonly wrapUpMs: number;
  /** An agent who did not take a call is left alone this long. */
  readonly restMs: number;
  /** After so many calls not taken in a row the agent is paused; 0 = never. */
  readonly pauseAfter: number;
  readonly stepMs: number;
  readonly tierWaitMs: number;
  readonly relaxMs: number;
  readonly preferredWaitMs: number;
  readonly join: QueueStaffing;
  readonly stay: QueueStaffing;
  readonly maxWaiting: number | null;
  readonly maxWaitMs: number | null;
  readonly comfort: 'music' | 'ringback';
  readonly entryPromptId: string | null;
  readonly sayPosition: boolean;
  readonly sayWait: boolean;
  readonly periodicPromptId: string | null;
  readonly announceEveryMs: number;
  readonly exitKey: string | null;
  readonly callbackKey: string | null;
  /** How often a caller is dialled who wanted to be called back, and the pause between. */
  readonly callbackTries: number;
  readonly callbackRetryMs: number;
  /** The agent accepts by a key before the caller is dialled. */
  readonly callbackConfirm: boolean;
  /** What statistics count as served in time. */
  readonly serviceLevelMs: number;
  /** Only the first in line is offered. */
  readonly oneAtATime: boolean;
  /** A tier is not waited for while nobody of a lower one is there. */
  readonly skipEmptyTiers: boolean;
  /** Patience with a staff below `stay`. */
  readonly stayMs: number;
  /** The first in line hears no announcements. */
  readonly quietFirst: boolean;
  /** Heard by the agent who answers. */
  readonly agentPromptId: string | null;
  readonly sayWaited: boolean;
  readonly agentConfirm: boolean;
  /** Whoever served a caller within so many days is preferred for him; 0 = nobody. */
  readonly stickyDays: number;
  /** A caller who hung up and comes again within this time has his place again; 0 = he has not. */
  readonly resumeMs: number;
  readonly namePrefix: string;
  /** How agents' phones ring. */
  readonly alert: string | null;
}

export const queues = companyResource<QueueFields>({
  table: 'queue',
  type: 'queue',
  columns: {
    name: 'name',
    extension: 'extension',
    strategy: 'strategy',
    weight: 'weight',
    ringMs: 'ring_ms',
    wrapUpMs: 'wrap_up_ms',
    restMs: 'rest_ms',
    pauseAfter: 'pause_after',
    stepMs: 'step_ms',
    tierWaitMs: 'tier_wait_ms',
    relaxMs: 'relax_ms',
    preferredWaitMs: 'preferred_wait_ms',
    join: 'join_rule',
    stay: 'stay_rule',
    maxWaiting: 'max_waiting',
    maxWaitMs: 'max_wait_ms',
    comfort: 'comfort',
    entryPromptId: 'entry_prompt_id',
    sayPosition: 'say_position',
    sayWait: 'say_wait',
    periodicPromptId: 'periodic_prompt_id',
    announceEveryMs: 'announce_every_ms',
    exitKey: 'exit_key',
    callbackKey: 'callback_key',
    callbackTries: 'callback_tries',
    callbackRetryMs: 'callback_retry_ms',
    callbackConfirm: 'callback_confirm',
    serviceLevelMs: 'service_level_ms',
    oneAtATime: 'one_at_a_time',
    skipEmptyTiers: 'skip_empty_tiers',
    stayMs: 'stay_ms',
    quietFirst: 'quiet_first',
    agentPromptId: 'agent_prompt_id',
    sayWaited: 'say_waited',
    agentConfirm: 'agent_confirm',
    stickyDays: 'sticky_days',
    resumeMs: 'resume_ms',
    namePrefix: 'name_prefix',
    alert: 'alert',
  },
  references: { entryPromptId: 'prompt', periodicPromptId: 'prompt', agentPromptId: 'prompt' },
  dialled: 'extension',
});

/** An agent as a queue lists him; see `QueueAgent` of the engine. */
export interface QueueMember {
  readonly userId: string;
  readonly tier: number;
  readonly penalty: number;
  readonly rank: number;
  readonly weight: number;
  readonly skills: Readonly<Record<string, number>>;
}

/** In the order of the list; null when the company has no such queue. */
export async function getQueueMembers(db: Db, scope: CompanyScope, queueId: string): Promise<QueueMember[] | null> {
  if (!(await queues.get(db, scope, queueId))) return null;
  const { rows } = await sql<QueueMember>`
    select m.user_id as "userId", m.tier, m.penalty, m.rank, m.weight, m.skills
    from queue_member m join directory_user u on u.id = m.user_id and u.deleted_at is null
    where m.company_id = ${scope.companyId} and m.queue_id = ${queueId} order by m.position`.execute(db);
  return rows;
}

/** Ids of the users on the lists of the company's queues, in their order, by queue. */
export async function queueAgents(
  db: Db,
  { companyId }: CompanyScope,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ id: string; users: string[] }>`
    select m.queue_id as id, array_agg(m.user_id::text order by m.position) as users
    from queue_member m join directory_user u on u.id = m.user_id and u.deleted_at is null
    where m.company_id = ${companyId} group by m.queue_id`.execute(db);
  return new Map(rows.map(({ id, users }) => [id, users]));
}

/** Replaces the list. False when the company has no such queue; throws `UnknownReference` for a user it does not have. */
export async function putQueueMembers(
  db: Db,
  scope: CompanyScope,
  queueId: string,
  members: readonly QueueMember[],
): Promise<boolean> {
  const { companyId } = scope;
  return inTransaction(db, async (tx) => {
    const { rows } = await sql`select 1 from queue
      where company_id = ${companyId} and id = ${queueId} for no key update`.execute(tx);
    if (rows.length === 0) return false;
    const distinct = [...new Map(members.map((member) => [member.userId, member])).values()];
    for (const { userId } of distinct) await checkReferences(tx, scope, [['userId', 'directory_user', userId]]);
    await sql`delete from queue_member where company_id = ${companyId} and queue_id = ${queueId}`.execute(tx);
    if (distinct.length === 0) return true;
    await tx
      .insertInto('queue_member')
      .values(
        distinct.map(({ userId, tier, penalty, rank, weight, skills }, position) => ({
          queue_id: queueId,
          user_id: userId,
          company_id: companyId,
          position,
          tier,
          penalty,
          rank,
          weight,
          skills: JSON.stringify(skills),
        })),
      )
      .execute();
    return true;
  });
}

interface QueueRow extends QueueFields {
  readonly id: string;
  readonly number: number;
  readonly entry: string | null;
  readonly periodic: string | null;
  readonly agent: string | null;
}

interface AgentRow extends UserRow {
  readonly tier: number;
  readonly penalty: number;
  readonly rank: number;
  readonly weight: number;
  readonly skills: Record<string, number>;
}

/** More are not offered to one caller. */
const MOST_AGENTS = 500;

/** By id, extension or unique name, with its agents in order. */
export async function lookUpQueue(db: Db, companyId: string, id: string, caller = ''): Promise<IoResult> {
  const [row, vip] = await Promise.all([findQueue(db, companyId, id), isVip(db, companyId, caller)]);
  if (!row) return NOT_FOUND;
  const { rows: agents } = await sql<AgentRow>`
    select u.id, u.number, u.extension, ${FULL_NAME} as name, true as registered,
      m.tier, m.penalty, m.rank, m.weight, m.skills
    from queue_member m join directory_user u on u.id = m.user_id and u.company_id = m.company_id
    where m.company_id = ${companyId} and m.queue_id = ${row.id} and u.deleted_at is null and u.suspended_at is null
    order by m.position, u.id limit ${MOST_AGENTS}`.execute(db);
  const known = await knownCaller(db, companyId, row, caller);
  return { status: 'queue', queue: queueOf(row, agents), ...(vip ? { vip } : {}), ...known };
}

/** What the queue remembers of the caller: who served him last, when he came before he hung up. */
async function knownCaller(db: Db, companyId: string, { id, stickyDays, resumeMs }: QueueRow, caller: string) {
  if (caller === '' || (stickyDays === 0 && resumeMs === 0)) return {};
  const { rows } = await sql<{ last: string | null; entered: string | null }>`
    select case when updated_at > now() - ${stickyDays} * interval '1 day' then user_id end as last,
      case when abandoned_at > now() - ${resumeMs} * interval '1 millisecond'
        then (extract(epoch from entered_at) * 1000)::bigint end as entered
    from queue_caller where company_id = ${companyId} and queue_id = ${id} and caller_number = ${caller}`.execute(db);
  const [known] = rows;
  return {
    ...(known?.last ? { last: known.last } : {}),
    ...(known?.entered ? { enteredAt: Number(known.entered) } : {}),
  };
}

async function findQueue(db: Db, companyId: string, id: string): Promise<QueueRow | undefined> {
  const columns = sql.join(
    Object.entries(queues.spec.columns).map(([field, column]) => sql`${sql.ref(`q.${column}`)} as ${sql.ref(field)}`),
  );
  const { rows } = await sql<QueueRow>`
    select q.id, q.number, ${columns}, e.name as entry, p.name as periodic, a.name as agent from queue q
    left join prompt e on e.id = q.entry_prompt_id and e.company_id = q.company_id
    left join prompt p on p.id = q.periodic_prompt_id and p.company_id = q.company_id
    left join prompt a on a.id = q.agent_prompt_id and a.company_id = q.company_id
    where q.company_id = ${companyId} and (q.id::text = ${id} or q.name = ${id} or q.extension = ${id})
    order by q.id::text = ${id} desc, q.name = ${id} desc limit 1`.execute(db);
  return rows[0];
}

const audio = (name: string | null): Prompt | null =>
  name === null ? null : { items: [{ type: 'audio', name }], bargeIn: true };

function queueOf(row: QueueRow, agents: readonly AgentRow[]): Queue {
  const { strategy, weight, ringMs, wrapUpMs, restMs, pauseAfter, stepMs, tierWaitMs, relaxMs, preferredWaitMs } = row;
  const {
    join,
    stay,
    maxWaiting,
    maxWaitMs,
    comfort,
    sayPosition,
    sayWait,
    announceEveryMs,
    exitKey,
    callbackKey,
    callbackTries,
    callbackRetryMs,
    callbackConfirm,
  } = row;
  const times = { ringMs, wrapUpMs, restMs, stepMs, tierWaitMs, relaxMs, preferredWaitMs };
  return {
    id: row.id,
    coordinates: queueCoordinates(row),
    rules: {
      strategy,
      weight,
      pauseAfter,
      ...times,
      ...(row.oneAtATime ? { oneAtATime: true } : {}),
      ...(row.skipEmptyTiers ? { skipEmptyTiers: true } : {}),
      agents: agents.map(({ id, tier, penalty, rank, weight: chance, skills }) => ({
        userId: id,
        tier,
        penalty,
        rank,
        weight: chance,
        skills,
      })),
    },
    agents: Object.fromEntries(agents.map((agent) => [agent.id, userCoordinates(agent)])),
    ...{ join, stay, maxWaiting, maxWaitMs, comfort, sayPosition, sayWait, announceEveryMs, exitKey, callbackKey },
    ...{ callbackTries, callbackRetryMs, callbackConfirm },
    ...restOf(row),
    entryPrompt: audio(row.entry),
    periodicPrompt: audio(row.periodic),
  };
}

function restOf({ stayMs, quietFirst, sayWaited, agentConfirm, namePrefix, alert, agent }: QueueRow): Partial<Queue> {
  return {
    ...(stayMs > 0 ? { stayMs } : {}),
    ...(quietFirst ? { quietFirst } : {}),
    ...(sayWaited ? { sayWaited } : {}),
    ...(agentConfirm ? { agentConfirm } : {}),
    ...(namePrefix === '' ? {} : { namePrefix }),
    ...(alert === null ? {} : { alert }),
    ...(agent === null ? {} : { agentPrompt: audio(agent) }),
  };
}

const queueCoordinates = (row: Pick<QueueRow, 'id' | 'number' | 'extension' | 'name'>) => ({
  type: 'queue',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension ?? '',
  name: row.name,
});

/** Coordinates of a queue named by id, extension or name; null when there is none. */
export async function findQueueCoordinates(db: Db, companyId: string, id: string) {
  const row = await findQueue(db, companyId, id);
  return row ? queueCoordinates(row) : null;
}
