/** Queues and agents: settings, live view, statistics, what agents do. */
import { queueRoutes as routes } from '@callwright/api-contract';
import { POOL_SIGNALS, poolWorkflowId } from '@callwright/contract';
import {
  type AgentChange,
  type AgentView,
  actedQueues,
  addAgentCommand,
  agentCommandSent,
  getQueueLive,
  getQueueMembers,
  listPauseReasons,
  putPauseReasons,
  putQueueMembers,
  type QueueStatistics,
  queueAgentStatistics,
  queueStatistics,
  queues,
  uuidv7,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { resourceHandlers } from './resource.ts';

const SIGNAL_PATIENCE_MS = 2000;
const DAY_MS = 86_400_000;
const isoOf = (ms: number): string => new Date(ms).toISOString();

function agentView({ state, calls, ...user }: AgentView, queueId: string) {
  const since = state?.queues[queueId];
  const tally = state?.byQueue[queueId];
  const doing =
    since === undefined
      ? 'logged-out'
      : calls.length > 0
        ? 'busy'
        : state?.paused
          ? 'paused'
          : state?.restUntil != null && state.restUntil > Date.now()
            ? state.wrapping
              ? 'wrap-up'
              : 'resting'
            : 'ready';
  return {
    ...user,
    loggedIn: since !== undefined,
    since: since === undefined ? null : isoOf(since),
    state: doing as 'ready',
    pause: state?.paused ? { reason: state.paused.reason, since: isoOf(state.paused.since) } : null,
    restUntil: state?.restUntil == null ? null : isoOf(state.restUntil),
    calls: [...calls],
    taken: tally?.calls ?? 0,
    talkMs: tally?.talkMs ?? 0,
    missed: state?.missed ?? 0,
  };
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const average = (sum: number, of: number): number | null => (of === 0 ? null : Math.round(sum / of));

type Sums = Omit<QueueStatistics, 'from'>;

/** Both service levels as Asterisk's queues define them. */
const interval = (from: string | null, s: Sums) => ({
  from,
  entered: s.entered,
  refused: s.refused,
  answered: s.answered,
  abandoned: s.abandoned,
  overflowed: s.overflowed,
  exited: s.exited,
  missed: s.missed,
  averageWaitMs: average(s.waitMs, s.answered),
  longestWaitMs: s.longestWaitMs,
  averageAbandonedMs: average(s.abandonedWaitMs, s.abandoned),
  serviceLevel: ratio(s.answeredInTime, s.answered),
  serviceLevel2: ratio(s.answeredInTime + s.abandonedInTime, s.answered + s.abandoned),
});

function sumOf(rows: readonly QueueStatistics[]): Sums {
  const total = (pick: (row: QueueStatistics) => number) => rows.reduce((sum, row) => sum + pick(row), 0);
  return {
    entered: total((r) => r.entered),
    refused: total((r) => r.refused),
    answered: total((r) => r.answered),
    abandoned: total((r) => r.abandoned),
    overflowed: total((r) => r.overflowed),
    exited: total((r) => r.exited),
    missed: total((r) => r.missed),
    waitMs: total((r) => r.waitMs),
    longestWaitMs: Math.max(0, ...rows.map((r) => r.longestWaitMs)),
    abandonedWaitMs: total((r) => r.abandonedWaitMs),
    answeredInTime: total((r) => r.answeredInTime),
    abandonedInTime: total((r) => r.abandonedInTime),
  };
}

interface Command {
  readonly do: AgentChange['do'];
  readonly queueId: string | null;
  readonly reason: string;
}

/** Rows first, then the pool; what does not get through is sent by an io worker. */
async function command(services: Services, context: Context, userId: string, wish: Command) {
  const { company, mintId } = context;
  const queueIds = await actedQueues(services.store.db, company, userId, wish.queueId);
  if (queueIds.length === 0) throw new ApiError('API_NOT_FOUND');
  const commands: string[] = [];
  for (const change of changesOf(wish, queueIds)) {
    const id = commands.length === 0 ? mintId : uuidv7();
    const message = await addAgentCommand(services.store.db, company, id, userId, change);
    commands.push(id);
    try {
      const client = services.temporal.client();
      const pool = client.workflow.getHandle(poolWorkflowId(company.companyId));
      await client.withDeadline(Date.now() + SIGNAL_PATIENCE_MS, () => pool.signal(POOL_SIGNALS.message, message));
      await agentCommandSent(services.store.db, company, id);
    } catch (error) {
      services.log.warn({ err: error, commandId: id }, 'agent command left for an io worker to send');
    }
  }
  return { userId, commands };
}

function changesOf({ do: act, reason }: Command, queueIds: readonly string[]): AgentChange[] {
  if (act === 'log-in' || act === 'log-out') return queueIds.map((queueId) => ({ do: act, queueId }));
  return [act === 'pause' ? { do: act, reason } : { do: act }];
}

export function queueHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  const members = async ({ company }: Context, id: string) => ({
    items: found(await getQueueMembers(db, company, id)).map((one) => ({ ...one, skills: { ...one.skills } })),
  });
  return [
    ...resourceHandlers(db, routes, ['Queue', 'Queues'], queues),
    implement(routes.getQueueMembers, ({ params }, context) => members(context, params.id)),
    implement(routes.putQueueMembers, async ({ params, body }, context) => {
      if (!(await putQueueMembers(db, context.company, params.id, body.items))) throw new ApiError('API_NOT_FOUND');
      await context.audit({ action: 'queue.members-changed', entity: { type: 'queue', id: params.id } });
      return members(context, params.id);
    }),
    implement(routes.getQueueLive, async ({ params }, { company }) => {
      const { waiting, agents } = found(await getQueueLive(db, company, params.id));
      return {
        waiting: waiting.map((one, index) => ({
          ...one,
          position: index + 1,
          enteredAt: iso(one.enteredAt),
          waitedMs: Math.max(0, Date.now() - one.enteredAt.getTime()),
        })),
        agents: agents.map((agent) => agentView(agent, params.id)),
      };
    }),
    implement(routes.getQueueStatistics, async ({ params, query }, { company }) => {
      const to = query.to ? new Date(query.to) : new Date();
      const from = query.from ? new Date(query.from) : new Date(to.getTime() - DAY_MS);
      const { serviceLevelMs } = found(await queues.get(db, company, params.id));
      const rows = found(await queueStatistics(db, company, params.id, { from, to, by: query.by ?? 'hour' }));
      return {
        serviceLevelMs,
        intervals: rows.map((row) => interval(row.from, row)),
        sum: interval(null, sumOf(rows)),
      };
    }),
    implement(routes.getQueueAgentStatistics, async ({ params, query }, { company }) => {
      const to = query.to ? new Date(query.to) : new Date();
      const from = query.from ? new Date(query.from) : new Date(to.getTime() - DAY_MS);
      const items = found(await queueAgentStatistics(db, company, params.id, { from, to }));
      return {
        items: items.map((one) => ({
          ...one,
          averageTalkMs: average(one.talkMs, one.answered),
          pauses: one.pauses.map((pause) => ({ ...pause })),
        })),
      };
    }),
    implement(routes.commandAgent, ({ params, body }, context) => command(services, context, params.id, body)),
    implement(routes.commandMyAgent, ({ body }, context) => {
      const { identity, company } = context;
      if (identity.userId === null || identity.ownerId !== company.companyId) throw new ApiError('API_NOT_FOUND');
      return command(services, context, identity.userId, body);
    }),
    implement(routes.getPauseReasons, async (_input, { company }) => ({ items: await listPauseReasons(db, company) })),
    implement(routes.putPauseReasons, async ({ body }, { company }) => {
      await putPauseReasons(db, company, body.items);
      return { items: await listPauseReasons(db, company) };
    }),
  ];
}
