/** Calls, their records, commands to them, and live events. */
import { Cdr, Coordinates, Destination, Disposition } from '@callwright/engine/protocol';
import * as z from 'zod';
import { PageQuery, pageOf, Slug, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };
const read = { scope: 'read', company: true } as const;
const calls = { scope: 'calls', company: true } as const;

export const CallStateName = z.enum(['waiting', 'started', 'refused', 'ended']);
export const Direction = z.enum(['inbound', 'outbound', 'internal']);

export const Call = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    externalId: z.string().nullable(),
    direction: Direction,
    state: CallStateName,
    calling: Coordinates,
    called: Coordinates,
    revision: z.string(),
    disposition: Disposition.nullable(),
    createdAt: Time,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    cdr: Cdr.nullable(),
  })
  .meta({ id: 'Call' });

/** A fact or an engine event of a call. Personal values are never in it; `masked` says that there are some. */
export const CallRecordView = z
  .strictObject({
    n: z.number().int(),
    at: Time,
    stream: z.enum(['fact', 'event']),
    type: z.string(),
    body: z.unknown(),
    masked: z.boolean(),
  })
  .meta({ id: 'CallRecord' });

const DialNumber = z.string().regex(/^\+?[0-9*#]{1,32}$/);

/** Whom to call first. */
export const OriginateTarget = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), userId: Uuid }),
  z.strictObject({ type: z.literal('extension'), extension: z.string().regex(/^[0-9*#]{1,10}$/) }),
  z.strictObject({ type: z.literal('number'), number: DialNumber }),
  z.strictObject({ type: z.literal('sip'), uri: z.string().regex(/^sips?:[^\s<>"]{1,390}$/) }),
]);

export const NewCall = z.strictObject({
  to: OriginateTarget,
  /** Flow to run with whoever answers, by name or id. */
  flow: z.union([Slug, Uuid]),
  variables: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/), z.unknown()).default({}),
  callerId: z
    .strictObject({ number: z.string().max(64).default(''), name: z.string().max(200).default('') })
    .default({ number: '', name: '' }),
  externalId: z.string().min(1).max(200).nullable().default(null),
  ringTimeoutMs: z.number().int().min(1000).max(600_000).default(45_000),
  autoAnswer: z.boolean().default(false),
});

/** A command to a running call: kept before it is sent; its result is the fact `control.done` of the same id. */
export const Control = z
  .strictObject({ id: Uuid, callId: Uuid, action: z.string(), createdAt: Time })
  .meta({ id: 'Control' });

const Note = z.string().max(500).default('').meta({ description: 'Shown to the user who is rung' });
const LegRef = z.string().min(1).max(160).nullable().default(null);
const command = {
  ...calls,
  method: 'POST',
  tag: 'calls',
  params: id,
  status: 202,
  answer: Control,
  errors: ['API_CALL_OVER'],
} as const;

export const callRoutes = {
  createCall: defineRoute({
    ...calls,
    id: 'createCall',
    method: 'POST',
    path: '/calls',
    tag: 'calls',
    summary: 'Call somebody and run a flow with whoever answers',
    body: NewCall,
    status: 202,
    answer: Call,
    errors: ['API_UNKNOWN_DESTINATION', 'API_NOT_PUBLISHED', 'API_NO_MEDIA', 'API_CALL_REFUSED'],
  }),
  listCalls: defineRoute({
    ...read,
    id: 'listCalls',
    method: 'GET',
    path: '/calls',
    tag: 'calls',
    summary: 'Calls, newest first',
    query: {
      ...PageQuery,
      state: CallStateName.optional(),
      direction: Direction.optional(),
      disposition: Disposition.optional(),
      externalId: z.string().min(1).max(200).optional(),
      party: z.string().min(1).max(100).optional().meta({ description: 'Number of the calling or called party' }),
      from: Time.optional(),
      to: Time.optional(),
    },
    body: null,
    answer: pageOf(Call),
  }),
  getCall: defineRoute({
    ...read,
    id: 'getCall',
    method: 'GET',
    path: '/calls/:id',
    tag: 'calls',
    summary: 'One call with its CDR',
    params: id,
    body: null,
    answer: Call,
  }),
  listCallRecords: defineRoute({
    ...read,
    id: 'listCallRecords',
    method: 'GET',
    path: '/calls/:id/records',
    tag: 'calls',
    summary: 'What happened in a call, in order, with the reason of each decision',
    params: id,
    query: { ...PageQuery, stream: z.enum(['fact', 'event']).optional() },
    body: null,
    answer: pageOf(CallRecordView),
  }),
  hangUpCall: defineRoute({
    ...command,
    id: 'hangUpCall',
    path: '/calls/:id/hangup',
    summary: 'Hang up a call, or one leg of it',
    body: z.strictObject({ leg: LegRef }),
  }),
  redirectCall: defineRoute({
    ...command,
    id: 'redirectCall',
    path: '/calls/:id/redirect',
    summary: 'Send the caller, or the given leg, to another destination',
    body: z.strictObject({ leg: LegRef, destination: Destination, note: Note }),
    errors: ['API_CALL_OVER', 'API_UNKNOWN_DESTINATION'],
  }),
  joinCalls: defineRoute({
    ...command,
    id: 'joinCalls',
    path: '/calls/:id/join',
    summary: 'Take the answered outside leg of another call of the company and join it with this call’s',
    body: z.strictObject({ callId: Uuid, leg: LegRef }),
  }),
  deflectCall: defineRoute({
    ...command,
    id: 'deflectCall',
    path: '/calls/:id/deflect',
    summary: 'Send the call of a ringing leg to another destination, with a note, instead of answering it',
    body: z.strictObject({
      leg: z.string().min(1).max(160),
      destination: Destination,
      note: Note,
    }),
    errors: ['API_CALL_OVER', 'API_UNKNOWN_DESTINATION'],
  }),
  answerCall: defineRoute({
    ...command,
    id: 'answerCall',
    path: '/calls/:id/answer',
    summary:
      'Have a user’s phone that rings take the call by itself: it is called anew and told so (Call-Info: answer-after)',
    body: z.strictObject({ leg: z.string().min(1).max(160) }),
  }),
  addToCall: defineRoute({
    ...command,
    id: 'addToCall',
    path: '/calls/:id/add',
    summary:
      'Call somebody into a conversation: he hears it and is heard as soon as he answers; the others go on when one leaves',
    body: z.strictObject({
      leg: LegRef.meta({ description: 'For whose party he is called' }),
      destination: Destination,
    }),
    errors: ['API_CALL_OVER', 'API_UNKNOWN_DESTINATION'],
  }),
  recordCall: defineRoute({
    ...command,
    id: 'recordCall',
    path: '/calls/:id/record',
    summary: 'Record the conversation: start, pause, resume, stop; it is among the recordings once it has ended',
    entitlement: 'recording',
    body: z.strictObject({
      act: z.enum(['start', 'stop', 'pause', 'resume']),
      leg: LegRef,
      announce: z.boolean().default(true).meta({ description: 'Both sides are told that they are recorded' }),
    }),
  }),
  superviseCall: defineRoute({
    ...command,
    id: 'superviseCall',
    path: '/calls/:id/supervise',
    summary:
      'Let a user hear the call: he is called, listens, whispers to one party or speaks to all; the same again changes his mode or lets him go',
    body: z.strictObject({
      mode: z.enum(['listen', 'whisper', 'barge', 'end']),
      userId: Uuid.meta({ description: 'Who supervises' }),
      deviceId: Uuid.nullable().default(null).meta({ description: 'The one device of his that rings; null = all' }),
      leg: LegRef.meta({ description: 'Whom he supervises; null = the user of the conversation' }),
      autoAnswer: z.boolean().default(false).meta({ description: 'His phone is asked to answer by itself' }),
    }),
    errors: ['API_CALL_OVER', 'API_UNKNOWN_REFERENCE'],
  }),
  muteCall: defineRoute({
    ...command,
    id: 'muteCall',
    path: '/calls/:id/mute',
    summary: 'In a meeting room: be heard by the others, or not',
    body: z.strictObject({ muted: z.boolean() }),
  }),
  leaveRoomOfCall: defineRoute({
    ...command,
    id: 'leaveRoomOfCall',
    path: '/calls/:id/leave-room',
    summary: 'Let a member of a meeting room go: the call goes on with what comes after the room',
    body: z.strictObject({}),
  }),
  holdCall: defineRoute({
    ...command,
    id: 'holdCall',
    path: '/calls/:id/hold',
    summary: 'Hold: whom the given leg (else: whoever the call has reached) talks with hears music until it retrieves',
    body: z.strictObject({ leg: LegRef }),
  }),
  retrieveCall: defineRoute({
    ...command,
    id: 'retrieveCall',
    path: '/calls/:id/retrieve',
    summary: 'End a hold made by command; one that the phone itself made is the phone’s to end',
    body: z.strictObject({ leg: LegRef }),
  }),
  prioritiseCall: defineRoute({
    ...command,
    id: 'prioritiseCall',
    path: '/calls/:id/prioritise',
    summary: 'Give whoever waits in a queue another priority: a point is worth a minute of waiting',
    body: z.strictObject({ priority: z.number().int().min(-1000).max(1000) }),
  }),
  continueCall: defineRoute({
    ...command,
    id: 'continueCall',
    path: '/calls/:id/continue',
    summary: 'Leave a node that waits by its outcome `continue`',
    body: z.strictObject({}),
  }),
  overrideNode: defineRoute({
    ...command,
    id: 'overrideNode',
    path: '/calls/:id/override',
    summary:
      'Replace the settings of one node of the flow, for this call only; checked by the call, see `control.done`',
    body: z.strictObject({
      node: z
        .string()
        .min(1)
        .max(100)
        .meta({ description: 'Id of a node of the called flow itself, not of a sub-flow' }),
      config: z.record(z.string().min(1).max(100), z.unknown()).meta({ description: 'As in the flow document' }),
    }),
  }),
  streamEvents: defineRoute({
    ...read,
    id: 'streamEvents',
    method: 'GET',
    path: '/events',
    tag: 'events',
    summary:
      'Events of the company as they happen, in the form of webhooks: as server-sent events, resumed after `Last-Event-ID`, or by WebSocket on the same path',
    query: {
      call: Uuid.optional().meta({ description: 'Only facts of this call' }),
      types: z
        .string()
        .max(2000)
        .regex(/^[a-z][a-z.-]{0,60}\*?(,[a-z][a-z.-]{0,60}\*?)*$/)
        .optional()
        .meta({
          description: 'Names of events, or beginnings of names with `*` at the end, separated by commas; default: all',
        }),
      after: z
        .string()
        .regex(/^[0-9]{1,19}-[0-9]{1,15}(-[0-9]{1,15})?$/)
        .optional()
        .meta({
          description:
            'Place (id of a server-sent event, `place` of a WebSocket’s) after which to begin; `0-0` is the beginning. The header Last-Event-ID takes precedence',
        }),
    },
    body: null,
    answer: 'events',
  }),
};
