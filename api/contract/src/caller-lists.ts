/** Lists of callers to let in, to refuse, to prefer: of an owner and all below it, or of one user. */
import * as z from 'zod';
import { EntityNumber, Label, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

/** Who is on it is let in, refused, or preferred. */
export const CallerListKind = z.enum(['allow', 'block', 'vip']);

export const CallerList = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    ownerId: Uuid,
    userId: Uuid.nullable(),
    name: z.string(),
    kind: CallerListKind,
    entries: z.number().int(),
    createdAt: Time,
  })
  .meta({ id: 'CallerList' });

const pattern = z.string().min(1).max(100).meta({ description: 'A number, or a pattern as in routing rules' });
/** An entry as it stands. */
export const CallerListEntry = z
  .strictObject({ pattern, note: z.string().max(200), expiresAt: Time.nullable() })
  .meta({ id: 'CallerListEntry' });
/** An entry to be kept. */
export const NewCallerListEntry = z.strictObject({
  pattern,
  note: z.string().max(200).default(''),
  expiresAt: Time.nullable().default(null),
});

const tag = 'caller-lists';
const one = { path: '/caller-lists/:id', params: { id: Uuid }, tag } as const;
const entries = { path: '/caller-lists/:id/entries', params: { id: Uuid }, tag } as const;

export const callerListRoutes = {
  listCallerLists: defineRoute({
    id: 'listCallerLists',
    method: 'GET',
    path: '/caller-lists',
    tag,
    summary: 'Lists of one owner by number',
    scope: 'read',
    query: { ...PageQuery, owner: Uuid.optional().meta({ description: 'Default: the asking owner' }) },
    body: null,
    answer: pageOf(CallerList),
  }),
  createCallerList: defineRoute({
    id: 'createCallerList',
    method: 'POST',
    path: '/caller-lists',
    tag,
    summary: 'Make a list of callers',
    scope: 'directory',
    body: z.strictObject({
      ownerId: Uuid.optional().meta({ description: 'Default: the asking owner' }),
      userId: Uuid.nullable().default(null).meta({ description: 'For calls to this user only' }),
      name: Label,
      kind: CallerListKind,
    }),
    status: 201,
    answer: CallerList,
    errors: ['API_NAME_TAKEN', 'API_NOT_FOUND'],
  }),
  updateCallerList: defineRoute({
    ...one,
    id: 'updateCallerList',
    method: 'PATCH',
    summary: 'Change name or kind',
    scope: 'directory',
    body: z.strictObject({ name: Label, kind: CallerListKind }).partial(),
    answer: CallerList,
    errors: ['API_NAME_TAKEN'],
  }),
  deleteCallerList: defineRoute({
    ...one,
    id: 'deleteCallerList',
    method: 'DELETE',
    summary: 'Delete a list with its entries',
    scope: 'directory',
    body: null,
    answer: null,
  }),
  listCallerListEntries: defineRoute({
    ...entries,
    id: 'listCallerListEntries',
    method: 'GET',
    summary: 'Entries in order',
    scope: 'read',
    query: { after: z.string().max(100).optional(), limit: PageQuery.limit },
    body: null,
    answer: pageOf(CallerListEntry),
  }),
  putCallerListEntries: defineRoute({
    ...entries,
    id: 'putCallerListEntries',
    method: 'PUT',
    summary: 'Add or replace entries',
    scope: 'directory',
    body: z.strictObject({ entries: z.array(NewCallerListEntry).min(1).max(1000) }),
    answer: null,
    errors: ['API_PATTERN_INVALID'],
  }),
  deleteCallerListEntry: defineRoute({
    ...entries,
    id: 'deleteCallerListEntry',
    method: 'DELETE',
    summary: 'Delete one entry',
    scope: 'directory',
    query: { pattern },
    body: null,
    answer: null,
  }),
};
