/** How a user wants to be reached: forwarding, refusals, screening, messages, the secretary. */
import { CallKeyAction, Destination, defaultKeys } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Dialled, Slug, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const common = {
  enabled: z.boolean().default(true),
  destination: Destination.meta({ description: 'A destination, or type `hang-up` with id `hang-up`' }),
  shown: z
    .enum(['caller', 'account'])
    .default('caller')
    .meta({ description: 'Whose number the new party sees: the caller’s, or that of the user who forwards' }),
};

const Rule = z.strictObject(common).nullable().default(null);

const FollowMe = z
  .strictObject({
    enabled: z.boolean().default(true),
    calendarId: Uuid.nullable()
      .default(null)
      .meta({ description: 'Outside its hours only the user’s own phones ring' }),
    targets: z
      .array(
        z
          .strictObject({
            userId: Uuid.nullable().default(null),
            number: Dialled.nullable().default(null),
            delayMs: z.number().int().min(0).max(600_000).default(0),
            ringMs: z.number().int().min(1000).max(600_000).default(20_000),
            confirm: z.boolean().default(true).meta({ description: 'Whoever answers accepts by 1' }),
          })
          .refine(({ userId, number }) => (userId === null) !== (number === null), {
            error: 'A target is either a colleague or a number',
          }),
      )
      .max(20),
  })
  .meta({
    description:
      'Where calls ring beside the user’s own phones, each after a delay; the first who takes the call has it',
  });

export const UserCallingSettings = z
  .strictObject({
    forwarding: z
      .strictObject({
        always: Rule,
        busy: Rule,
        noAnswer: z
          .strictObject({ ...common, afterMs: z.number().int().min(1000).max(600_000).default(20_000) })
          .nullable()
          .default(null),
        unreachable: Rule,
      })
      .default({ always: null, busy: null, noAnswer: null, unreachable: null }),
    rejectAnonymous: z.boolean().default(false),
    keysDenied: z
      .array(CallKeyAction)
      .max(CallKeyAction.options.length)
      .default([])
      .meta({ description: 'Actions of keys that this user may not use while he talks' }),
    screening: z
      .boolean()
      .default(false)
      .meta({ description: 'Callers are announced; 1 accepts, 2 refuses, 3 as no answer' }),
    screeningName: z
      .boolean()
      .default(false)
      .meta({ description: 'With screening: callers from outside say their name, which the user hears' }),
    followMe: FollowMe.default({ enabled: false, calendarId: null, targets: [] }),
    preAnswer: Slug.nullable().default(null).meta({ description: 'Prompt heard by callers before the user is rung' }),
    secretary: z
      .strictObject({ userId: Uuid, exempt: z.array(Dialled).max(100).default([]) })
      .nullable()
      .default(null)
      .meta({
        description: 'Calls come to this user first, but for his own, those he transfers and the exempt numbers',
      }),
  })
  .meta({ id: 'UserCalling' });

const CallKey = z.strictObject({
  action: CallKeyAction,
  keys: z
    .string()
    .regex(/^[0-9*#]{2,8}$/)
    .nullable()
    .meta({ description: 'Null: nobody has it' }),
});

/** No sequence may begin another: the shorter would always be found first. */
const clash = (own: readonly z.output<typeof CallKey>[]): boolean => {
  const all = CallKeyAction.options.flatMap((action) => {
    const set = own.find((one) => one.action === action);
    const keys = set ? set.keys : defaultKeys(action);
    return keys === null ? [] : [keys];
  });
  return all.some((one, i) => all.some((other, j) => i !== j && other.startsWith(one)));
};

export const CallKeys = z
  .strictObject({ items: z.array(CallKey).max(CallKeyAction.options.length) })
  .refine(({ items }) => new Set(items.map((one) => one.action)).size === items.length, {
    error: 'An action stands twice',
  })
  .refine(({ items }) => !clash(items), { error: 'A sequence is the beginning of another' })
  .meta({ id: 'CallKeys' });

const RoomMember = z
  .strictObject({
    callId: Uuid,
    number: z.string(),
    name: z.string(),
    userId: Uuid.nullable(),
    moderator: z.boolean(),
    waiting: z.boolean().meta({ description: 'For a moderator' }),
    joinedAt: Time,
  })
  .meta({ id: 'RoomMember' });

export const callingRoutes = {
  getUserCalling: defineRoute({
    scope: 'read',
    company: true,
    id: 'getUserCalling',
    method: 'GET',
    path: '/users/:id/calling',
    tag: 'users',
    summary: 'How the user wants to be reached',
    params: { id: Uuid },
    body: null,
    answer: UserCallingSettings,
  }),
  lockMeetingRoom: defineRoute({
    scope: 'calls',
    company: true,
    id: 'lockMeetingRoom',
    method: 'PUT',
    path: '/meeting-rooms/:id/lock',
    tag: 'meeting-rooms',
    summary: 'Let nobody but moderators in, or everybody again',
    params: { id: Uuid },
    body: z.strictObject({ locked: z.boolean() }),
    answer: z.strictObject({ id: Uuid, locked: z.boolean() }),
  }),
  getCallKeys: defineRoute({
    scope: 'read',
    company: true,
    id: 'getCallKeys',
    method: 'GET',
    path: '/call-keys',
    tag: 'calls',
    summary: 'Keys that users may press while they talk, and members in meeting rooms',
    body: null,
    answer: CallKeys,
  }),
  putCallKeys: defineRoute({
    scope: 'directory',
    company: true,
    id: 'putCallKeys',
    method: 'PUT',
    path: '/call-keys',
    tag: 'calls',
    summary:
      'Replace the company’s own keys; actions that are not named have their default keys. Counts from the next conversation on',
    body: CallKeys,
    answer: CallKeys,
  }),
  listMeetingRoomMembers: defineRoute({
    scope: 'read',
    company: true,
    id: 'listMeetingRoomMembers',
    method: 'GET',
    path: '/meeting-rooms/:id/members',
    tag: 'meeting-rooms',
    summary: 'Who is in the room now, each a call that can be muted or let go',
    params: { id: Uuid },
    body: null,
    answer: z.strictObject({ items: z.array(RoomMember) }),
  }),
  putUserCalling: defineRoute({
    scope: 'directory',
    company: true,
    id: 'putUserCalling',
    method: 'PUT',
    path: '/users/:id/calling',
    tag: 'users',
    summary: 'Replace how the user wants to be reached',
    params: { id: Uuid },
    body: UserCallingSettings,
    answer: UserCallingSettings,
    errors: ['API_UNKNOWN_DESTINATION'],
  }),
};
