/** What a call keeps of its caller's time in a queue, and small look-ups over it. */
import type { Queue, QueueNeeds, QueueStaffing } from '../protocol/index.ts';
import type { Attempt } from './machine.ts';
import type { Work } from './work.ts';

/** A caller's time in one queue, from his coming in to the end of it. */
export interface QueueWait {
  readonly id: string;
  /** Ask of the flow to answer; null while the caller is elsewhere with his place kept. */
  ask: string | null;
  party: number;
  attempt: string | null;
  queue: Queue;
  needs: QueueNeeds;
  maxWaitMs: number | null;
  /** Name of the standing request at the pool; the same for as long as the place is kept. */
  request: string;
  /** When the caller first came. */
  readonly enteredAt: number;
  stage: 'entering' | 'waiting' | 'away' | 'talking' | 'callback';
  /** He is back in his place. */
  again: boolean;
  staff: { loggedIn: number; ready: number } | null;
  place: { position: number; waiting: number; waitMs: number | null } | null;
  /** The operation that plays or listens; null = music alone, or nothing yet. */
  sound: { op: string; what: 'saying' | 'listening' } | null;
  /** What is to be said when what is heard now has ended. */
  due: ('entry' | 'place' | 'periodic')[];
  /** Keys could not be listened to: music goes on without. */
  deaf: boolean;
  /** Waited when an agent answered. */
  answeredMs: number | null;
  /** Set once the caller has asked to be called back: `registered` while he is still there. */
  callback?: {
    number: string;
    /** `confirming`: the agent is asked; `dialling`: he has it, the caller is dialled; `resting`: he was not reached. */
    stage: 'registered' | 'waiting' | 'ringing' | 'confirming' | 'dialling' | 'resting';
    /** Times the caller was dialled. */
    tries?: number;
    /** The attempt that dials him. */
    attempt?: string | null;
    grant: string | null;
    userId: string | null;
    leg: string | null;
  };
  limitTimer: string | null;
  announceTimer: string | null;
  /** Runs while the staff is too small and the caller still may wait. */
  staffTimer?: string | null;
}

export const waitOf = (work: Work, attempt: Attempt | undefined): QueueWait | null =>
  attempt?.queue ? (work.m.waits?.[attempt.queue] ?? null) : null;

export const waitsOf = (work: Work): QueueWait[] => Object.values(work.m.waits ?? {});

export const waitedMs = (work: Work, wait: QueueWait): number => Math.max(0, work.at - wait.enteredAt);

/** Whether the staff is what a rule asks for; unknown staff is enough. */
export function isStaffed({ staff }: QueueWait, rule: QueueStaffing): boolean {
  if (rule === 'any' || staff === null) return true;
  return (rule === 'ready' ? staff.ready : staff.loggedIn) > 0;
}

/** The caller waits, and nobody has answered for him yet. */
export function isWaiting(work: Work, wait: QueueWait): boolean {
  const attempt = work.m.attempts[wait.attempt ?? ''];
  return wait.stage === 'waiting' && attempt?.stage === 'ringing';
}
