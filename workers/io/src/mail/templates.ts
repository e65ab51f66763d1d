/** Named templates of mails, in the languages of the platform, under the name of whoever's mail it is. */

/** What a template may use; every value is text and comes from outside. */
export type MailVariables = Readonly<Record<string, string>>;

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

interface Named {
  readonly brand: string;
  /** Of the time zone and language of the reader. */
  readonly at: string;
  readonly variables: MailVariables;
}

type Template = (mail: Named) => MailText;
type Language = 'en' | 'fr' | 'it';

const who = ({ number, name }: MailVariables, unknown: string): string =>
  [name, number].filter((part) => part !== undefined && part !== '').join(', ') || unknown;

const said = ({ transcript }: MailVariables, title: string): string =>
  transcript ? `\n\n${title}:\n${transcript}` : '';

const signed = (text: string, brand: string): string => `${text}\n\n-- \n${brand}\n`;

const TEMPLATES: Readonly<Record<string, Readonly<Record<Language, Template>>>> = {
  voicemail: {
    en: ({ brand, at, variables: v }) => ({
      subject: `New voicemail from ${who(v, 'an unknown number')}`,
      text: signed(
        `${who(v, 'An unknown number')} has left a message of ${v.seconds} seconds in ${v.box} on ${at}.${said(v, 'Automatic transcript')}`,
        brand,
      ),
    }),
    fr: ({ brand, at, variables: v }) => ({
      subject: `Nouveau message vocal de ${who(v, 'numéro inconnu')}`,
      text: signed(
        `${who(v, 'Un numéro inconnu')} a laissé un message de ${v.seconds} secondes dans ${v.box} le ${at}.${said(v, 'Transcription automatique')}`,
        brand,
      ),
    }),
    it: ({ brand, at, variables: v }) => ({
      subject: `Nuovo messaggio vocale da ${who(v, 'numero sconosciuto')}`,
      text: signed(
        `${who(v, 'Un numero sconosciuto')} ha lasciato un messaggio di ${v.seconds} secondi in ${v.box} il ${at}.${said(v, 'Trascrizione automatica')}`,
        brand,
      ),
    }),
  },
  'missed-call': {
    en: ({ brand, at, variables: v }) => ({
      subject: `Missed call from ${who(v, 'an unknown number')}`,
      text: signed(`${who(v, 'An unknown number')} has called ${v.called} on ${at} and reached nobody.`, brand),
    }),
    fr: ({ brand, at, variables: v }) => ({
      subject: `Appel manqué de ${who(v, 'numéro inconnu')}`,
      text: signed(`${who(v, 'Un numéro inconnu')} a appelé ${v.called} le ${at} sans réponse.`, brand),
    }),
    it: ({ brand, at, variables: v }) => ({
      subject: `Chiamata persa da ${who(v, 'numero sconosciuto')}`,
      text: signed(`${who(v, 'Un numero sconosciuto')} ha chiamato ${v.called} il ${at} senza risposta.`, brand),
    }),
  },
  /** Written by a flow. */
  flow: {
    en: ({ variables: v }) => ({ subject: v.subject ?? '', text: v.text ?? '' }),
    fr: ({ variables: v }) => ({ subject: v.subject ?? '', text: v.text ?? '' }),
    it: ({ variables: v }) => ({ subject: v.subject ?? '', text: v.text ?? '' }),
  },
};

const isLanguage = (value: string): value is Language => value === 'en' || value === 'fr' || value === 'it';

/** They stand in the text of a mail only. */
const LONG: ReadonlySet<string> = new Set(['text', 'transcript']);

/** One line: what comes from outside must not make a header of its own. */
const oneLine = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 250);

export interface Rendering {
  readonly template: string;
  /** Of the reader; English where it is not one of the platform's. */
  readonly language: string;
  readonly timeZone: string;
  readonly brand: string;
  readonly variables: MailVariables;
}

/** Null when there is no such template. */
export function renderMail({ template, language, timeZone, brand, variables }: Rendering): MailText | null {
  const short = language.slice(0, 2);
  const reader = isLanguage(short) ? short : 'en';
  const named = Object.hasOwn(TEMPLATES, template) ? TEMPLATES[template] : undefined;
  if (!named) return null;
  const clean = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, LONG.has(name) ? value : oneLine(value)]),
  );
  const mail = named[reader]({ brand: oneLine(brand), at: timeText(variables.at, reader, timeZone), variables: clean });
  return { subject: oneLine(mail.subject), text: mail.text };
}

function timeText(at: string | undefined, language: Language, timeZone: string): string {
  const time = new Date(at ?? '');
  if (Number.isNaN(time.getTime())) return '';
  const format = { dateStyle: 'long', timeStyle: 'short' } as const;
  try {
    return new Intl.DateTimeFormat(language, { ...format, timeZone }).format(time);
  } catch {
    return new Intl.DateTimeFormat(language, { ...format, timeZone: 'UTC' }).format(time);
  }
}
