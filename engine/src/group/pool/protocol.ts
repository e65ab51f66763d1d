/** What a pool machine is told and wants: the company's one answer to "who is free" (design §4). Closed unions. */
import * as z from 'zod';
import { TimerCancel, TimerStart } from '../../protocol/command.ts';
import { At, CallId, OpId, TimerId } from '../../protocol/common.ts';
import { PoolMessage, PoolReply } from '../../protocol/message.ts';
import type { AgentState, QueueGrant, Waiting } from '../queue/state.ts';

/** A user's occupations as kept in rows. */
export const PoolOccupation = z.strictObject({
  userId: z.string(),
  grants: z.array(z.strictObject({ grant: z.string(), callId: CallId })),
});
export type PoolOccupation = z.infer<typeof PoolOccupation>;

/** A request as it stands now; null: it does not stand any more. */
export const PoolRequestChange = z.strictObject({
  request: OpId,
  standing: z.custom<PoolRequest>((value) => typeof value === 'object').nullable(),
});
export type PoolRequestChange = z.infer<typeof PoolRequestChange>;

/** First event of a pool; `occupations` = the rows it is rebuilt from. */
export const PoolStart = z.strictObject({
  type: z.literal('pool.start'),
  at: At,
  companyId: z.string(),
  occupations: z.array(PoolOccupation),
  /** Requests as last stored, oldest first. */
  requests: z.array(z.custom<PoolRequest>()).optional(),
  /** Agents as last stored. */
  agents: z.record(z.string(), z.custom<AgentState>()).optional(),
});
export type PoolStart = z.infer<typeof PoolStart>;

export const PoolEvent = z.discriminatedUnion('type', [
  PoolStart,
  z.strictObject({ type: z.literal('message'), at: At, message: PoolMessage }),
  z.strictObject({ type: z.literal('timer.fired'), at: At, timer: TimerId }),
  /** Answer of `pool.ask-calls`: those of the calls asked about that have ended. */
  z.strictObject({ type: z.literal('calls.ended'), at: At, op: OpId, callIds: z.array(CallId) }),
]);
export type PoolEvent = z.infer<typeof PoolEvent>;

export const PoolCommand = z.discriminatedUnion('kind', [
  /** Tell a call. */
  z.strictObject({ kind: z.literal('pool.reply'), callId: CallId, message: PoolReply }),
  /** Ask io which of these calls have ended. */
  z.strictObject({ kind: z.literal('pool.ask-calls'), op: OpId, callIds: z.array(CallId) }),
  /** Write the rows of the users whose occupation and of the requests that changed; `number` grows by one each time. */
  z.strictObject({
    kind: z.literal('pool.store'),
    number: z.number().int(),
    occupations: z.array(PoolOccupation),
    requests: z.array(PoolRequestChange).optional(),
  }),
  /** Write the rows of the agents who changed; numbered with `pool.store`. */
  z.strictObject({
    kind: z.literal('pool.store-agents'),
    number: z.number().int(),
    agents: z.array(z.strictObject({ userId: z.string(), state: z.custom<AgentState>() })),
  }),
  TimerStart,
  TimerCancel,
]);
export type PoolCommand = z.infer<typeof PoolCommand>;

export interface PoolStep {
  readonly state: PoolState;
  readonly commands: readonly PoolCommand[];
}

/** `offered`: granted, not confirmed yet; `confirmed`: the user's leg is dialled or talks; `occupied`: his own call. */
export interface Occupation {
  grant: string;
  callId: string;
  request: string | null;
  state: 'offered' | 'confirmed' | 'occupied';
  /** Rotation key whose pointer moves here when the user answers. */
  cycle?: string | null;
  /** Set while the call came from a queue. */
  queue?: QueueGrant;
  /** When an offered grant is taken back. */
  dueAt: number | null;
}

/** A standing request; the list of them is in order of age. */
export interface PoolRequest {
  request: string;
  callId: string;
  /** In the order in which they are offered. */
  candidates: string[];
  want: 'all' | 'one';
  allowBusy: boolean;
  /** Granted while they talk. */
  waiting?: string[];
  /** Nobody is granted while this user is occupied. */
  unlessBusy?: string | null;
  /** Before this time the call is not told that nobody is free. */
  noneAt?: number;
  rotation: string | null;
  /** The rotation follows answers, not rings. */
  cyclic?: boolean;
  /** Users granted to this request already; nobody is granted twice to one request. */
  tried: string[];
  /** The one open grant of a `one` request. */
  current: string | null;
  /** The call was told that nobody is free, and nothing changed since. */
  toldNone: boolean;
  /** Set when a caller waits in a queue: the pool itself chooses among its agents. */
  queue?: Waiting;
}

/** Durable state of a pool: plain JSON. */
export interface PoolState {
  companyId: string;
  /** Start of this pool, part of its grants' names: they are never used twice. */
  boot: number;
  counter: number;
  /** Number of the last `pool.store`. */
  stored: number;
  users: Record<string, Occupation[]>;
  requests: PoolRequest[];
  /** Requests that changed since they were last written. */
  unstored?: string[];
  /** Rotation key → user granted last. */
  pointers: Record<string, string>;
  /** Ids of messages taken (last 500): they are repeatable. */
  seen: string[];
  /** Agents of queues by user. */
  agents?: Record<string, AgentState>;
  confirmTimer: string | null;
  aliveTimer: string | null;
  /** Wakes the pool when somebody becomes fit by time alone. */
  lookTimer?: { timer: string; dueAt: number } | null;
}
