/** Queues within the pool: what callers and agents tell it, grants to waiting callers, and the accounts that follow from both. */
import type { PoolMessage, PoolReply } from '../../protocol/index.ts';
import type { Occupation, PoolRequest, PoolState } from '../pool/protocol.ts';
import { agentDid, endedCall, missedCall, tookCall, wakeUp } from './agents.ts';
import type { AgentState } from './state.ts';
import { nextQueueGrant, placeOf, type QueueRequest, ringsTogether, staffOf } from './waiting.ts';

/** A step of the pool under way. */
export interface QueueStep {
  readonly state: PoolState;
  readonly at: number;
  reply(callId: string, message: ReplyBody): void;
}

type Without<M, K extends string> = M extends unknown ? Omit<M, K> : never;
/** A reply without its id, which the pool gives. */
export type ReplyBody = Without<PoolReply, 'id'>;

export type QueueMessage = Extract<
  PoolMessage,
  { type: 'pool.enqueue' | 'pool.away' | 'pool.prioritise' | 'pool.ask-place' | 'pool.agent' }
>;

/** Take what a waiting call or an agent says. */
export function takeQueueMessage(step: QueueStep, message: QueueMessage): void {
  const { state, at } = step;
  if (message.type === 'pool.agent') {
    state.agents = { ...state.agents, [message.userId]: agentDid(state.agents?.[message.userId], message.change, at) };
    return;
  }
  if (message.type === 'pool.enqueue') {
    if (!state.requests.some((one) => one.request === message.request)) state.requests.push(enqueued(message));
    return;
  }
  const request = state.requests.find((one) => one.request === message.request);
  if (!request?.queue) return;
  if (message.type === 'pool.away') request.queue.away = message.away;
  else if (message.type === 'pool.prioritise') request.queue.needs.priority = message.priority;
  else
    step.reply(request.callId, {
      type: 'pool.place',
      request: request.request,
      ...placeOf(state, request as QueueRequest),
    });
}

function enqueued(message: Extract<QueueMessage, { type: 'pool.enqueue' }>): PoolRequest {
  const { request, callId, queueId, enteredAt, rules, needs, seed } = message;
  return {
    request,
    callId,
    candidates: [],
    want: ringsTogether(rules) ? 'all' : 'one',
    allowBusy: false,
    rotation: null,
    tried: [],
    current: null,
    toldNone: true,
    queue: { queueId, enteredAt, rules, needs, seed, away: false, offered: [], steppedAt: null, staff: null },
  };
}

/** Grants everything that is to be granted now, by `grant`, and tells calls whose queue's staff came or went. */
export function serveQueues(step: QueueStep, grant: (request: PoolRequest, userId: string) => Occupation): void {
  const { state, at } = step;
  for (const agent of Object.values(state.agents ?? {})) wakeUp(agent, at);
  for (let found = nextQueueGrant(state, at); found; found = nextQueueGrant(state, at)) {
    const { request, userId } = found;
    const { queueId, rules, offered } = request.queue;
    const occupation = grant(request, userId);
    const { wrapUpMs, restMs, pauseAfter } = rules;
    occupation.queue = { queueId, rules: { wrapUpMs, restMs, pauseAfter }, answeredAt: null };
    request.queue.offered = [...offered, userId].slice(-200);
    request.queue.steppedAt = at;
    state.pointers[queueId] = userId;
  }
  tellStaff(step);
}

function tellStaff(step: QueueStep): void {
  for (const { request, callId, queue } of step.state.requests) {
    if (!queue) continue;
    const now = staffOf(step.state, queue);
    const before = queue.staff;
    queue.staff = now;
    const turned = (one: 'loggedIn' | 'ready') => before !== null && (before[one] === 0) !== (now[one] === 0);
    if (before === null || turned('loggedIn') || turned('ready')) {
      step.reply(callId, { type: 'pool.staff', request, ...now });
    }
  }
}

/** The grant's user took the call. */
export function queueAnswered(state: PoolState, userId: string, { queue }: Occupation, at: number): void {
  const agent = agentOf(state, userId);
  if (agent && queue && queue.answeredAt === null) tookCall(agent, queue, at);
}

/** The grant is back; `missed`: its user was rung and did not take the call. */
export function queueReleased(
  state: PoolState,
  userId: string,
  { queue }: Occupation,
  at: number,
  missed: boolean,
): void {
  const agent = agentOf(state, userId);
  if (!agent || !queue) return;
  if (queue.answeredAt !== null) endedCall(agent, queue, at);
  else if (missed) missedCall(agent, queue, at);
}

const agentOf = (state: PoolState, userId: string): AgentState | undefined => state.agents?.[userId];
