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
  'plan-only',
  'spend-cap',
] as const;
export type AnnouncementId = (typeof ANNOUNCEMENTS)[number];

type Words = Readonly<Record<'en' | 'fr' | 'it', string>>;

/** What is said, before a call or in its course. */
export const ANNOUNCEMENT_WORDS: Readonly<Record<AnnouncementId | 'max-duration' | 'ending-soon', Words>> = {
  unavailable: {
    en: 'The number you have dialled cannot be reached.',
    fr: 'Le numéro que vous avez composé ne peut être joint.',
    it: 'Il numero selezionato non è raggiungibile.',
  },
  'unknown-number': {
    en: 'The number you have dialled is not in use.',
    fr: 'Le numéro que vous avez composé n’est pas attribué.',
    it: 'Il numero selezionato è inesistente.',
  },
  suspended: {
    en: 'This line is out of service.',
    fr: 'Cette ligne est hors service.',
    it: 'Questa linea non è in servizio.',
  },
  restricted: {
    en: 'Calls to this destination are not allowed from this line.',
    fr: 'Les appels vers cette destination ne sont pas autorisés depuis cette ligne.',
    it: 'Le chiamate verso questa destinazione non sono consentite da questa linea.',
  },
  'too-many-calls': {
    en: 'All lines are in use. Please try again later.',
    fr: 'Toutes les lignes sont occupées. Veuillez réessayer plus tard.',
    it: 'Tutte le linee sono occupate. Riprovare più tardi.',
  },
  'plan-only': {
    en: 'This call is not included in the plan of this line.',
    fr: 'Cet appel n’est pas compris dans le forfait de cette ligne.',
    it: 'Questa chiamata non è compresa nel piano di questa linea.',
  },
  'spend-cap': {
    en: 'The spending limit of this line is reached.',
    fr: 'Le plafond de dépense de cette ligne est atteint.',
    it: 'È stato raggiunto il limite di spesa di questa linea.',
  },
  'max-duration': {
    en: 'The longest time for this call is over.',
    fr: 'La durée maximale de cet appel est écoulée.',
    it: 'È trascorsa la durata massima di questa chiamata.',
  },
  'ending-soon': {
    en: 'This call ends in thirty seconds.',
    fr: 'Cet appel se terminera dans trente secondes.',
    it: 'Questa chiamata terminerà tra trenta secondi.',
  },
};

export const REFUSALS = {
  ADM_SUSPENDED: { message: 'The account is suspended.', cause: 'forbidden', announcement: 'suspended' },
  ADM_AWAY: { message: 'The user is away.', cause: 'forbidden', announcement: 'restricted' },
  ADM_RESTRICTED: {
    message: 'Calls to this destination are not allowed.',
    cause: 'forbidden',
    announcement: 'restricted',
  },
  ADM_TOO_MANY_CALLS: { message: 'All lines are in use.', cause: 'busy', announcement: 'too-many-calls' },
  ADM_PLAN_ONLY: { message: 'The plan does not include the call.', cause: 'forbidden', announcement: 'plan-only' },
  ADM_SPEND_CAP: { message: 'The spending limit is reached.', cause: 'forbidden', announcement: 'spend-cap' },
} as const satisfies Readonly<Record<string, RefusalEntry>>;
export type RefusalCode = keyof typeof REFUSALS;

/** The entry of a code that comes from elsewhere; null when there is none. */
export const refusalOf = (code: string): RefusalEntry | null =>
  Object.hasOwn(REFUSALS, code) ? REFUSALS[code as RefusalCode] : null;
