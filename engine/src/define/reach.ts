/** What the kinds that reach somebody share: outcomes, targets, caller id. */
import type * as z from 'zod';
import type { JsonValue } from '../protocol/index.ts';
import type { Ask, ConnectOutcome } from './ask.ts';
import type { Next, Scope } from './behaviour.ts';
import type { CallerIdField, TargetField } from './fields.ts';

/** Outcomes of reaching somebody. `completed` = talked, and the other side left first. */
export const REACH_OUTCOMES = ['completed', 'busy', 'no-answer', 'rejected', 'unavailable', 'failed'] as const;
export type ReachOutcome = (typeof REACH_OUTCOMES)[number];

/** How each result of an attempt leaves the node; what an author can do nothing about is `failed`, told apart by the reason. */
const LEAVE_BY: Record<ConnectOutcome, ReachOutcome> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  rejected: 'rejected',
  unavailable: 'unavailable',
  'not-found': 'failed',
  forbidden: 'failed',
  failed: 'failed',
};

export function reached(outcome: ConnectOutcome): Next {
  return { outcome: LEAVE_BY[outcome], reason: outcome };
}

type ConnectAsk = Extract<Ask, { ask: 'connect' }>;

/** The target with its templates filled in, or null when nothing is left of it. */
export function resolveTarget(field: TargetField, scope: Scope): ConnectAsk['to'] | null {
  if (field.type === 'number') {
    const number = scope
      .text(field.number)
      .replace(/[\s().-]/g, '')
      .slice(0, 64);
    return number === '' ? null : { type: 'number', number };
  }
  if (field.type === 'sip') {
    const uri = scope.text(field.uri).trim();
    return uri === '' || uri.length > 400 ? null : { type: 'sip', uri };
  }
  const id = scope.text(field.id).trim();
  if (id === '' || id.length > 400) return null;
  return field.type === 'user' ? { type: 'user', userId: id } : { type: field.destinationType, id };
}

export function resolveCallerId(field: z.infer<typeof CallerIdField> | null, scope: Scope): ConnectAsk['callerId'] {
  if (!field) return null;
  return { number: scope.text(field.number).trim().slice(0, 64), name: scope.text(field.name).trim().slice(0, 200) };
}

/** Nobody to reach: the templates gave nothing. */
export const NO_TARGET: Next = { outcome: 'failed', reason: 'no-target' };

export type Assignments = Readonly<Record<string, JsonValue>>;
