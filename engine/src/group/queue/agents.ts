/** What agents do and what their calls do to them. Every function changes the agent it is given, nothing else. */
import type { AgentMessage } from '../../protocol/index.ts';
import type { AgentState, QueueGrant, Tally } from './state.ts';

const newAgent = (at: number): AgentState => ({
  queues: {},
  paused: null,
  restUntil: null,
  wrapping: false,
  idleSince: at,
  lastStartAt: null,
  lastEndAt: null,
  total: { calls: 0, talkMs: 0 },
  byQueue: {},
  missed: 0,
});

/** The agent after what he did. */
export function agentDid(before: AgentState | undefined, change: AgentMessage['change'], at: number): AgentState {
  const agent = before ?? newAgent(at);
  switch (change.do) {
    case 'log-in': {
      if (change.queueId in agent.queues) return agent;
      const fresh = Object.keys(agent.queues).length === 0 ? newAgent(at) : agent;
      return { ...fresh, queues: { ...fresh.queues, [change.queueId]: at } };
    }
    case 'log-out': {
      const { [change.queueId]: _, ...queues } = agent.queues;
      return { ...agent, queues };
    }
    case 'pause':
      return { ...agent, paused: { reason: change.reason, since: agent.paused?.since ?? at } };
    case 'resume':
      if (!agent.paused) return agent;
      return { ...agent, paused: null, missed: 0, idleSince: Math.max(at, agent.restUntil ?? at) };
    case 'ready':
      return { ...agent, restUntil: null, wrapping: false, idleSince: Math.min(agent.idleSince, at) };
  }
}

/** He took a call. */
export function tookCall(agent: AgentState, grant: QueueGrant, at: number): void {
  grant.answeredAt = at;
  agent.lastStartAt = at;
  agent.missed = 0;
  agent.total.calls += 1;
  tallyOf(agent, grant.queueId).calls += 1;
}

/** His call has ended: wrap-up begins. */
export function endedCall(agent: AgentState, grant: QueueGrant, at: number): void {
  const talkMs = at - (grant.answeredAt ?? at);
  agent.total.talkMs += talkMs;
  tallyOf(agent, grant.queueId).talkMs += talkMs;
  agent.lastEndAt = at;
  const { wrapUpMs } = grant.rules;
  agent.restUntil = wrapUpMs > 0 ? at + wrapUpMs : null;
  agent.wrapping = wrapUpMs > 0;
  agent.idleSince = at + wrapUpMs;
}

/** He did not take a call that was his to take. */
export function missedCall(agent: AgentState, grant: QueueGrant, at: number): void {
  const { restMs, pauseAfter } = grant.rules;
  agent.missed += 1;
  if (restMs > 0) agent.restUntil = at + restMs;
  if (pauseAfter > 0 && agent.missed >= pauseAfter) agent.paused ??= { reason: 'no-answer', since: at };
}

/** Wrap-up and rest that are over. */
export function wakeUp(agent: AgentState, at: number): void {
  if (agent.restUntil === null || agent.restUntil > at) return;
  agent.restUntil = null;
  agent.wrapping = false;
}

function tallyOf(agent: AgentState, queueId: string): Tally {
  agent.byQueue[queueId] ??= { calls: 0, talkMs: 0 };
  return agent.byQueue[queueId];
}
