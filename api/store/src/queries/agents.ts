/**
 * Agents of queues: what the pool last said of them, and what they do. An act is a row before the pool is told; whoever told it marks the
 * row, and io tells what was left.
 */
import { createHash } from 'node:crypto';
import type { AgentMessage, AgentState, IoResult, Lookup } from '@callwright/engine';
import { sql } from 'kysely';
import { NOT_FOUND } from './destinations/destination-type.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export type AgentChange = AgentMessage['change'];

/** Writes agents who changed; a row that already holds a later number stays. */
export async function storeAgents(
  db: Db,
  companyId: string,
  agents: readonly { readonly userId: string; readonly state: AgentState }[],
  number: number,
): Promise<void> {
  if (agents.length === 0) return;
  await sql`
    insert into queue_agent_state (company_id, user_id, state, number)
    select ${companyId}, user_id, state::jsonb, ${number}
    from unnest(${agents.map((one) => one.userId)}::uuid[], ${agents.map((one) => JSON.stringify(one.state))}::text[])
      as changed (user_id, state)
    on conflict (company_id, user_id) do update
      set state = excluded.state, number = excluded.number, updated_at = now()
      where queue_agent_state.number < excluded.number`.execute(db);
}

/** Everything that is known of the company's agents, by user id, and the number of the last change. */
export async function readAgents(
  db: Db,
  companyId: string,
): Promise<{ agents: Record<string, AgentState>; number: number }> {
  const { rows } = await sql<{ user_id: string; state: AgentState; number: string }>`
    select user_id, state, number from queue_agent_state where company_id = ${companyId}`.execute(db);
  return {
    agents: Object.fromEntries(rows.map((row) => [row.user_id, row.state])),
    number: Math.max(0, ...rows.map((row) => Number(row.number))),
  };
}

/** Null when he has never been one, or is no user of the company. */
export async function getAgentState(db: Db, scope: CompanyScope, userId: string): Promise<AgentState | null> {
  const { rows } = await sql<{ state: AgentState }>`
    select s.state from queue_agent_state s
    join directory_user u on u.id = s.user_id and u.company_id = s.company_id and u.deleted_at is null
    where s.company_id = ${scope.companyId} and s.user_id::text = ${userId}`.execute(db);
  return rows[0]?.state ?? null;
}

/** Queues in which the user acts as an agent: the one named (id), or all of his. */
export async function actedQueues(
  db: Db,
  scope: CompanyScope,
  userId: string,
  queueId: string | null,
): Promise<string[]> {
  return queuesOfAgent(db, scope.companyId, userId, queueId);
}

async function queuesOfAgent(db: Db, companyId: string, userId: string, queue: string | null): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select q.id from queue_member m
    join queue q on q.id = m.queue_id and q.company_id = m.company_id
    join directory_user u on u.id = m.user_id and u.company_id = m.company_id and u.deleted_at is null
    where m.company_id = ${companyId} and m.user_id::text = ${userId}
      and (${queue}::text is null or q.id::text = ${queue} or q.name = ${queue} or q.extension = ${queue})
    order by q.number`.execute(db);
  return rows.map(({ id }) => id);
}

export interface PoolCommand {
  readonly id: string;
  readonly companyId: string;
  readonly message: AgentMessage;
}

/** Keeps what an agent does. Repeating it with the same id keeps one row, whose message is answered. */
export async function addAgentCommand(
  db: Db,
  scope: CompanyScope,
  id: string,
  userId: string,
  change: AgentChange,
): Promise<AgentMessage> {
  const message: AgentMessage = { type: 'pool.agent', id, userId, change };
  await db
    .insertInto('pool_command')
    .values({ id, company_id: scope.companyId, message: JSON.stringify(message) })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  const row = await db
    .selectFrom('pool_command')
    .select('message')
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .executeTakeFirstOrThrow();
  return row.message;
}

/** The pool has been told. */
export async function agentCommandSent(db: Db, scope: CompanyScope, id: string): Promise<void> {
  await sql`update pool_command set delivered_at = now()
    where company_id = ${scope.companyId} and id = ${id} and delivered_at is null`.execute(db);
}

/** Acts of which the pool has not been told for a while, oldest first. */
export async function waitingAgentCommands(db: Db, olderThanMs: number, limit: number): Promise<PoolCommand[]> {
  const { rows } = await sql<PoolCommand>`
    select id, company_id as "companyId", message from pool_command
    where delivered_at is null and created_at < now() - ${olderThanMs} * interval '1 millisecond'
    order by created_at limit ${limit}`.execute(db);
  return rows;
}

type Wish = Extract<Lookup, { what: 'agent' }>;
type Done = Extract<IoResult, { status: 'agent' }>['did'];

/** Id of the n-th act of an operation: the same when the operation is done again. */
function actId(op: string, n: number): string {
  const hex = createHash('sha256').update(`${op}/${n}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * What a user does by telephone, as rows; to be told to the pool by whoever asked. Asked again under the same id it is what it was.
 */
export async function actAsAgent(
  db: Db,
  scope: CompanyScope,
  wish: Wish,
): Promise<{ result: IoResult; messages: AgentMessage[] }> {
  const queues = await queuesOfAgent(db, scope.companyId, wish.user, wish.queue === 'all' ? null : wish.queue);
  if (queues.length === 0) return { result: await actInGroup(db, scope, wish), messages: [] };
  return inTransaction(db, async (tx) => {
    const state = await getAgentState(tx, scope, wish.user);
    const { did, changes } = changesOf(wish, queues, state);
    const messages: AgentMessage[] = [];
    for (const [n, change] of changes.entries())
      messages.push(await addAgentCommand(tx, scope, actId(wish.id, n), wish.user, change));
    // done again after a change of state, the rows say what it was
    const first = messages[0]?.change.do;
    return { result: { status: 'agent', did: first ? DID[first] : did }, messages };
  });
}

/** A group whose members log in and out: the member's row changes once per operation, however often that is done. */
async function actInGroup(db: Db, scope: CompanyScope, wish: Wish): Promise<IoResult> {
  const { companyId } = scope;
  const logs = { 'log-in': true, 'log-out': false, toggle: null }[wish.wish as 'toggle'];
  if (logs === undefined || wish.queue === null) return NOT_FOUND;
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ id: string; logged_in: boolean }>`
      select m.id, m.logged_in from ring_group_member m
      join ring_group g on g.id = m.group_id and g.company_id = ${companyId} and g.member_login
      where m.user_id::text = ${wish.user}
        and (g.id::text = ${wish.queue} or g.name = ${wish.queue} or g.extension = ${wish.queue})
      limit 1 for update of m`.execute(tx);
    const member = rows[0];
    if (!member) return NOT_FOUND;
    const loggedIn = logs ?? !member.logged_in;
    const did: Done = loggedIn ? 'logged-in' : 'logged-out';
    const { rows: kept } = await sql<{ did: Done }>`
      insert into pool_command (id, company_id, message, delivered_at)
      values (${actId(wish.id, 0)}, ${companyId}, jsonb_build_object('did', ${did}::text), now())
      on conflict (id) do update set delivered_at = pool_command.delivered_at returning message->>'did' as did`.execute(
      tx,
    );
    const done = kept[0]?.did ?? did;
    await sql`update ring_group_member m set logged_in = ${done === 'logged-in'} from ring_group g
      where g.id = m.group_id and g.company_id = ${companyId} and m.id = ${member.id}`.execute(tx);
    return { status: 'agent', did: done };
  });
}

const DID: Readonly<Record<AgentChange['do'], Done>> = {
  'log-in': 'logged-in',
  'log-out': 'logged-out',
  pause: 'paused',
  resume: 'resumed',
  ready: 'ready',
};

function changesOf(
  { wish, reason }: Wish,
  queues: readonly string[],
  state: AgentState | null,
): { did: Done; changes: AgentChange[] } {
  switch (wish) {
    case 'ready':
      return { did: 'ready', changes: [{ do: 'ready' }] };
    case 'resume':
      return { did: 'resumed', changes: [{ do: 'resume' }] };
    case 'pause':
      return { did: 'paused', changes: [{ do: 'pause', reason }] };
    case 'toggle-pause':
      return changesOf({ wish: state?.paused ? 'resume' : 'pause', reason } as Wish, queues, state);
    case 'toggle': {
      const isIn = queues.some((id) => id in (state?.queues ?? {}));
      return changesOf({ wish: isIn ? 'log-out' : 'log-in', reason } as Wish, queues, state);
    }
    default:
      return { did: DID[wish], changes: queues.map((queueId) => ({ do: wish, queueId })) };
  }
}

export async function listPauseReasons(db: Db, scope: CompanyScope): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pause_reason where company_id = ${scope.companyId} order by position`.execute(db);
  return rows.map(({ name }) => name);
}

/** Replaces the list. */
export async function putPauseReasons(db: Db, scope: CompanyScope, reasons: readonly string[]): Promise<void> {
  const { companyId } = scope;
  await inTransaction(db, async (tx) => {
    await sql`delete from pause_reason where company_id = ${companyId}`.execute(tx);
    await sql`insert into pause_reason (company_id, position, name)
      select ${companyId}, place, name from unnest(${[...new Set(reasons)]}::text[]) with ordinality as given (name, place)`.execute(
      tx,
    );
  });
}
