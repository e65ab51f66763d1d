/** What a caller hears of a box that has no greeting of its own, in the languages of the platform. */
import type { AbsenceState, Prompt } from '../../src/protocol/index.ts';

interface Words {
  readonly away: Readonly<Record<AbsenceState, string>>;
  readonly leave: string;
  readonly full: string;
  readonly thanks: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    away: {
      default: 'The person you are calling is not available.',
      'no-answer': 'The person you are calling does not answer.',
      busy: 'The person you are calling is on another call.',
      dnd: 'The person you are calling does not wish to be disturbed.',
      away: 'The person you are calling is away.',
      closed: 'Our office is closed.',
    },
    leave: 'Please leave a message after the tone, then press the hash key or hang up.',
    full: 'This mailbox is full and takes no more messages.',
    thanks: 'Thank you. Your message has been stored.',
  },
  fr: {
    away: {
      default: 'Votre correspondant n’est pas disponible.',
      'no-answer': 'Votre correspondant ne répond pas.',
      busy: 'Votre correspondant est déjà en communication.',
      dnd: 'Votre correspondant ne souhaite pas être dérangé.',
      away: 'Votre correspondant est absent.',
      closed: 'Nos bureaux sont fermés.',
    },
    leave: 'Laissez un message après le bip, puis appuyez sur dièse ou raccrochez.',
    full: 'Cette messagerie est pleine et n’accepte plus de messages.',
    thanks: 'Merci. Votre message est enregistré.',
  },
  it: {
    away: {
      default: 'La persona chiamata non è disponibile.',
      'no-answer': 'La persona chiamata non risponde.',
      busy: 'La persona chiamata è impegnata in un’altra conversazione.',
      dnd: 'La persona chiamata non desidera essere disturbata.',
      away: 'La persona chiamata è assente.',
      closed: 'I nostri uffici sono chiusi.',
    },
    leave: 'Lasciate un messaggio dopo il segnale acustico, poi premete cancelletto o riagganciate.',
    full: 'Questa casella è piena e non accetta altri messaggi.',
    thanks: 'Grazie. Il messaggio è stato registrato.',
  },
};

const wordsIn = (language: string): Words => WORDS[language.slice(0, 2)] ?? WORDS.en!;
const spoken = (text: string, language: string): Prompt => ({
  items: [{ type: 'text', text, language: WORDS[language.slice(0, 2)] ? language : 'en' }],
  bargeIn: true,
});

/** Why nobody answers, and what to do. */
export const greetingWords = (state: AbsenceState, language: string): Prompt => {
  const { away, leave } = wordsIn(language);
  return spoken(`${away[state]} ${leave}`, language);
};
export const leaveWords = (language: string): Prompt => spoken(wordsIn(language).leave, language);
export const fullWords = (language: string): Prompt => spoken(wordsIn(language).full, language);
export const thanksWords = (language: string): Prompt => spoken(wordsIn(language).thanks, language);
