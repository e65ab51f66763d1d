/**
 * Words of queues: what a call asks of the pool when its caller waits for an agent, what agents do, what the pool answers. Plain
 * JSON; times in epoch ms, durations end in `Ms`.
 */
import * as z from 'zod';
import { Alert, At, CallId, Coordinates, InstanceName, OpId, Prompt } from './common.ts';

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
  /** Only the first in line is offered, one after the other, though more agents may be free; absent = all at once. */
  oneAtATime: z.boolean().optional(),
  /** A tier is not waited for while nobody of a lower one is logged in and not paused. */
  skipEmptyTiers: z.boolean().optional(),
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

/** When a caller may enter a queue, and must leave it: an agent must be logged in, or logged in and not paused. */
export const QueueStaffing = z.enum(['any', 'logged-in', 'ready']);
export type QueueStaffing = z.infer<typeof QueueStaffing>;

const key = z.string().regex(/^[0-9*#]$/);

/** A queue as the call machine needs it, looked up when its caller comes. */
export const Queue = z.strictObject({
  id: z.string(),
  coordinates: Coordinates,
  rules: QueueRules,
  /** Coordinates of the agents, by user id. */
  agents: z.record(z.string(), Coordinates),
  join: QueueStaffing,
  /** Who waits is sent on when the staff falls below this. */
  stay: QueueStaffing,
  /** Callers who may wait at a time; null = any number. */
  maxWaiting: z.number().int().min(0).max(10_000).nullable(),
  /** Null = for ever. */
  maxWaitMs: z.number().int().min(1000).max(86_400_000).nullable(),
  comfort: z.enum(['music', 'ringback']),
  /** Heard once, on coming in. */
  entryPrompt: Prompt.nullable(),
  sayPosition: z.boolean(),
  sayWait: z.boolean(),
  /** Heard again and again. */
  periodicPrompt: Prompt.nullable(),
  /** Time between announcements (place, wait, periodic prompt). */
  announceEveryMs: z.number().int().min(5000).max(3_600_000),
  /** Leaves to the flow; the place is kept. */
  exitKey: key.nullable(),
  /** The caller wants to be called back instead of waiting; the place is kept. */
  callbackKey: key.nullable(),
  /** How often a caller who wanted to be called back is dialled, with which pause; absent = once. */
  callbackTries: z.number().int().min(1).max(20).optional(),
  callbackRetryMs: z.number().int().min(1000).max(86_400_000).optional(),
  /** The agent accepts by a key before the caller is dialled. */
  callbackConfirm: z.boolean().optional(),
  /** So long the staff may be below `stay` before who waits is sent on; absent = at once. */
  stayMs: z.number().int().min(0).max(3_600_000).optional(),
  /** The first in line hears no announcements, so that none delays his agent; absent = he does. */
  quietFirst: z.boolean().optional(),
  /** Heard by the agent who answers, before he is joined with the caller. */
  agentPrompt: Prompt.nullable().optional(),
  /** He hears how long the caller has waited. */
  sayWaited: z.boolean().optional(),
  /** He accepts by a key; others ring on meanwhile. */
  agentConfirm: z.boolean().optional(),
  /** Before the caller's name on the agents' phones. */
  namePrefix: z.string().max(40).optional(),
  /** How the agents' phones ring, for those that know several ways. */
  alert: Alert.optional(),
});
export type Queue = z.infer<typeof Queue>;

/** A queue by id or unique name, with the number of who comes. Answer: `queue` or `not-found`. */
export const QueueLookup = z.strictObject({
  what: z.literal('queue'),
  id: z.string().max(400),
  caller: z.string().max(400).optional(),
});
/**
 * `vip`: the caller is on a list of those to be preferred. `last`: the agent who served him last, where the queue remembers. `enteredAt`:
 * when he came in before, hung up, and may have his place again.
 */
export const QueueFound = z.strictObject({
  status: z.literal('queue'),
  queue: Queue,
  vip: z.boolean().optional(),
  last: z.string().optional(),
  enteredAt: At.optional(),
});

/**
 * What an agent does by telephone: kept as a row first, then told to the pool. `toggle` logs in or out of a queue (id, name or
 * extension; null = all of his), pauses or resumes. Answer: `agent` with what it came to, or `not-found`.
 */
export const AgentLookup = z.strictObject({
  what: z.literal('agent'),
  id: z.string().max(400),
  user: z.string().max(64),
  wish: z.enum(['log-in', 'log-out', 'toggle', 'pause', 'resume', 'toggle-pause', 'ready']),
  queue: z.string().max(400).nullable(),
  reason: z.string().max(100),
});
export const AgentDone = z.strictObject({
  status: z.literal('agent'),
  did: z.enum(['logged-in', 'logged-out', 'paused', 'resumed', 'ready']),
});

/** A media instance that takes calls, for a call that has no leg. Answer: `instance` or `not-found`. */
export const InstanceLookup = z.strictObject({ what: z.literal('instance') });
export const InstanceFound = z.strictObject({ status: z.literal('instance'), instance: InstanceName });

/** How a caller's time in a queue ended. `answered`: an agent took the call, who left first. */
export const QueueOutcome = z.enum(['answered', 'empty', 'full', 'timeout', 'exit', 'callback', 'not-found', 'failed']);
export type QueueOutcome = z.infer<typeof QueueOutcome>;

const inQueue = { queueId: z.string(), party: z.number().int().positive() };

/** What the outside learns of a caller's time in a queue; `waitedMs` counts from his first coming in. */
export const QueueFacts = [
  /** `again`: he was elsewhere and is back in his place. */
  z.strictObject({
    type: z.literal('queue.entered'),
    ...inQueue,
    coordinates: Coordinates,
    position: z.number().int().positive(),
    waiting: z.number().int().positive(),
    again: z.boolean(),
  }),
  z.strictObject({ type: z.literal('queue.offered'), ...inQueue, userId: z.string(), waitedMs: z.number().int() }),
  z.strictObject({ type: z.literal('queue.answered'), ...inQueue, userId: z.string(), waitedMs: z.number().int() }),
  /** An agent was offered the call and did not take it. */
  z.strictObject({ type: z.literal('queue.missed'), ...inQueue, userId: z.string() }),
  /** A caller asked to be called back in his turn, was not reached and is to be tried again, or that was given up. */
  z.strictObject({
    type: z.literal('queue.callback'),
    ...inQueue,
    step: z.enum(['requested', 'unreached', 'given-up']),
  }),
  z.strictObject({
    type: z.literal('queue.left'),
    ...inQueue,
    why: z.enum(['abandoned', 'transferred', 'empty', 'full', 'timeout', 'exit', 'callback', 'failed']),
    waitedMs: z.number().int(),
  }),
] as const;
