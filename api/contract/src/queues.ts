/** Queues: settings, agents, who waits now, statistics; what agents do. */
import { Coordinates, QueueStaffing, QueueStrategyName } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Extension, Label, NamePrefix, RingAlert, Time, Uuid } from './fields.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

const ms = (min: number, max: number) => z.number().int().min(min).max(max);
const Key = z.string().regex(/^[0-9*#]$/);

const fields = {
  name: Label,
  extension: Extension.nullable(),
  strategy: QueueStrategyName,
  weight: z
    .number()
    .int()
    .min(0)
    .max(100)
    .meta({ description: 'Queues with a higher weight are served first by agents of several' }),
  ringMs: ms(1000, 600_000),
  wrapUpMs: ms(0, 3_600_000),
  restMs: ms(0, 600_000).meta({ description: 'An agent who did not take a call is left alone this long' }),
  pauseAfter: z
    .number()
    .int()
    .min(0)
    .max(100)
    .meta({ description: 'After so many calls not taken in a row the agent is paused; 0: never' }),
  stepMs: ms(1000, 600_000).meta({ description: 'Progressive: time between one agent and the next' }),
  tierWaitMs: ms(0, 3_600_000).meta({ description: 'Agents of tier n take calls after n times this' }),
  relaxMs: ms(0, 3_600_000).meta({ description: 'A skill asked for is given up each time this has passed; 0: never' }),
  preferredWaitMs: ms(0, 3_600_000).meta({ description: 'Preferred agents have the caller to themselves this long' }),
  join: QueueStaffing.meta({ description: 'Who must be there for a caller to come in' }),
  stay: QueueStaffing.meta({ description: 'Who must be there for callers to go on waiting' }),
  maxWaiting: z.number().int().min(0).max(10_000).nullable(),
  maxWaitMs: ms(1000, 86_400_000).nullable(),
  comfort: z.enum(['music', 'ringback']),
  entryPromptId: Uuid.nullable(),
  sayPosition: z.boolean(),
  sayWait: z.boolean(),
  periodicPromptId: Uuid.nullable(),
  announceEveryMs: ms(5000, 3_600_000),
  exitKey: Key.nullable().meta({ description: 'Leaves to the flow; the place is kept' }),
  callbackKey: Key.nullable().meta({ description: 'Asks to be called back; the place is kept' }),
  callbackTries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .meta({ description: 'How often a caller is dialled who wanted to be called back' }),
  callbackRetryMs: ms(1000, 86_400_000).meta({ description: 'Pause before he is dialled again' }),
  callbackConfirm: z.boolean().meta({ description: 'The agent accepts by 1 before the caller is dialled' }),
  serviceLevelMs: ms(0, 3_600_000).meta({ description: 'What statistics count as served in time' }),
  oneAtATime: z.boolean().meta({ description: 'Only the first in line is offered, though more agents may be free' }),
  skipEmptyTiers: z.boolean().meta({ description: 'A tier is not waited for while nobody of a lower one is there' }),
  stayMs: ms(0, 3_600_000).meta({ description: 'So long callers wait though those who must be there (stay) are not' }),
  quietFirst: z.boolean().meta({ description: 'The first in line hears no announcements' }),
  agentPromptId: Uuid.nullable().meta({ description: 'Heard by the agent who answers, before the caller' }),
  sayWaited: z.boolean().meta({ description: 'The agent hears how long the caller has waited' }),
  agentConfirm: z.boolean().meta({ description: 'The agent accepts by 1; others ring on meanwhile' }),
  stickyDays: z.number().int().min(0).max(365).meta({
    description: 'Who served a caller within so many days is preferred for him; see preferredWaitMs. 0: nobody',
  }),
  resumeMs: ms(0, 3_600_000).meta({
    description: 'A caller who hung up and comes again within this time has his place again; 0: he has not',
  }),
  namePrefix: NamePrefix,
  alert: RingAlert,
};

const Skills = z.record(z.string().min(1).max(60), z.number().int().min(0).max(100));
const member = {
  userId: Uuid,
  tier: z.number().int().min(0).max(99),
  penalty: z.number().int().min(0).max(999).meta({ description: 'The lowest among the free are offered first' }),
  rank: z.number().int().min(0).max(999),
  weight: z.number().int().min(0).max(1000),
  skills: Skills,
};
const Members = z.strictObject({ items: z.array(z.strictObject(member)) });
const NewMembers = z.strictObject({
  items: z
    .array(
      z.strictObject({
        ...member,
        tier: member.tier.default(0),
        penalty: member.penalty.default(0),
        rank: member.rank.default(0),
        weight: member.weight.default(1),
        skills: Skills.default({}),
      }),
    )
    .max(500),
});

const count = z.number().int();
export const Agent = z
  .strictObject({
    userId: Uuid,
    extension: z.string(),
    name: z.string(),
    loggedIn: z.boolean(),
    since: Time.nullable().meta({ description: 'Logged in since' }),
    state: z.enum(['logged-out', 'paused', 'busy', 'wrap-up', 'resting', 'ready']),
    pause: z.strictObject({ reason: z.string(), since: Time }).nullable(),
    restUntil: Time.nullable(),
    calls: z.array(Uuid),
    taken: count.meta({ description: 'Calls of the queue since the agent logged in' }),
    talkMs: count,
    missed: count.meta({ description: 'Calls not taken in a row' }),
  })
  .meta({ id: 'Agent' });

export const Waiting = z
  .strictObject({
    position: z.number().int().positive(),
    callId: Uuid,
    calling: Coordinates,
    enteredAt: Time,
    waitedMs: count,
    priority: count,
    away: z.boolean().meta({ description: 'In the flow for a while; the place is kept' }),
    ringing: z.boolean(),
  })
  .meta({ id: 'QueuedCall' });

const share = z.number().min(0).max(1).nullable();
export const QueueInterval = z
  .strictObject({
    from: z.iso.datetime({ local: true }).nullable().meta({ description: 'In the company’s time zone; null: the sum' }),
    entered: count,
    refused: count,
    answered: count,
    abandoned: count,
    overflowed: count,
    exited: count,
    missed: count,
    averageWaitMs: count.nullable(),
    longestWaitMs: count,
    averageAbandonedMs: count.nullable(),
    serviceLevel: share.meta({ description: 'Answered in time, of all answered' }),
    serviceLevel2: share.meta({ description: 'Answered or abandoned in time, of all answered or abandoned' }),
  })
  .meta({ id: 'QueueInterval' });

/** What an agent did for a queue in a span of time. */
export const AgentStatistics = z
  .strictObject({
    userId: Uuid,
    extension: z.string(),
    name: z.string(),
    offered: count.meta({ description: 'Calls of the queue that his phones rang for' }),
    answered: count,
    missed: count,
    talkMs: count.meta({ description: 'With callers of the queue, as far as the conversations have ended' }),
    averageTalkMs: count.nullable(),
    loggedInMs: count,
    pausedMs: count.meta({ description: 'Paused while he was logged in' }),
    pauses: z
      .array(z.strictObject({ reason: z.string(), ms: count, times: count }))
      .meta({ description: 'By reason, longest first' }),
  })
  .meta({ id: 'AgentStatistics' });

const AgentCommand = z.strictObject({
  do: z.enum(['log-in', 'log-out', 'pause', 'resume', 'ready']),
  queueId: Uuid.nullable().default(null).meta({ description: 'For log-in and log-out; null: all of the agent’s' }),
  reason: z.string().max(100).default(''),
});
const AgentCommandTaken = z.strictObject({ userId: Uuid, commands: z.array(Uuid) });

const id = { id: Uuid };
const tag = 'queues';
const read = { scope: 'read', company: true, tag, body: null } as const;

export const queueRoutes = {
  ...resourceRoutes({
    one: 'Queue',
    many: 'Queues',
    path: '/queues',
    called: ['queue', 'queues'],
    view: fields,
    write: fields,
    defaults: {
      extension: fields.extension.default(null),
      strategy: QueueStrategyName.default('longest-idle'),
      weight: fields.weight.default(0),
      ringMs: fields.ringMs.default(20_000),
      wrapUpMs: fields.wrapUpMs.default(0),
      restMs: fields.restMs.default(5000),
      pauseAfter: fields.pauseAfter.default(0),
      stepMs: fields.stepMs.default(5000),
      tierWaitMs: fields.tierWaitMs.default(0),
      relaxMs: fields.relaxMs.default(0),
      preferredWaitMs: fields.preferredWaitMs.default(0),
      join: QueueStaffing.default('any'),
      stay: QueueStaffing.default('any'),
      maxWaiting: fields.maxWaiting.default(null),
      maxWaitMs: fields.maxWaitMs.default(null),
      comfort: fields.comfort.default('music'),
      entryPromptId: fields.entryPromptId.default(null),
      sayPosition: z.boolean().default(false),
      sayWait: z.boolean().default(false),
      periodicPromptId: fields.periodicPromptId.default(null),
      announceEveryMs: fields.announceEveryMs.default(30_000),
      exitKey: fields.exitKey.default(null),
      callbackKey: fields.callbackKey.default(null),
      callbackTries: fields.callbackTries.default(1),
      callbackRetryMs: fields.callbackRetryMs.default(300_000),
      callbackConfirm: z.boolean().default(false),
      serviceLevelMs: fields.serviceLevelMs.default(20_000),
      oneAtATime: z.boolean().default(false),
      skipEmptyTiers: z.boolean().default(false),
      stayMs: fields.stayMs.default(0),
      quietFirst: z.boolean().default(false),
      agentPromptId: fields.agentPromptId.default(null),
      sayWaited: z.boolean().default(false),
      agentConfirm: z.boolean().default(false),
      stickyDays: fields.stickyDays.default(0),
      resumeMs: fields.resumeMs.default(0),
      namePrefix: NamePrefix.default(''),
      alert: RingAlert.default(null),
    },
    errors: ['API_NAME_TAKEN', 'API_NUMBER_TAKEN', 'API_UNKNOWN_REFERENCE'],
  }),
  getQueueMembers: defineRoute({
    ...read,
    id: 'getQueueMembers',
    method: 'GET',
    path: '/queues/:id/members',
    summary: 'Agents of a queue, in the order of its list',
    params: id,
    answer: Members,
  }),
  putQueueMembers: defineRoute({
    id: 'putQueueMembers',
    method: 'PUT',
    path: '/queues/:id/members',
    tag,
    scope: 'directory',
    company: true,
    summary: 'Replace the agents of a queue',
    params: id,
    body: NewMembers,
    answer: Members,
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
  getQueueLive: defineRoute({
    ...read,
    id: 'getQueueLive',
    method: 'GET',
    path: '/queues/:id/live',
    summary: 'Who waits, with places, and what the agents are doing',
    params: id,
    answer: z.strictObject({ waiting: z.array(Waiting), agents: z.array(Agent) }),
  }),
  getQueueStatistics: defineRoute({
    ...read,
    id: 'getQueueStatistics',
    method: 'GET',
    path: '/queues/:id/statistics',
    summary: 'What has been, by interval, and the sum',
    params: id,
    query: {
      from: Time.optional().meta({ description: 'Default: a day ago' }),
      to: Time.optional(),
      by: z.enum(['hour', 'day', 'month']).optional().meta({ description: 'Default: hour' }),
    },
    answer: z.strictObject({ serviceLevelMs: count, intervals: z.array(QueueInterval), sum: QueueInterval }),
  }),
  getQueueAgentStatistics: defineRoute({
    ...read,
    id: 'getQueueAgentStatistics',
    method: 'GET',
    path: '/queues/:id/agent-statistics',
    summary: 'What the agents of a queue have done: calls, talk, times logged in and paused',
    params: id,
    query: {
      from: Time.optional().meta({ description: 'Default: a day ago' }),
      to: Time.optional(),
    },
    answer: z.strictObject({ items: z.array(AgentStatistics) }),
  }),
  commandAgent: defineRoute({
    id: 'commandAgent',
    method: 'POST',
    path: '/users/:id/agent',
    tag,
    scope: 'calls',
    company: true,
    summary: 'Log an agent in or out, pause, resume, end the wrap-up',
    params: id,
    body: AgentCommand,
    status: 202,
    answer: AgentCommandTaken,
  }),
  commandMyAgent: defineRoute({
    id: 'commandMyAgent',
    method: 'POST',
    path: '/me/agent',
    tag: 'me',
    scope: 'self',
    company: true,
    summary: 'Log in or out as an agent, pause, resume, end the wrap-up',
    body: AgentCommand,
    status: 202,
    answer: AgentCommandTaken,
    errors: ['API_NOT_FOUND'],
  }),
  getPauseReasons: defineRoute({
    ...read,
    id: 'getPauseReasons',
    method: 'GET',
    path: '/pause-reasons',
    summary: 'Why agents may pause',
    answer: z.strictObject({ items: z.array(z.string()) }),
  }),
  putPauseReasons: defineRoute({
    id: 'putPauseReasons',
    method: 'PUT',
    path: '/pause-reasons',
    tag,
    scope: 'directory',
    company: true,
    summary: 'Replace why agents may pause',
    body: z.strictObject({ items: z.array(Label).max(100) }),
    answer: z.strictObject({ items: z.array(z.string()) }),
  }),
};
