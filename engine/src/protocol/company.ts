/** What flows do with the company's own things: modes of users, lists of callers, address books, notices to other applications. */
import * as z from 'zod';
import { Json } from './common.ts';

/** How a user wishes to be reached. */
export const UserMode = z.enum(['normal', 'dnd', 'away', 'divert']);
export type UserMode = z.infer<typeof UserMode>;

/**
 * Sets or asks a user's mode. Answer: `user-mode` with the one in force then, or `not-found`. Asked again in the same words it comes to the
 * same, for `toggle` too: `key` names the visit.
 */
export const UserModeLookup = z.strictObject({
  what: z.literal('user-mode'),
  /** Unique in the call. */
  key: z.string().min(1).max(200),
  /** Id or extension. */
  user: z.string().max(64),
  /** Null: leave it as it is. */
  mode: UserMode.nullable(),
  /** Back to normal when the user is in that mode already. */
  toggle: z.boolean(),
  /** How long; null = until changed. */
  forMs: z
    .number()
    .int()
    .min(60_000)
    .max(365 * 86_400_000)
    .nullable(),
  /** Where `divert` leads; null = as it is. */
  number: z.string().max(64).nullable(),
  note: z.string().max(200),
});
export type UserModeLookup = z.infer<typeof UserModeLookup>;
export const UserModeFound = z.strictObject({ status: z.literal('user-mode'), mode: UserMode });

export const CallerListKind = z.enum(['allow', 'block', 'vip']);

/** Whether a number stands in a list. Answer: `listed`; `not-found` when there is no such list. */
export const CallerListLookup = z.strictObject({
  what: z.literal('caller-list'),
  number: z.string().max(64),
  /** Id or name; null = all lists in force for the company. */
  list: z.string().max(200).nullable(),
});
export type CallerListLookup = z.infer<typeof CallerListLookup>;
/** The list nearest to the company; `kind` null: in none. */
export const CallerListed = z.strictObject({
  status: z.literal('listed'),
  kind: CallerListKind.nullable(),
  list: z.string().max(200),
  note: z.string().max(2000),
});

/** Who has a number. Answer: `contact` or `not-found`. */
export const ContactLookup = z.strictObject({
  what: z.literal('contact'),
  number: z.string().max(64),
  /** Whose books are looked into first, by id or extension; null = the company's only. */
  user: z.string().max(64).nullable(),
});
export type ContactLookup = z.infer<typeof ContactLookup>;
/** A contact as expressions see it. */
export const ContactFound = z.strictObject({
  status: z.literal('contact'),
  contact: z.strictObject({
    id: z.string().max(64),
    name: z.string().max(300),
    givenName: z.string().max(200),
    familyName: z.string().max(200),
    organisation: z.string().max(200),
    email: z.string().max(320),
    phonebook: z.string().max(200),
    favourite: z.boolean(),
    data: Json,
  }),
});

/** Tells another application of something, by the outbox of webhooks. Answer: `notice-queued`, or `not-found` for no such webhook. */
export const NoticeLookup = z.strictObject({
  what: z.literal('notice'),
  /** What it is about, unique in the call: asked again, it is the same notice. */
  key: z.string().min(1).max(200),
  /** An address, or the id or name of a webhook of the company. */
  to: z.string().max(2000),
  event: z.string().max(100),
  data: Json,
});
export type NoticeLookup = z.infer<typeof NoticeLookup>;
/** It is in the outbox. */
export const NoticeQueued = z.strictObject({ status: z.literal('notice-queued') });
