/** Refusals of admission: a code, what the caller's phone is told, and the announcement he hears. */
import type { Cause } from '../protocol/index.ts';

export interface RefusalEntry {
  readonly message: string;
  /** The SIP status follows from it (403, 486). */
  readonly cause: Extract<Cause, 'forbidden' | 'busy'>;
  /** Id of a destination of type `announcement`. */
  readonly announcement: AnnouncementId;
}

/** Announcements of the built-in catalogue (`flows/announcement`). */
export const ANNOUNCEMENTS = [
  'unavailable',
  'unknown-number',
  'suspended',
  'restricted',
  'too-many-calls',
  'spend-cap',
] as const;
export type AnnouncementId = (typeof ANNOUNCEMENTS)[number];

export const REFUSALS = {
  ADM_SUSPENDED: { message: 'The account is suspended.', cause: 'forbidden', announcement: 'suspended' },
  ADM_RESTRICTED: {
    message: 'Calls to this destination are not allowed.',
    cause: 'forbidden',
    announcement: 'restricted',
  },
  ADM_TOO_MANY_CALLS: { message: 'All lines are in use.', cause: 'busy', announcement: 'too-many-calls' },
  ADM_SPEND_CAP: { message: 'The spending limit is reached.', cause: 'forbidden', announcement: 'spend-cap' },
} as const satisfies Readonly<Record<string, RefusalEntry>>;
export type RefusalCode = keyof typeof REFUSALS;
