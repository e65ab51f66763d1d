/** Calls between two parties: now, or at a time. */
import { Destination } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Call } from './calls.ts';
import { Language, PageQuery, pageOf, Slug, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const Number64 = z.string().regex(/^\+?[0-9*#]{1,32}$/);

/** Whom to call: a user, an extension or number, a SIP address, or (second party only) any destination. */
export const ConnectTarget = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), userId: Uuid }),
  z.strictObject({ type: z.literal('number'), number: Number64 }),
  z.strictObject({ type: z.literal('sip'), uri: z.string().regex(/^sips?:[^\s<>"]{1,390}$/) }),
  z.strictObject({ type: z.literal('destination'), destination: Destination }),
]);

const Announcement = z.union([
  z.strictObject({ text: z.string().min(1).max(1000), language: Language.default('en') }),
  z.strictObject({ prompt: Slug }),
]);

const Presentation = z
  .strictObject({ number: z.string().max(64), name: z.string().max(200).default('') })
  .nullable()
  .default(null);

export const ConnectParty = z.strictObject({
  to: ConnectTarget,
  trunkId: Uuid.nullable().default(null).meta({ description: 'For an outside number: the trunk to call through' }),
  announcement: Announcement.nullable()
    .default(null)
    .meta({ description: 'Heard by this party before the two are joined' }),
  autoAnswer: z.boolean().default(false).meta({ description: 'Ask the phone to answer by itself' }),
  ringTimeoutMs: z.number().int().min(1000).max(600_000).default(45_000),
  presentation: Presentation.meta({ description: 'Number and name that this party is shown' }),
});

const connect = {
  first: ConnectParty,
  second: ConnectParty,
  startWith: z.enum(['first', 'second']).default('first').meta({ description: 'Which of the two is called first' }),
  presentation: Presentation.meta({ description: 'Number and name both are shown; else each sees the other’s' }),
  maxTalkMs: z.number().int().min(1000).max(86_400_000).nullable().default(null),
  record: z.boolean().default(false).meta({ description: 'Their conversation is recorded; both are told' }),
  externalId: z.string().min(1).max(200).nullable().default(null),
};

export const NewConnect = z.strictObject(connect);

export const NewScheduledCall = z.strictObject({
  ...connect,
  at: Time,
  tries: z.number().int().min(1).max(20).default(1),
  retryAfterMs: z.number().int().min(1000).max(86_400_000).default(60_000),
});

export const ScheduledState = z.enum(['waiting', 'calling', 'done', 'failed', 'cancelled']);

export const ScheduledCall = z
  .strictObject({
    id: Uuid,
    externalId: z.string().nullable(),
    state: ScheduledState,
    at: Time.meta({ description: 'When it is called next, or was' }),
    triesLeft: z.number().int(),
    callId: Uuid.nullable().meta({ description: 'Call of the last attempt' }),
    outcome: z.string().nullable().meta({ description: '`connected`, or why the last attempt was none' }),
    createdAt: Time,
  })
  .meta({ id: 'ScheduledCall' });

const calls = { scope: 'calls', company: true } as const;
const id = { id: Uuid };

export const connectRoutes = {
  connectCall: defineRoute({
    ...calls,
    id: 'connectCall',
    method: 'POST',
    path: '/calls/connect',
    tag: 'calls',
    summary: 'Call one party, then another, and join them',
    body: NewConnect,
    status: 202,
    answer: Call,
    errors: ['API_UNKNOWN_DESTINATION', 'API_NOT_PUBLISHED', 'API_NO_MEDIA'],
  }),
  createScheduledCall: defineRoute({
    ...calls,
    id: 'createScheduledCall',
    method: 'POST',
    path: '/scheduled-calls',
    tag: 'calls',
    summary: 'Join two parties at a time, trying again where wished',
    body: NewScheduledCall,
    status: 201,
    answer: ScheduledCall,
    errors: ['API_EXTERNAL_ID_TAKEN'],
  }),
  listScheduledCalls: defineRoute({
    scope: 'read',
    company: true,
    id: 'listScheduledCalls',
    method: 'GET',
    path: '/scheduled-calls',
    tag: 'calls',
    summary: 'Calls placed for a time, newest first',
    query: { ...PageQuery, state: ScheduledState.optional(), externalId: z.string().min(1).max(200).optional() },
    body: null,
    answer: pageOf(ScheduledCall),
  }),
  getScheduledCall: defineRoute({
    scope: 'read',
    company: true,
    id: 'getScheduledCall',
    method: 'GET',
    path: '/scheduled-calls/:id',
    tag: 'calls',
    summary: 'One call placed for a time',
    params: id,
    body: null,
    answer: ScheduledCall,
  }),
  cancelScheduledCall: defineRoute({
    ...calls,
    id: 'cancelScheduledCall',
    method: 'POST',
    path: '/scheduled-calls/:id/cancel',
    tag: 'calls',
    summary: 'Do not place it; an attempt that is under way goes on',
    params: id,
    body: z.strictObject({}),
    answer: ScheduledCall,
  }),
};
