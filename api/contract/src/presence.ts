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
    /** Legs of the user that live now. */
    calls: z.number().int().min(0),
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
  'device.registered',
  'device.unregistered',
  'trunk.state',
  'recording.stored',
  'recording.failed',
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
