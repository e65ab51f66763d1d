/** How a user wants to be reached: forwarding, refusals, screening, messages, the secretary. */
import { Destination } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Dialled, Slug, Uuid } from './fields.ts';
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
    screening: z
      .boolean()
      .default(false)
      .meta({ description: 'Callers are announced; 1 accepts, 2 refuses, 3 as no answer' }),
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
