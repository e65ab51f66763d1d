/** The callers of queues: their order, who is fit for them, what they are told. Pure look-ups over the pool's state. */
import type { QueueAgent, QueueRules } from '../../protocol/index.ts';
import type { PoolRequest, PoolState } from '../pool/protocol.ts';
import type { AgentState, Waiting } from './state.ts';
import { queueStrategies } from './strategies/index.ts';
import type { Candidate, Offer } from './strategy.ts';

/** A point of priority is worth a minute of waiting. */
const POINT_MS = 60_000;

export type QueueRequest = PoolRequest & { queue: Waiting };

const isWaiting = (request: PoolRequest): request is QueueRequest => request.queue !== undefined;

/** All who wait, in the order in which they are served: weight of the queue, then waiting and priority together, then arrival. */
export function servingOrder(state: PoolState): QueueRequest[] {
  const rank = ({ queue }: QueueRequest): number => queue.enteredAt - queue.needs.priority * POINT_MS;
  return state.requests
    .filter(isWaiting)
    .sort((a, b) => b.queue.rules.weight - a.queue.rules.weight || rank(a) - rank(b));
}

/** The next grant of a queue, or null when everybody waits rightly. */
export function nextQueueGrant(state: PoolState, at: number): { request: QueueRequest; userId: string } | null {
  const passed = new Set<string>();
  for (const request of servingOrder(state)) {
    const { queueId, rules, away } = request.queue;
    if (away || (rules.oneAtATime && passed.has(queueId))) continue;
    passed.add(queueId);
    const userId = chosenFor(state, request, at);
    if (userId !== null) return { request, userId };
  }
  return null;
}

function chosenFor(state: PoolState, request: QueueRequest, at: number): string | null {
  const strategy = queueStrategies[request.queue.rules.strategy];
  if (!strategy.together && request.current !== null) return null;
  const fit = candidatesFor(state, request, at);
  const best = strategy.together ? fit.all : fit.best;
  return strategy.choose(best, offerOf(state, request, at))[0]?.userId ?? null;
}

function offerOf(state: PoolState, { request, queue }: QueueRequest, at: number): Offer {
  const { rules, offered, steppedAt, seed, queueId } = queue;
  const ringing = Object.values(state.users)
    .flat()
    .filter((one) => one.request === request).length;
  const last = state.pointers[queueId];
  const listed = rules.agents.findIndex(({ userId }) => userId === last);
  const loggedInAt = last === undefined ? undefined : state.agents?.[last]?.queues[queueId];
  const pointer = listed < 0 ? null : { listed, loggedInAt: loggedInAt ?? Number.NEGATIVE_INFINITY };
  return { at, rules, offered, ringing, steppedAt, pointer, seed };
}

/** Free agents fit for the caller: all in order of tier, penalty and list, and those of the best tier and penalty alone. */
function candidatesFor(
  state: PoolState,
  request: QueueRequest,
  at: number,
): { all: readonly Candidate[]; best: readonly Candidate[] } {
  const { rules } = request.queue;
  const fit = rules.agents
    .map((agent, listed) => ({ agent, listed }))
    .filter(({ agent }) => isFit(state, request, agent, at))
    .sort((a, b) => a.agent.tier - b.agent.tier || a.agent.penalty - b.agent.penalty || a.listed - b.listed);
  const [first] = fit;
  const same = fit.filter(({ agent }) => agent.tier === first?.agent.tier && agent.penalty === first.agent.penalty);
  const seen = (one: (typeof fit)[number]): Candidate => candidate(state, request, one.agent, one.listed);
  return { all: fit.map(seen), best: same.map(seen) };
}

/** May this agent be rung for this caller at this moment? */
export function isFit(state: PoolState, { queue }: QueueRequest, agent: QueueAgent, at: number): boolean {
  const { needs, enteredAt } = queue;
  const waited = at - enteredAt;
  const own = state.agents?.[agent.userId];
  if (!own || !isReady(own, queue.queueId) || own.restUntil !== null) return false;
  if ((state.users[agent.userId] ?? []).length > 0) return false;
  if (!isTierOpen(state, queue, agent.tier, waited)) return false;
  if (isReserved(state, queue, at) && !needs.preferred.includes(agent.userId)) return false;
  return skillsNeeded(queue, at).every(({ skill, level }) => (agent.skills[skill] ?? -1) >= level);
}

/** Its time has come, or, where the queue says so, nobody before it is there to be waited for. */
function isTierOpen(state: PoolState, { rules, queueId }: Waiting, tier: number, waited: number): boolean {
  if (tier * rules.tierWaitMs <= waited) return true;
  if (!rules.skipEmptyTiers) return false;
  return !rules.agents.some((one) => {
    const agent = one.tier < tier ? state.agents?.[one.userId] : undefined;
    return agent !== undefined && isReady(agent, queueId);
  });
}

const isReady = (agent: AgentState, queueId: string): boolean => queueId in agent.queues && agent.paused === null;

/** A preferred agent is there, busy or not, and the caller still waits for him alone. */
function isReserved(state: PoolState, { needs, rules, queueId, enteredAt }: Waiting, at: number): boolean {
  if (at - enteredAt >= rules.preferredWaitMs) return false;
  return needs.preferred.some((userId) => {
    const agent = state.agents?.[userId];
    return agent !== undefined && isReady(agent, queueId);
  });
}

/** What is still asked for after this time of waiting. */
function skillsNeeded({ needs, rules, enteredAt }: Waiting, at: number): Waiting['needs']['skills'] {
  const givenUp = rules.relaxMs > 0 ? Math.floor((at - enteredAt) / rules.relaxMs) : 0;
  return needs.skills.slice(0, Math.max(0, needs.skills.length - givenUp));
}

function candidate(state: PoolState, { queue }: QueueRequest, agent: QueueAgent, listed: number): Candidate {
  const own = state.agents![agent.userId]!;
  const preferred = queue.needs.preferred.indexOf(agent.userId);
  const beyond = queue.needs.skills.map(({ skill, level }) => (agent.skills[skill] ?? 0) - level);
  return {
    userId: agent.userId,
    listed,
    loggedInAt: own.queues[queue.queueId] ?? 0,
    rank: agent.rank,
    weight: agent.weight,
    fitness: beyond.reduce((sum, one) => sum + one, 0),
    preferred: preferred < 0 ? null : preferred,
    idleSince: own.idleSince,
    lastStartAt: own.lastStartAt,
    lastEndAt: own.lastEndAt,
    total: own.total,
    inQueue: own.byQueue[queue.queueId] ?? { calls: 0, talkMs: 0 },
  };
}

/** Staff of a waiting caller's queue. */
export function staffOf(state: PoolState, { queueId, rules }: Waiting): { loggedIn: number; ready: number } {
  const agents = rules.agents.flatMap(({ userId }) => state.agents?.[userId] ?? []);
  const loggedIn = agents.filter((agent) => queueId in agent.queues);
  return { loggedIn: loggedIn.length, ready: loggedIn.filter(({ paused }) => paused === null).length };
}

/** The caller's place, and how long it will take by what the agents' calls take. */
export function placeOf(
  state: PoolState,
  request: QueueRequest,
): { position: number; waiting: number; waitMs: number | null } {
  const same = servingOrder(state).filter(({ queue }) => queue.queueId === request.queue.queueId);
  const position = same.findIndex((one) => one.request === request.request) + 1;
  return { position, waiting: same.length, waitMs: estimate(state, request.queue, position) };
}

function estimate(state: PoolState, { queueId, rules }: Waiting, position: number): number | null {
  const agents = rules.agents.flatMap(({ userId }) => state.agents?.[userId] ?? []);
  const ready = agents.filter((agent) => isReady(agent, queueId)).length;
  const tallies = agents.flatMap((agent) => agent.byQueue[queueId] ?? []);
  const calls = tallies.reduce((sum, tally) => sum + tally.calls, 0);
  if (ready === 0 || calls === 0) return null;
  const handlingMs = tallies.reduce((sum, { talkMs }) => sum + talkMs, 0) / calls + rules.wrapUpMs;
  return Math.round((position * handlingMs) / ready);
}

/** The next moment at which somebody becomes fit by time alone; null = none. */
export function nextWake(state: PoolState, at: number): number | null {
  const times = Object.values(state.agents ?? {}).flatMap(({ restUntil }) => restUntil ?? []);
  for (const { queue } of state.requests.filter(isWaiting)) {
    const { enteredAt, rules, needs, steppedAt } = queue;
    times.push(...rules.agents.map(({ tier }) => enteredAt + tier * rules.tierWaitMs));
    if (needs.preferred.length > 0) times.push(enteredAt + rules.preferredWaitMs);
    if (rules.relaxMs > 0) times.push(...needs.skills.map((_, n) => enteredAt + (n + 1) * rules.relaxMs));
    if (rules.strategy === 'progressive' && steppedAt !== null) times.push(steppedAt + rules.stepMs);
  }
  const coming = times.filter((time) => time > at);
  return coming.length === 0 ? null : Math.min(...coming);
}

/** Whether a request of a queue may ring several agents at once. */
export const ringsTogether = (rules: QueueRules): boolean => queueStrategies[rules.strategy].together;
