/** What the pool keeps of queues: agents and their accounts, waiting callers, occupations by calls of queues. Plain JSON. */
import type { QueueNeeds, QueueRules } from '../../protocol/index.ts';

/** An agent's account, whole and per queue, since he last logged in anywhere. */
export interface Tally {
  calls: number;
  talkMs: number;
}

/** What the pool keeps of an agent. */
export interface AgentState {
  /** Queue → when he logged in. */
  queues: Record<string, number>;
  paused: { reason: string; since: number } | null;
  /** Wrap-up or rest after a call not taken: left alone until then. */
  restUntil: number | null;
  wrapping: boolean;
  /** Free since; moves when a call ends or a pause does. */
  idleSince: number;
  lastStartAt: number | null;
  lastEndAt: number | null;
  total: Tally;
  byQueue: Record<string, Tally>;
  /** Calls offered and not taken, in a row. */
  missed: number;
}

/** What the pool keeps of a waiting caller beside the request itself. */
export interface Waiting {
  queueId: string;
  enteredAt: number;
  rules: QueueRules;
  needs: QueueNeeds;
  seed: number;
  away: boolean;
  /** Agents offered so far, in order; one may come again. */
  offered: string[];
  /** Progressive: when the last one began to ring. */
  steppedAt: number | null;
  /** What the call was told of the queue's staff. */
  staff: { loggedIn: number; ready: number } | null;
}

/** An agent's occupation by a call of a queue. */
export interface QueueGrant {
  queueId: string;
  rules: Pick<QueueRules, 'wrapUpMs' | 'restMs' | 'pauseAfter'>;
  answeredAt: number | null;
}
