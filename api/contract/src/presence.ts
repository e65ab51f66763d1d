/** Presence of users, and the numbered events of a company's directory. */
import * as z from 'zod';
import { EntityNumber, NumberText, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const USER_STATES = [
  'unknown',
  'unavailable',
  'available',
  'ringing',
  'busy',
  'dnd',
  'reserved',
  'absent',
  'diverted',
] as const;

export const CHAT_STATES = ['available', 'busy', 'away', 'offline'] as const;

/** What a user says of himself, beside what is seen of his calls. */
export const ChatPresence = z
  .strictObject({ status: z.enum(CHAT_STATES), note: z.string().max(200).default('') })
  .meta({ id: 'ChatPresence' });

export const PresenceView = z
  .strictObject({
    userId: Uuid,
    number: EntityNumber,
    extension: z.string(),
    name: z.string(),
    state: z.enum(USER_STATES),
    since: Time,
    /** What the user has set, for as long as it holds. */
    mode: z.string(),
    note: z.string(),
    phrase: z.string(),
    /** What the user says of himself, by phone or API; null: nothing. */
    chat: ChatPresence.nullable(),
    /** Legs of the user that live now. */
    calls: z.number().int().min(0),
    /** What his phones’ lamps show: messages of his box and of those at peers; urgent ones are among the fresh and the old. */
    messages: z.strictObject({
      waiting: z.boolean(),
      fresh: z.number().int().min(0),
      old: z.number().int().min(0),
      freshUrgent: z.number().int().min(0),
      oldUrgent: z.number().int().min(0),
    }),
    devices: z.array(
      z.strictObject({
        id: Uuid,
        number: EntityNumber,
        type: z.string(),
        name: z.string(),
        /** Null: not registered. `address` is `<transport>:<host>:<port>` as the registrar saw it. */
        registered: z.strictObject({ userAgent: z.string(), address: z.string(), since: Time }).nullable(),
      }),
    ),
  })
  .meta({ id: 'Presence' });

export const DIRECTORY_EVENT_TYPES = [
  'user.presence',
  'user.chat',
  'device.registered',
  'device.unregistered',
  'trunk.state',
  'recording.stored',
  'recording.failed',
  'recording.transcribed',
  'voicemail.received',
] as const;

/** One event of a directory; numbers follow one another without gaps, each company from 1. */
export const DirectoryEventView = z
  .strictObject({ n: z.number().int().positive(), at: Time, type: z.enum(DIRECTORY_EVENT_TYPES), body: z.unknown() })
  .meta({ id: 'DirectoryEvent' });

const read = { scope: 'read', company: true, tag: 'presence', method: 'GET', body: null } as const;

export const presenceRoutes = {
  listPresence: defineRoute({
    ...read,
    id: 'listPresence',
    path: '/presence',
    summary: 'Users with their state, mode and registered devices',
    query: { ...PageQuery, extension: z.string().max(10).optional() },
    answer: pageOf(PresenceView),
  }),
  putChatPresence: defineRoute({
    scope: 'directory',
    company: true,
    tag: 'presence',
    id: 'putChatPresence',
    method: 'PUT',
    path: '/users/:id/chat-presence',
    summary: 'Set what the user says of himself; `chat` null takes it back, what his phones have published too',
    params: { id: Uuid },
    body: z.strictObject({ chat: ChatPresence.nullable() }),
    answer: null,
  }),
  putMyChatPresence: defineRoute({
    scope: 'self',
    company: true,
    tag: 'me',
    id: 'putMyChatPresence',
    method: 'PUT',
    path: '/me/chat-presence',
    summary: 'Say something of oneself: available, busy, away or offline, with a note',
    body: z.strictObject({ chat: ChatPresence.nullable() }),
    answer: null,
    errors: ['API_NOT_FOUND'],
  }),
  listDirectoryEvents: defineRoute({
    ...read,
    id: 'listDirectoryEvents',
    path: '/directory-events',
    summary: 'Changes of presence, registrations and trunks, by number',
    query: {
      limit: PageQuery.limit,
      after: NumberText.optional().meta({ description: 'Number of the last event known; default 0' }),
    },
    answer: z.strictObject({ items: z.array(DirectoryEventView) }),
  }),
  streamDirectoryEvents: defineRoute({
    ...read,
    id: 'streamDirectoryEvents',
    path: '/directory-events/stream',
    summary: 'The same as they happen (server-sent events); resumes after `Last-Event-ID`',
    query: { after: NumberText.optional().meta({ description: 'Begin after this number; default: with what comes' }) },
    answer: 'events',
  }),
};
