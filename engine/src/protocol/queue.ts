/**
 * Words of queues: what a call asks of the pool when its caller waits for an agent, what agents do, what the pool answers. Plain
 * JSON; times in epoch ms, durations end in `Ms`.
 */
import * as z from 'zod';
import { At, CallId, OpId } from './common.ts';

/** How a queue chooses among its agents; each is a file in `group/queue/strategies`. */
export const QueueStrategyName = z.enum([
  'ring-all',
  'progressive',
  'oldest-end',
  'oldest-start',
  'longest-idle',
  'fewest-calls',
  'fewest-calls-in-queue',
  'least-talk',
  'random',
  'weighted-random',
  'round-robin',
  'round-robin-ordered',
  'linear',
  'sequential',
  'rank',
  'skill',
]);
export type QueueStrategyName = z.infer<typeof QueueStrategyName>;

/** An agent as a queue lists him. */
export const QueueAgent = z.strictObject({
  userId: z.string(),
  /** Agents of tier n take calls once the caller has waited n times the queue's tier wait. */
  tier: z.number().int().min(0).max(99).default(0),
  /** Those with the lowest penalty among the free are offered first. */
  penalty: z.number().int().min(0).max(999).default(0),
  /** Strategy `rank`: higher first. */
  rank: z.number().int().min(0).max(999).default(0),
  /** Strategy `weighted-random`. */
  weight: z.number().int().min(0).max(1000).default(1),
  /** Level by skill. */
  skills: z.record(z.string().max(60), z.number().int().min(0).max(100)).default({}),
});
export type QueueAgent = z.infer<typeof QueueAgent>;

/** What the pool must know of a queue to serve it; sent with every request, so that a change counts from the next caller on. */
export const QueueRules = z.strictObject({
  strategy: QueueStrategyName,
  agents: z.array(QueueAgent).max(500),
  /** Queues with a higher weight are served first by agents of several. */
  weight: z.number().int().min(0).max(100).default(0),
  /** How long one agent rings. */
  ringMs: z.number().int().min(1000).max(600_000),
  /** Time after a call in which its agent is left alone; 0 = none. */
  wrapUpMs: z.number().int().min(0).max(3_600_000).default(0),
  /** An agent who did not take a call is left alone this long. */
  restMs: z.number().int().min(0).max(600_000).default(5000),
  /** After so many calls not taken in a row the agent is paused; 0 = never. */
  pauseAfter: z.number().int().min(0).max(100).default(0),
  /** Strategy `progressive`: time between one agent and the next. */
  stepMs: z.number().int().min(1000).max(600_000).default(5000),
  tierWaitMs: z.number().int().min(0).max(3_600_000).default(0),
  /** A skill asked for is given up, last one first, each time this has passed; 0 = never. */
  relaxMs: z.number().int().min(0).max(3_600_000).default(0),
  /** Preferred agents have the caller to themselves this long, when they are logged in. */
  preferredWaitMs: z.number().int().min(0).max(3_600_000).default(0),
});
export type QueueRules = z.infer<typeof QueueRules>;

/** What a caller asks for. */
export const QueueNeeds = z.strictObject({
  /** One point is worth a minute of waiting. */
  priority: z.number().int().min(-1000).max(1000).default(0),
  /** Level needed by skill, most wanted first. */
  skills: z
    .array(z.strictObject({ skill: z.string().max(60), level: z.number().int().min(0).max(100) }))
    .max(20)
    .default([]),
  /** Agents to be preferred, e.g. who served this caller last. */
  preferred: z.array(z.string()).max(20).default([]),
});
export type QueueNeeds = z.infer<typeof QueueNeeds>;

const from = { id: z.string(), callId: CallId };

/** What a waiting call tells the pool beside confirm, answered, next, withdraw and return. */
export const QueueMessages = [
  z.strictObject({
    type: z.literal('pool.enqueue'),
    ...from,
    request: OpId,
    queueId: z.string(),
    /** When the caller came; stays over restarts and returns, hence the place. */
    enteredAt: At,
    rules: QueueRules,
    needs: QueueNeeds,
    seed: z.number().int(),
  }),
  /** The caller is elsewhere for a while (an IVR, a callback not yet due): the place stays, nobody is offered. */
  z.strictObject({ type: z.literal('pool.away'), ...from, request: OpId, away: z.boolean() }),
  z.strictObject({ type: z.literal('pool.prioritise'), ...from, request: OpId, priority: z.number().int() }),
  /** Asks for the caller's place; answered by `pool.place`. */
  z.strictObject({ type: z.literal('pool.ask-place'), ...from, request: OpId }),
] as const;

/** What agents do, from a phone, the console or the API. `callId` = null when no call tells it. */
export const AgentMessage = z.strictObject({
  type: z.literal('pool.agent'),
  id: z.string(),
  userId: z.string(),
  change: z.discriminatedUnion('do', [
    z.strictObject({ do: z.literal('log-in'), queueId: z.string() }),
    z.strictObject({ do: z.literal('log-out'), queueId: z.string() }),
    z.strictObject({ do: z.literal('pause'), reason: z.string().max(100) }),
    z.strictObject({ do: z.literal('resume') }),
    /** Ends the wrap-up before its time. */
    z.strictObject({ do: z.literal('ready') }),
  ]),
});
export type AgentMessage = z.infer<typeof AgentMessage>;

/** What the pool tells a waiting call beside grants. */
export const QueueReplies = [
  /** The place asked for: 1 = next. `waitMs` = estimate, null while nothing is known. */
  z.strictObject({
    type: z.literal('pool.place'),
    id: z.string(),
    request: OpId,
    position: z.number().int().positive(),
    waiting: z.number().int().positive(),
    waitMs: z.number().int().nullable(),
  }),
  /** How many agents of the queue are logged in, and how many of those not paused: at the entry, and when either comes to or leaves zero. */
  z.strictObject({
    type: z.literal('pool.staff'),
    id: z.string(),
    request: OpId,
    loggedIn: z.number().int(),
    ready: z.number().int(),
  }),
] as const;
